"""What a merchant's page is made of, as values. ``docs/adding.md`` shows how."""

from admin.kit.nav import NavPage, NavSection, nav_of
from admin.kit.page import MENU, Page, Part, Plain, Section

__all__ = ["MENU", "NavPage", "NavSection", "Page", "Part", "Plain", "Section", "nav_of"]
