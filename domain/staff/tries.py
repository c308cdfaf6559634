"""Tries of a secret: each is counted by one conditional UPDATE before it is checked.

The rules, with their reasons in docs/algorithms/sign-in.md (see also ADR 0043):

- Five wrong tries at one place (a device, a session, or for strangers the address) lock that login
  at that place for 15 minutes.
- All strangers together have 20 tries of a login a day, then one a minute, and from 100 on one in
  15 minutes. Devices have the same together, and so have open sessions, so that none of the three
  uses up another's tries.
- A login that does not exist is counted in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import Case

from domain import audit
from domain.notices import notify_owner
from domain.staff.notices import StaffGuessed
from kernel import clock
from kernel.errors import Busy, LimitReached
from kernel.ids import digest
from kernel.store import insert_once
from models import SecretTry, Staff

TRIES = 5
LOCKED = timedelta(minutes=15)
DAY = timedelta(days=1)
FREE = 20
MANY = 100
PACE = timedelta(minutes=1)
SLOW_PACE = timedelta(minutes=15)
LEASE = timedelta(seconds=30)
NOTED_FROM = 10
_AHEAD = timedelta(hours=1)
"""A row this far ahead of the clock counts as old: the clock was set back since."""

Door = Literal["password", "code", "step", "change"]
Kind = Literal["origin", "device", "session"]


@dataclass(frozen=True)
class Place:
    """The place of a try: an address's key, a known device's id or a session's id."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Try:
    """A counted try; ``end_try`` must follow."""

    lane: str
    wide: str
    staff_id: int | None
    door: Door
    place: Place


@dataclass(frozen=True)
class Guessed:
    """How often an account's secrets were entered wrong within a day, and when last."""

    staff_id: int
    tries: int
    last_at: datetime


def begin_try(
    door: Door, login: str, place: Place, staff_id: int | None, *, is_held: bool = False
) -> Try:
    """Count a try. ``is_held``: the check runs outside, one at a time for a login and place.

    Raises LimitReached('sign_in_locked', until, minutes), LimitReached('sign_in_slow', until), or
    Busy('sign_in_busy', seconds) while another try is checked; nothing is counted then.
    """
    lane, wide = _key(door, login, place.kind, place.name), _key(door, login, place.kind, "*")
    named = {"login_hash": digest(login), "staff": staff_id}
    for key, is_wide in ((lane, False), (wide, True)):
        if not SecretTry.select().where(SecretTry.key == key).exists():
            now = clock.now()
            insert_once(SecretTry, key=key, is_wide=is_wide, since_at=now, last_at=now, **named)
    _count(lane, is_held=is_held)
    _count_wide(wide)
    return Try(lane, wide, staff_id, door, place)


def end_try(each: Try, *, is_right: bool) -> None:
    """End a try: a right one is not counted and unlocks the place; a wrong one may be reported."""
    row = SecretTry.key == each.lane
    if is_right:
        SecretTry.update(tries=0, checking_until=None).where(row).execute()
        counted = (SecretTry.key == each.wide) & (SecretTry.tries > 0)
        SecretTry.update(tries=SecretTry.tries - 1).where(counted).execute()
        return
    SecretTry.update(checking_until=None).where(row).execute()
    if each.staff_id is not None:
        _report_locked(each)


def _report_locked(each: Try) -> None:
    """Record a locked place; notify the owner once of many wrong tries."""
    counts = {row.key: row.tries for row in SecretTry.select().where(
        SecretTry.key.in_((each.lane, each.wide)))}  # fmt: skip
    facts = {"door": each.door, "from": each.place.kind}
    if counts[each.lane] >= TRIES:
        audit.record_event("staff.locked", "staff", each.staff_id or 0, facts=facts)
    if counts[each.wide] == NOTED_FROM:
        who = Staff.get_by_id(each.staff_id).name
        notify_owner(StaffGuessed(who=who, door=each.door, tries=NOTED_FROM))


def unlock_login(login: str) -> None:
    """Lift all locks of a login."""
    SecretTry.delete().where(SecretTry.login_hash == digest(login)).execute()


def list_guessed(least: int = NOTED_FROM) -> list[Guessed]:
    """Accounts with at least ``least`` wrong tries within the last day, over all places."""
    recent = SecretTry.is_wide & (SecretTry.tries >= least)
    rows: dict[int, Guessed] = {}
    for row in SecretTry.select().where(recent & (SecretTry.last_at > clock.now() - DAY)):
        if row.staff_id is not None:
            before = rows.get(row.staff_id, Guessed(row.staff_id, 0, row.last_at))
            last = max(before.last_at, row.last_at)
            rows[row.staff_id] = Guessed(row.staff_id, before.tries + row.tries, last)
    return list(rows.values())


def delete_old_tries(limit: int = 2_000) -> int:
    """Delete counts that are two days old; returns how many."""
    old = SecretTry.select(SecretTry.id).where(SecretTry.last_at < clock.now() - 2 * DAY)
    ids = [row.id for row in old.limit(limit)]
    return int(SecretTry.delete().where(SecretTry.id.in_(ids)).execute()) if ids else 0


def _key(*parts: str) -> str:
    return digest("\0".join(parts))


def _is_old(column: Any, age: timedelta) -> Any:
    now = clock.now()
    return (column <= now - age) | (column > now + _AHEAD)


def _count(key: str, *, is_held: bool) -> None:
    """Count a try at a place; after 15 minutes without one the count starts again."""
    is_old, busy_at = _is_old(SecretTry.last_at, LOCKED), clock.system_now()
    changes: Mapping[str, Any] = {
        "tries": Case(None, [(is_old, 1)], SecretTry.tries + 1),
        "last_at": clock.now(),
        "checking_until": busy_at + LEASE if is_held else None,
    }
    is_free = SecretTry.checking_until.is_null() | (SecretTry.checking_until <= busy_at)
    is_open = is_old | (SecretTry.tries < TRIES)
    mine = SecretTry.key == key
    if SecretTry.update(**changes).where(mine & is_free & is_open).execute() == 1:
        return
    row = SecretTry.get(mine)
    if row.tries < TRIES:
        raise Busy("sign_in_busy", seconds=2)
    _refuse("sign_in_locked", row.last_at + LOCKED)


def _count_wide(key: str) -> None:
    """Count a try over all places of a kind; a day after the first the count starts again."""
    is_old = _is_old(SecretTry.since_at, DAY)
    is_open = (
        is_old
        | (SecretTry.tries < FREE)
        | ((SecretTry.tries < MANY) & _is_old(SecretTry.last_at, PACE))
        | _is_old(SecretTry.last_at, SLOW_PACE)
    )
    now, mine = clock.now(), SecretTry.key == key
    changes: Mapping[str, Any] = {
        "tries": Case(None, [(is_old, 1)], SecretTry.tries + 1),
        "since_at": Case(None, [(is_old, SecretTry.since_at.to_value(now))], SecretTry.since_at),
        "last_at": now,
    }
    if SecretTry.update(**changes).where(mine & is_open).execute() == 1:
        return
    row = SecretTry.get(mine)
    _refuse("sign_in_slow", row.last_at + (PACE if row.tries < MANY else SLOW_PACE))


def _refuse(code: str, until: datetime) -> None:
    minutes = max(-(-int((until - clock.now()).total_seconds()) // 60), 1)
    raise LimitReached(code, until=until.astimezone(clock.SHANGHAI), minutes=minutes)
