"""Browsers with a complete earlier sign-in (登录过的设备).

A known device does not replace password or code. Its tries are counted separately, so that
strangers who try an account's secrets can't lock its owner out. See ADR 0043.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import audit
from domain.staff.tries import Place
from kernel import clock, context
from kernel.crypto import vault
from kernel.errors import Invalid, NotFound
from kernel.ids import digest, token
from models import StaffDevice, StaffSession

KEPT = timedelta(days=180)
_PURPOSE = "staff-device"


@dataclass(frozen=True)
class Caller:
    """The caller: the address's key, the device cookie ('' if none), the browser's name."""

    origin: str
    cookie: str = ""
    agent: str = ""

    @property
    def device_hash(self) -> str:
        """The stored form of the device; '' for an unknown device or a forged cookie."""
        try:
            return digest(vault().verify(_PURPOSE, self.cookie)) if self.cookie else ""
        except Invalid:
            return ""


@dataclass(frozen=True)
class DeviceView:
    """A known device, for its owner; ``sessions`` is the number of its open sessions."""

    id: int
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    sessions: int


@dataclass(frozen=True)
class SessionView:
    """An open session, for its owner."""

    id: int
    device_id: int | None
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime


def place_of(staff_id: int | None, caller: Caller) -> Place:
    """The place where a try is counted: the account's known device, else the caller's address."""
    device_hash = caller.device_hash
    if device_hash and staff_id is not None:
        mine = (StaffDevice.token_hash == device_hash) & (StaffDevice.staff == staff_id)
        row = StaffDevice.get_or_none(mine & (StaffDevice.seen_at > clock.now() - KEPT))
        if row is not None:
            return Place("device", str(row.id))
    return Place("origin", caller.origin)


def remember_device(staff_id: int, caller: Caller) -> tuple[int, str]:
    """Remember the browser of a complete sign-in; returns the device's id and its new cookie.

    The token changes with every sign-in, for all accounts that use the browser, so that a planted
    or copied cookie is invalid afterwards.
    """
    before, fresh, now = caller.device_hash, token(), clock.now()
    kept = digest(fresh)
    if before:
        StaffDevice.update(token_hash=kept).where(StaffDevice.token_hash == before).execute()
    seen = {"ip": context.client_ip.get() or "-", "user_agent": caller.agent[:200], "seen_at": now}
    mine = (StaffDevice.token_hash == kept) & (StaffDevice.staff == staff_id)
    if StaffDevice.update(**seen).where(mine).execute() == 0:
        StaffDevice.insert(token_hash=kept, staff=staff_id, created_at=now, **seen).execute()
    return int(StaffDevice.get(mine).id), vault().sign(_PURPOSE, fresh)


def list_devices(staff_id: int) -> list[DeviceView]:
    """An account's known devices, the last used first."""
    rows = StaffDevice.select().where(StaffDevice.staff == staff_id)
    open_on = [each.device_id for each in list_sessions(staff_id)]
    return [
        DeviceView(
            row.id, row.user_agent, row.ip, row.created_at, row.seen_at, open_on.count(row.id)
        )
        for row in rows.order_by(StaffDevice.seen_at.desc()).limit(50)
    ]


def list_sessions(staff_id: int) -> list[SessionView]:
    """An account's open sessions, the last used first."""
    rows = StaffSession.select().where(
        (StaffSession.staff == staff_id) & (StaffSession.expires_at > clock.now())
    )
    return [
        SessionView(r.id, r.device_id, r.user_agent, r.ip, r.created_at, r.seen_at)
        for r in rows.order_by(StaffSession.seen_at.desc()).limit(50)
    ]


def forget_device(staff_id: int, device_id: int) -> None:
    """Forget a device and end its sessions. Raises NotFound('device_missing')."""
    mine = (StaffDevice.id == device_id) & (StaffDevice.staff == staff_id)
    if not StaffDevice.select().where(mine).exists():
        raise NotFound("device_missing")
    StaffSession.delete().where(StaffSession.device == device_id).execute()
    StaffDevice.delete().where(mine).execute()
    audit.record("staff.device_forgotten", "staff", staff_id)


def end_own_session(staff_id: int, session_id: int) -> None:
    """End one of an account's own sessions, on any device."""
    mine = (StaffSession.id == session_id) & (StaffSession.staff == staff_id)
    StaffSession.delete().where(mine).execute()


def sign_out_everywhere(staff_id: int) -> None:
    """End all sessions of an account and forget its devices, for instance after a theft."""
    StaffSession.delete().where(StaffSession.staff == staff_id).execute()
    forget_devices(staff_id)
    audit.record("staff.signed_out", "staff", staff_id)


def forget_devices(staff_id: int, *, keep: int | None = None) -> None:
    """Forget an account's devices, all or all but one; the caller has ended the sessions."""
    mine = StaffDevice.staff == staff_id
    if keep is not None:
        mine &= StaffDevice.id != keep
    StaffDevice.delete().where(mine).execute()


def delete_old_devices(limit: int = 2_000) -> int:
    """Delete sessions ended a day ago and devices unused for half a year; returns how many."""
    now = clock.now()
    ended = StaffSession.select(StaffSession.id).where(
        StaffSession.expires_at < now - timedelta(days=1)
    )
    ids = [row.id for row in ended.limit(limit)]
    gone = StaffSession.delete().where(StaffSession.id.in_(ids)).execute() if ids else 0
    in_use = StaffSession.select(StaffSession.device).where(StaffSession.device.is_null(False))
    old = StaffDevice.select(StaffDevice.id).where(
        (StaffDevice.seen_at < now - KEPT) & StaffDevice.id.not_in(in_use)
    )
    ids = [row.id for row in old.limit(limit)]
    gone += StaffDevice.delete().where(StaffDevice.id.in_(ids)).execute() if ids else 0
    return int(gone)
