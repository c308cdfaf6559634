"""The parts of which the merchant's pages are built; ``docs/adding.md`` shows how."""

from admin.kit.page import MENU, Page, Part, Plain, Section

__all__ = ["MENU", "Page", "Part", "Plain", "Section"]
