"""The notice to a member whose data leaked (泄露告知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from domain.notices import MemberNotice, Number, Occasion, Text
from models import Leak


@dataclass(frozen=True, kw_only=True)
class DataLeaked(MemberNotice):
    """Data of the member may have leaked: what, the harm, what was done, what to do, whom to ask.

    It has the parts that article 57 asks for; the page has all of them in full.
    """

    KEY: ClassVar[str] = "data_leaked"
    PAGE: ClassVar[str] = "/m/me/leaks/{leak_no}"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    leak_no: Number

    @property
    def what(self) -> Text:
        """What leaked."""
        return self._said("what")

    @property
    def harm(self) -> Text:
        """What harm is possible."""
        return self._said("harm")

    @property
    def advice(self) -> Text:
        """What the member can do."""
        return self._said("advice")

    @property
    def contact(self) -> Text:
        """Whom to ask."""
        return self._said("contact")

    def _said(self, name: str) -> str:
        row: Any = Leak.get_or_none(Leak.leak_no == self.leak_no)
        return "" if row is None else str(getattr(row, name))
