"""The tables, one file per domain. They are imported from ``models`` only."""
