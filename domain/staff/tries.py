"""Tries of a secret: each is counted by one conditional UPDATE before it is checked.

Rules, with the reasons in docs/algorithms/sign-in.md:

- At one place (a device, a session, or for strangers the address) five wrong tries close the
  door for that login and that place for a quarter of an hour.
- All strangers together have twenty tries a day, then one a minute, and from a hundred on one in
  a quarter of an hour. Devices have the same among themselves, and so have open sessions, so that
  none of the three takes another's.
- A login that does not exist is counted alike.
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
"""A row this far ahead of the clock is of a clock that was moved back: it counts as old."""

Door = Literal["password", "code", "step", "change"]
Kind = Literal["origin", "device", "session"]


@dataclass(frozen=True)
class Place:
    """From where somebody tries: an address's key, a known device's id or a session's id."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Try:
    """A counted try, to be ended by ``end_try``."""

    lane: str
    wide: str
    staff_id: int | None
    door: Door
    place: Place


@dataclass(frozen=True)
class Guessed:
    """How often an account's secrets were typed wrong within a day, and when last."""

    staff_id: int
    tries: int
    last_at: datetime


def begin_try(
    door: Door, login: str, place: Place, staff_id: int | None, *, is_held: bool = False
) -> Try:
    """Count a try. ``is_held``: the check happens outside, one at a time for a login and place.

    Nothing is counted when it raises: LimitReached("sign_in_locked", until, minutes),
    LimitReached("sign_in_slow", until), or Busy("sign_in_busy", seconds) while another is checked.
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
    """A right one gives its count back and opens the place; a wrong one that locks is noted."""
    row = SecretTry.key == each.lane
    if is_right:
        SecretTry.update(tries=0, checking_until=None).where(row).execute()
        counted = (SecretTry.key == each.wide) & (SecretTry.tries > 0)
        SecretTry.update(tries=SecretTry.tries - 1).where(counted).execute()
        return
    SecretTry.update(checking_until=None).where(row).execute()
    if each.staff_id is not None:
        _tell(each)


def _tell(each: Try) -> None:
    """A place that is closed now is on record; the owner hears of many wrong tries, once."""
    counts = {row.key: row.tries for row in SecretTry.select().where(
        SecretTry.key.in_((each.lane, each.wide)))}  # fmt: skip
    facts = {"door": each.door, "from": each.place.kind}
    if counts[each.lane] >= TRIES:
        audit.record_event("staff.locked", "staff", each.staff_id or 0, facts=facts)
    if counts[each.wide] == NOTED_FROM:
        who = Staff.get_by_id(each.staff_id).name
        notify_owner(StaffGuessed(who=who, door=each.door, tries=NOTED_FROM))


def forget_tries(login: str) -> None:
    """Lift whatever is locked for a login."""
    SecretTry.delete().where(SecretTry.login_hash == digest(login)).execute()


def guessed(least: int = NOTED_FROM) -> list[Guessed]:
    """Accounts whose secrets were typed wrong so often within the last day, wherever."""
    recent = SecretTry.is_wide & (SecretTry.tries >= least)
    rows: dict[int, Guessed] = {}
    for row in SecretTry.select().where(recent & (SecretTry.last_at > clock.now() - DAY)):
        if row.staff_id is not None:
            before = rows.get(row.staff_id, Guessed(row.staff_id, 0, row.last_at))
            last = max(before.last_at, row.last_at)
            rows[row.staff_id] = Guessed(row.staff_id, before.tries + row.tries, last)
    return list(rows.values())


def sweep_tries(limit: int = 2_000) -> int:
    """Delete counts that are two days old; answers how many."""
    old = SecretTry.select(SecretTry.id).where(SecretTry.last_at < clock.now() - 2 * DAY)
    ids = [row.id for row in old.limit(limit)]
    return int(SecretTry.delete().where(SecretTry.id.in_(ids)).execute()) if ids else 0


def _key(*parts: str) -> str:
    return digest("\0".join(parts))


def _is_old(column: Any, age: timedelta) -> Any:
    now = clock.now()
    return (column <= now - age) | (column > now + _AHEAD)


def _count(key: str, *, is_held: bool) -> None:
    """One more try at a place. After a quarter of an hour without one it begins anew."""
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
    """One more try of all places of a kind; a day after the first they are counted anew."""
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
