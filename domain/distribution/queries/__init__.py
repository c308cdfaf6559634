"""Distribution's reads for pages; they answer the frozen dataclasses of ``views``."""
