"""The port to which gateways report refusals and successes of calls."""

from __future__ import annotations

from typing import Protocol

from kernel.refusals import Side


class RefusalBook(Protocol):
    """Takes reports; it never waits or fails and costs next to nothing."""

    def record_refusal(
        self, side: Side, call: str, code: str, *, detail: str = "", subject: str = ""
    ) -> None:
        """WeChat refused a call. ``subject`` is what it was about (a template's id)."""

    def record_success(self, side: Side, call: str, *, subject: str = "") -> None:
        """WeChat accepted a call, which ends earlier refusals of the same call."""


class NoBook:
    """Keeps nothing; for commands and tests without a database."""

    def record_refusal(
        self, side: Side, call: str, code: str, *, detail: str = "", subject: str = ""
    ) -> None:
        """Does nothing."""

    def record_success(self, side: Side, call: str, *, subject: str = "") -> None:
        """Does nothing."""
