"""Signing in and staying signed in: twelve hours, one hour idle, a code again for what matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import audit
from domain.staff.rules import needs_totp, rights_of
from domain.staff.service import check_sign_in, check_totp
from kernel import clock, context
from kernel.crypto import vault
from kernel.errors import Invalid
from kernel.ids import digest, token
from models import Staff, StaffSession

SESSION = timedelta(hours=12)
IDLE = timedelta(hours=1)
CONFIRMED = timedelta(minutes=10)
HALF_WAY = timedelta(minutes=5)


@dataclass(frozen=True)
class StaffSessionInfo:
    """Who is signed in to the merchant's pages."""

    id: int
    staff_id: int
    login: str
    name: str
    roles: tuple[str, ...]
    rights: frozenset[str]
    confirmed_at: datetime | None
    flash: str | None
    is_care_mode: bool = False

    def may(self, right: str) -> bool:
        """True if a role of this person holds the right."""
        return right in self.rights

    def is_fresh(self) -> bool:
        """True if a one-time code was given within ten minutes, or none is needed."""
        if not needs_totp(self.roles):
            return True
        return self.confirmed_at is not None and clock.now() - self.confirmed_at < CONFIRMED


@dataclass(frozen=True)
class SignIn:
    """How far a sign-in came: a session's cookie, or a ticket that asks for the code."""

    cookie: str | None
    ticket: str | None


def begin_sign_in(login: str, password: str, user_agent: str) -> SignIn:
    """Login and password. Owner and finance get a ticket for the second step."""
    row = check_sign_in(login, password)
    if row.sealed_totp is not None:
        until = int((clock.now() + HALF_WAY).timestamp())
        return SignIn(None, vault().sign("half-way", f"{row.id}:{until}"))
    return SignIn(_open(row, user_agent, confirmed=False), None)


def finish_sign_in(ticket: str, code: str, user_agent: str) -> str:
    """The one-time code; answers the session's cookie. Raises Invalid."""
    staff_id, _, until = vault().verify("half-way", ticket).partition(":")
    if clock.timestamp() > int(until):
        raise Invalid("sign_in_late")
    check_totp(int(staff_id), code)
    return _open(Staff.get_by_id(int(staff_id)), user_agent, confirmed=True)


def find_staff_session(cookie: str) -> StaffSessionInfo | None:
    """The live session of a cookie."""
    row = StaffSession.get_or_none(StaffSession.token_hash == digest(cookie))
    now = clock.now()
    if row is None or row.expires_at <= now or now - row.seen_at > IDLE:
        return None
    staff = Staff.get_by_id(row.staff_id)
    if staff.state != "active":
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
    )


def see_session(session_id: int) -> None:
    """Note that a session is in use; called now and then."""
    StaffSession.update(seen_at=clock.now()).where(StaffSession.id == session_id).execute()


def mark_confirmed(session_id: int, staff_id: int, code: str) -> None:
    """Give the one-time code again before a step that matters."""
    check_totp(staff_id, code)
    StaffSession.update(confirmed_at=clock.now()).where(StaffSession.id == session_id).execute()


def set_staff_flash(session_id: int, text: str | None) -> None:
    """A line that the next page shows once."""
    StaffSession.update(flash=text).where(StaffSession.id == session_id).execute()


def end_session(session_id: int) -> None:
    """Sign out."""
    StaffSession.delete().where(StaffSession.id == session_id).execute()


def _open(row: Staff, user_agent: str, *, confirmed: bool) -> str:
    cookie, now = token(), clock.now()
    StaffSession.insert(
        token_hash=digest(cookie),
        staff=row.id,
        ip=context.client_ip.get() or "-",
        user_agent=user_agent[:200],
        confirmed_at=now if confirmed else None,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION,
    ).execute()
    Staff.update(failures=0, locked_until=None).where(Staff.id == row.id).execute()
    audit.record("staff.sign_in", "staff", row.id, actor=f"staff:{row.login}")
    return cookie
