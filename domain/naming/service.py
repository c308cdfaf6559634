"""The guarded words, and the verdict about a name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain import settings
from domain.naming.rules import RESERVED, REVIEWED, Guarded, Verdict, house_names, judge_name
from kernel.errors import Invalid


class Names(settings.Switches):
    """Words that a member's name must not be, and words that need a review (名称保护)."""

    KEY: ClassVar[str] = "names"
    reserved: tuple[str, ...] = Field(default=RESERVED, max_length=200)
    reviewed: tuple[str, ...] = Field(default=REVIEWED, max_length=200)


_house_names: tuple[str, ...] = ()


def set_house_names(*configured: str) -> None:
    """Set the names of brand and company, once at the start, from the configuration."""
    global _house_names
    _house_names = house_names(*configured)


def verdict_on(name: str) -> Verdict:
    """The verdict about a name by the words guarded now."""
    kept = settings.get(Names)
    return judge_name(name, Guarded(kept.reserved, kept.reviewed, _house_names))


def check_name(name: str, field: str) -> Verdict:
    """The verdict ``free`` or ``review``. Raises Invalid('name_reserved') for a refused name."""
    found = verdict_on(name)
    if found == "refused":
        raise Invalid("name_reserved", field)
    return found
