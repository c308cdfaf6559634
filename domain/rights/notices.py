"""Notices about requests, by whatever way WeChat allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import MemberNotice, Number, Occasion, OwnerNotice, Text
from domain.rights.rules import Outcome, RequestKind, Stop
from models import RightsRequest


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(MemberNotice):
    """A request was carried out or refused (请求已答复)."""

    KEY: ClassVar[str] = "request_answered"
    PAGE: ClassVar[str] = "/m/me/requests/{request_no}"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    request_no: Number
    kind: RequestKind
    outcome: Outcome

    @property
    def answer(self) -> Text:
        """What staff answered; '' if the program carried it out."""
        row = RightsRequest.get_or_none(RightsRequest.request_no == self.request_no)
        return (row.answer or "") if row is not None else ""


@dataclass(frozen=True, kw_only=True)
class RequestMadeForYou(MemberNotice):
    """Staff recorded a request in the member's name (客服已代提).

    Whoever did not ask for it takes it back on its page.
    """

    KEY: ClassVar[str] = "request_made_for_you"
    PAGE: ClassVar[str] = "/m/me/requests/{request_no}"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    request_no: Number
    kind: RequestKind


@dataclass(frozen=True, kw_only=True)
class DeletionStopped(MemberNotice):
    """A deletion waits, since something stands against it (注销暂停)."""

    KEY: ClassVar[str] = "deletion_stopped"
    PAGE: ClassVar[str] = "/m/me/delete"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    request_no: Number
    stop: Stop


@dataclass(frozen=True, kw_only=True)
class DeletionBegins(MemberNotice):
    """The last notice before a deletion; afterwards there is no way to the person (即将注销)."""

    KEY: ClassVar[str] = "deletion_begins"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    request_no: Number


@dataclass(frozen=True, kw_only=True)
class RequestCame(OwnerNotice):
    """A request that staff have to answer came in (个人信息请求)."""

    KEY: ClassVar[str] = "request_came"
    PAGE: ClassVar[str] = "/admin/requests/{request_no}"
    request_no: Number
    kind: RequestKind
