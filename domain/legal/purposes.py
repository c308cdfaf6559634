"""What a member agrees to, purpose by purpose, each by itself and withdrawable (授权).

The text that is agreed to is the privacy policy; a consent names its version. Delivery, payment
and the account itself need no consent: they are the contract. What a distributor may see is asked
by ``domain/distribution``, and what a document demands by ``agreements.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain import members
from domain.legal import statements
from domain.legal.queries import version_in_force
from domain.members import ConsentRow, MemberView
from kernel.errors import Invalid

MARKETING, PROFILE, NO_PROFILING = "marketing", "profile", members.NO_PROFILING
LOCATION, DEALER, STORE = "location", "dealer", "store"
TEXT_VERSION = "2026-12"
"""Of the notes on location, dealer and store; a changed note needs a new one."""

_ASKED: set[str] = set()


@dataclass(frozen=True)
class PurposeView:
    """A purpose with a member's present answer."""

    name: str
    is_on: bool
    since: datetime | None
    """When it was agreed to, or withdrawn; None if it was never asked."""
    version: int
    """The version of the privacy policy at that time, 0 for none."""


@dataclass(frozen=True)
class Purpose:
    """How a purpose is read and changed."""

    read: Callable[[MemberView, list[ConsentRow]], tuple[bool, datetime | None]]
    agree: Callable[[int], None]
    withdraw: Callable[[int], None]
    is_on_demand: bool = False
    """Shown only where something of the shop asks for it, or to those who once agreed."""


def ask_for(*names: str) -> None:
    """Some part of the shop asks for these purposes, so members may agree to them.

    Called where the part is connected. Raises Invalid('purpose_unknown').
    """
    if not set(names) <= set(PURPOSES):
        raise Invalid("purpose_unknown", "purpose")
    _ASKED.update(names)


def purposes_of(member_id: int) -> list[PurposeView]:
    """Every purpose that is asked for, or was once answered, with a member's answer to it."""
    member = members.member_detail(member_id)
    found = []
    for name, purpose in PURPOSES.items():
        rows = members.consent_rows(member_id, name)
        if purpose.is_on_demand and name not in _ASKED and not rows:
            continue
        is_on, since = purpose.read(member, rows)
        found.append(PurposeView(name, is_on, since, _version_at(since)))
    return found


def decide_purpose(member_id: int, name: str, *, is_on: bool) -> None:
    """Agree to a purpose or withdraw from it; the others stay as they are.

    Raises Invalid('purpose_unknown').
    """
    purpose = PURPOSES.get(name)
    if purpose is None or (is_on and purpose.is_on_demand and name not in _ASKED):
        raise Invalid("purpose_unknown", "purpose")
    (purpose.agree if is_on else purpose.withdraw)(member_id)


def consent_to_profile(member_id: int) -> None:
    """Keep that a member gave a name or a picture of their own will."""
    members.give_consent(member_id, PROFILE, str(version_in_force("privacy").number))


def _marketing(member: MemberView, _: list[ConsentRow]) -> tuple[bool, datetime | None]:
    is_on = member.wants_promotions
    return is_on, member.push_agreed_at if is_on else member.push_stopped_at


def _profile(member: MemberView, rows: list[ConsentRow]) -> tuple[bool, datetime | None]:
    is_on = bool(member.nickname or member.avatar)
    return is_on, _since(rows, is_on=is_on)


def _profiling(_: MemberView, rows: list[ConsentRow]) -> tuple[bool, datetime | None]:
    has_objected = any(row.withdrawn_at is None for row in rows)
    return not has_objected, _since(rows, is_on=has_objected)


def _since(rows: list[ConsentRow], *, is_on: bool) -> datetime | None:
    at = [row.given_at if is_on else row.withdrawn_at for row in rows]
    return max((each for each in at if each is not None), default=None)


def _version_at(instant: datetime | None) -> int:
    row = None if instant is None else statements.in_force.first("privacy", instant)
    return 0 if row is None else int(row.number)


def _forget_profile(member_id: int) -> None:
    members.forget_profile(member_id)
    if not members.agreed_versions(member_id, PROFILE):
        consent_to_profile(member_id)  # given before consents were kept: the withdrawal has a row
    members.withdraw_consent(member_id, PROFILE)


def _object(member_id: int) -> None:
    version = str(version_in_force("privacy").number)
    members.give_consent(member_id, NO_PROFILING, version)


def _no_longer_object(member_id: int) -> None:
    members.withdraw_consent(member_id, NO_PROFILING)


def _given(_: MemberView, rows: list[ConsentRow]) -> tuple[bool, datetime | None]:
    is_on = any(row.withdrawn_at is None for row in rows)
    return is_on, _since(rows, is_on=is_on)


def _on_demand(name: str) -> Purpose:
    """A purpose that a consent alone stands for."""
    return Purpose(
        _given,
        partial(members.give_consent, purpose=name, version=TEXT_VERSION),
        partial(members.withdraw_consent, purpose=name),
        is_on_demand=True,
    )


PURPOSES = {
    MARKETING: Purpose(_marketing, members.agree_to_promotions, members.stop_promotions),
    PROFILE: Purpose(_profile, consent_to_profile, _forget_profile),
    NO_PROFILING: Purpose(_profiling, _no_longer_object, _object),
    LOCATION: _on_demand(LOCATION),
    DEALER: _on_demand(DEALER),
    STORE: _on_demand(STORE),
}
"""In the order of the page. ``no_profiling`` is on unless somebody objects."""
