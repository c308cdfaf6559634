"""The merchant's words for the search (搜索词)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from domain.search.wanted import groups_of_synonyms
from domain.settings import Switches


class SearchWords(Switches):
    """Groups of equal words, one a line, such as '白酒=酒=烧酒' (同义词)."""

    KEY: ClassVar[str] = "search"
    synonyms: tuple[str, ...] = ()

    @field_validator("synonyms")
    @classmethod
    def _can_be_read(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        groups_of_synonyms(value)
        return value
