"""Sign-in, the code before an important step, and a new password.

A verb counts the try and commits, the pool compares outside of any transaction, and a verb settles
(docs/algorithms/sign-in.md). A code is cheap to compare, so one verb does all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain import audit
from domain.staff.devices import Caller, forget_devices, place_of
from domain.staff.enrolment import begin_enrolment, keep_enrolment
from domain.staff.rules import check_password, needs_totp
from domain.staff.service import (
    NewStaff,
    create_staff,
    demo_code,
    end_sessions,
    new_password,
    reset_password,
    use_totp,
)
from domain.staff.sessions import Arrival, StaffSessionInfo, open_session
from domain.staff.tries import Place, Try, begin_try, end_try
from kernel import clock, context
from kernel.crypto import vault
from kernel.errors import Invalid
from kernel.ids import digest, random_code
from kernel.passwords import PasswordPool, dummy_hash
from kernel.store import Store, lock_row
from models import Staff, StaffSession

TICKET_VALID_FOR = timedelta(minutes=5)
_LONGEST_LOGIN = 40


@dataclass(frozen=True)
class SignIn:
    """The result of a password: a complete sign-in, or a ticket for the code.

    ``enrolment`` is the ticket for an account that has to set up a code first.
    """

    arrival: Arrival | None
    ticket: str | None
    enrolment: str | None = None


@dataclass(frozen=True)
class _Begun:
    """A counted try and the hash to compare with; for an unknown login a dummy hash."""

    counted: Try
    hashed: str


async def sign_in(
    store: Store, pool: PasswordPool, login: str, password: str, caller: Caller
) -> SignIn:
    """Sign in with login and password; an account with a one-time code gets a ticket.

    Raises Invalid('sign_in_bad'), which does not say which part was wrong, and what ``begin_try``
    and the pool raise: sign_in_locked, sign_in_slow, sign_in_busy.
    """
    name = login.strip().lower()[:_LONGEST_LOGIN]
    async with pool.turn(caller.origin, is_known=bool(caller.device_hash)):
        begun = await store.write(_begin_password, name, caller)
        right = await pool.is_right(begun.hashed, password)
        done = await store.write(_end_password, begun, right, caller)
    if done is None:
        raise Invalid("sign_in_bad", "password")
    return done


async def finish_sign_in(store: Store, ticket: str, code: str, caller: Caller) -> Arrival:
    """Complete a sign-in by its one-time code. Raises Invalid('totp_bad'), as ``begin_try``."""
    arrival = await store.write(_finish, ticket, code, caller)
    if arrival is None:
        raise Invalid("totp_bad", "code")
    return arrival


def finish_enrolment(ticket: str, code: str, caller: Caller) -> Arrival:
    """Complete a sign-in by a new secret's first code; no try is counted, as it is no guess."""
    staff_id = keep_enrolment(ticket, code)
    return open_session(Staff.get_by_id(staff_id), caller, confirmed=True)


async def confirm_by_code(store: Store, who: StaffSessionInfo, code: str) -> None:
    """Check the one-time code before an important step. Raises as ``finish_sign_in``."""
    if not await store.write(_confirm, who, code):
        raise Invalid("totp_bad", "code")


async def change_password(
    store: Store, pool: PasswordPool, who: StaffSessionInfo, old: str, new: str
) -> None:
    """Set a new password; all sessions of the account and all devices but this one end.

    Raises Invalid('password_wrong') and as ``begin_try``, which limits guesses in an open session.
    """
    check_password(new, who.login)
    async with pool.turn(f"staff:{who.staff_id}", is_known=True):
        begun = await store.write(_begin_change, who)
        right = await pool.is_right(begun.hashed, old)
        hashed = (await pool.make(new)).hashed if right else None
        done = await store.write(_end_change, begun, hashed, who)
    if not done:
        raise Invalid("password_wrong", "old")


async def create_staff_hashed(
    store: Store, pool: PasswordPool, login: str, name: str, roles: Sequence[str],
    password: str | None = None,
) -> NewStaff:  # fmt: skip
    """Create an account; its password is random unless given. Raises as ``create_staff``."""
    plain = new_password(login, password)
    async with pool.turn(context.actor.get(), is_known=True):
        chosen = await pool.make(plain)
    return await store.write(create_staff, login, name, roles, chosen)


