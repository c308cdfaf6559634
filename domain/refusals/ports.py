"""Where gateways say that WeChat refused, or that a call passed."""

from __future__ import annotations

from typing import Protocol

from kernel.refusals import Side


class RefusalBook(Protocol):
    """Takes note at once; it never waits, never fails, and costs next to nothing."""

    def refused(
        self, side: Side, call: str, code: str, *, detail: str = "", subject: str = ""
    ) -> None:
        """WeChat refused a call. ``subject`` names what it was about (a template's id)."""

    def passed(self, side: Side, call: str, *, subject: str = "") -> None:
        """WeChat took a call: what it refused of the same call before is over."""


class NoBook:
    """For commands and tests without a database: nothing is kept."""

    def refused(
        self, side: Side, call: str, code: str, *, detail: str = "", subject: str = ""
    ) -> None:
        """Forgotten."""

    def passed(self, side: Side, call: str, *, subject: str = "") -> None:
        """Forgotten."""
