"""What a merchant's page is made of, as values. ``docs/adding.md`` shows how."""

from admin.kit.page import MENU, Page, Part, Plain, Section

__all__ = ["MENU", "Page", "Part", "Plain", "Section"]