async def reset_password_hashed(store: Store, pool: PasswordPool, staff_id: int) -> str:
    """Set a random password for a forgotten one; returns it, shown once. Raises NotFound."""
    async with pool.turn(context.actor.get(), is_known=True):
        chosen = await pool.make(random_code(14))
    await store.write(reset_password, staff_id, chosen)
    return chosen.plain


def _begin_password(login: str, caller: Caller) -> _Begun:
    row = Staff.get_or_none(Staff.login == login)
    staff_id = None if row is None else int(row.id)
    place = place_of(staff_id, caller)
    counted = begin_try("password", login, place, staff_id, is_held=True)
    return _Begun(counted, dummy_hash() if row is None else row.password_hash)


def _end_password(begun: _Begun, right: bool, caller: Caller) -> SignIn | None:
    row = Staff.get_or_none(Staff.id == begun.counted.staff_id)
    done = right and row is not None and _is_same(row, begun)
    end_try(begun.counted, is_right=done)
    return _sign_in_step(row, caller) if done and row is not None else None


def _sign_in_step(row: Staff, caller: Caller) -> SignIn:
    """The result of a right password."""
    if row.sealed_totp is not None:
        return SignIn(None, _ticket(row))
    if needs_totp(row.roles):
        return SignIn(None, None, begin_enrolment(row))
    return SignIn(open_session(row, caller, confirmed=False), None)


def _is_same(row: Staff, begun: _Begun) -> bool:
    """True if the account is active and its password did not change during the comparison."""
    return bool(row.state == "active" and row.password_hash == begun.hashed)


def _ticket(row: Staff) -> str:
    """A ticket for the second step; it is bound to the password, so that a new one ends it."""
    until = int((clock.now() + TICKET_VALID_FOR).timestamp())
    return vault().sign("half-way", _ticket_text(row, until))


def _ticket_text(row: Staff, until: int | str) -> str:
    return f"{row.id}:{until}:{digest(row.password_hash)[:16]}"


def _finish(ticket: str, code: str, caller: Caller) -> Arrival | None:
    row = _staff_of_ticket(ticket)
    lock_row(Staff, row.id)  # one at a time for an account: many at once would deadlock on MariaDB
    place = place_of(row.id, caller)
    if not _take_code(begin_try("code", row.login, place, row.id), row, code):
        return None
    return open_session(row, caller, confirmed=True)


def demo_code_of_ticket(ticket: str) -> str:
    """The present code of a ticket's account, for the demo's page. Raises Invalid."""
    return demo_code(_staff_of_ticket(ticket).login)


def _staff_of_ticket(ticket: str) -> Staff:
    """The account of a valid ticket. Raises Invalid('sign_in_late')."""
    text = vault().verify("half-way", ticket)
    staff_id, _, rest = text.partition(":")
    row = Staff.get_or_none(Staff.id == int(staff_id))
    until = rest.partition(":")[0]
    if row is None or row.state != "active" or row.sealed_totp is None:
        raise Invalid("sign_in_late")
    if clock.timestamp() > int(until) or text != _ticket_text(row, until):
        raise Invalid("sign_in_late")
    return row


def _confirm(who: StaffSessionInfo, code: str) -> bool:
    row = Staff.get_by_id(who.staff_id)
    if not _take_code(begin_try("step", row.login, _session(who), row.id), row, code):
        return False
    StaffSession.update(confirmed_at=clock.now()).where(StaffSession.id == who.id).execute()
    return True


def _take_code(counted: Try, row: Staff, code: str) -> bool:
    """Use a code; ``use_totp`` reads the newest step, since the try may have waited."""
    right = use_totp(row, code)
    end_try(counted, is_right=right)
    return right


def _begin_change(who: StaffSessionInfo) -> _Begun:
    row = Staff.get_by_id(who.staff_id)
    counted = begin_try("change", row.login, _session(who), row.id, is_held=True)
    return _Begun(counted, row.password_hash)


def _end_change(begun: _Begun, hashed: str | None, who: StaffSessionInfo) -> bool:
    same = (Staff.id == who.staff_id) & (Staff.password_hash == begun.hashed)
    is_open = (
        hashed is not None and StaffSession.select().where(StaffSession.id == who.id).exists()
    )
    done = is_open and Staff.update(password_hash=hashed).where(same).execute() == 1
    end_try(begun.counted, is_right=done)
    if done:
        end_sessions(who.staff_id)
        forget_devices(who.staff_id, keep=who.device_id)
        audit.record("staff.password", "staff", who.staff_id)
    return bool(done)


def _session(who: StaffSessionInfo) -> Place:
    return Place("session", str(who.id))
