"""Staff sessions: twelve hours, one hour idle; important steps need the code again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import audit
from domain.staff.devices import Caller, remember_device
from domain.staff.rules import needs_totp, rights_of
from kernel import clock, context
from kernel.ids import digest, token
from models import Staff, StaffSession

SESSION = timedelta(hours=12)
IDLE = timedelta(hours=1)
CONFIRMED = timedelta(minutes=10)


@dataclass(frozen=True)
class StaffSessionInfo:
    """The staff member signed in to the merchant's pages."""

    id: int
    staff_id: int
    login: str
    name: str
    roles: tuple[str, ...]
    rights: frozenset[str]
    confirmed_at: datetime | None
    flash: str | None
    device_id: int | None = None
    is_care_mode: bool = False

    def may(self, right: str) -> bool:
        """True if a role of this person has the right."""
        return right in self.rights

    def is_fresh(self) -> bool:
        """True if a one-time code was given within ten minutes, or none is needed."""
        if not needs_totp(self.roles):
            return True
        return self.confirmed_at is not None and clock.now() - self.confirmed_at < CONFIRMED


@dataclass(frozen=True)
class Arrival:
    """A complete sign-in: the session's cookie and the device's."""

    cookie: str
    device: str


def find_staff_session(cookie: str) -> StaffSessionInfo | None:
    """The open session of a cookie; None also if the account lacks a one-time code it needs."""
    row = StaffSession.get_or_none(StaffSession.token_hash == digest(cookie))
    now = clock.now()
    if row is None or row.expires_at <= now or now - row.seen_at > IDLE:
        return None
    staff = Staff.get_by_id(row.staff_id)
    if staff.state != "active" or (staff.sealed_totp is None and needs_totp(staff.roles)):
        return None
    return StaffSessionInfo(
        row.id,
        staff.id,
        staff.login,
        staff.name,
        tuple(staff.roles),
        rights_of(staff.roles),
        row.confirmed_at,
        row.flash,
        row.device_id,
    )


def record_session_use(session_id: int) -> None:
    """Record that a session is in use; called now and then."""
    StaffSession.update(seen_at=clock.now()).where(StaffSession.id == session_id).execute()


def set_staff_flash(session_id: int, text: str | None) -> None:
    """Set a line that the next page shows once."""
    StaffSession.update(flash=text).where(StaffSession.id == session_id).execute()


def end_session(session_id: int) -> None:
    """Sign out."""
    StaffSession.delete().where(StaffSession.id == session_id).execute()


def open_session(row: Staff, caller: Caller, *, confirmed: bool) -> Arrival:
    """Open a session after all secrets were right; the browser becomes a known device."""
    cookie, now = token(), clock.now()
    device_id, device = remember_device(row.id, caller)
    StaffSession.insert(
        token_hash=digest(cookie),
        staff=row.id,
        device=device_id,
        ip=context.client_ip.get() or "-",
        user_agent=caller.agent[:200],
        confirmed_at=now if confirmed else None,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION,
    ).execute()
    audit.record("staff.sign_in", "staff", row.id, actor=f"staff:{row.login}")
    return Arrival(cookie, device)
