"""Notices about cases, to buyers and the owner (售后通知)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import Code, MemberNotice, Number, Occasion, OwnerNotice, Reason, Text

_PAGE = "/m/aftersales/{ticket_no}"


@dataclass(frozen=True, kw_only=True)
class CaseReturn(MemberNotice):
    """The return was approved: the goods go to ``address`` within ``days`` (同意退货)."""

    KEY: ClassVar[str] = "case_return"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "ticket"
    ticket_no: Number
    reason: Reason = ""
    address: Text = ""
    days: int = 7  # of a notice that was queued by a release without it


@dataclass(frozen=True, kw_only=True)
class CaseRejected(MemberNotice):
    """A case was rejected, with the reason that a person wrote or a Decision (售后未通过)."""

    KEY: ClassVar[str] = "case_rejected"
    PAGE: ClassVar[str] = _PAGE
    OCCASION: ClassVar[Occasion | None] = "ticket"
    ticket_no: Number
    reason: Reason = ""
    decision: Code = ""


@dataclass(frozen=True, kw_only=True)
class ReturnUnconfirmed(OwnerNotice):
    """A returned parcel was not confirmed in time (退货待核实)."""

    KEY: ClassVar[str] = "return_unconfirmed"
    PAGE: ClassVar[str] = "/admin/aftersales"
    ticket_no: Number
