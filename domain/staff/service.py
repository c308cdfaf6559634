"""Staff accounts: made, changed and disabled, every step audited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from domain import audit
from domain.staff.rules import check_password, checked_roles, needs_totp
from kernel import clock
from kernel.crypto import vault
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.ids import random_code
from kernel.store import insert_once, lock_row
from models import Staff, StaffSession

_HASHER = PasswordHasher()
# Compared with when there is no such login, so that the answer takes as long.
_NOBODY = _HASHER.hash(random_code(20))
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
TRIES = 5
LOCKED = timedelta(minutes=15)
TOTP_STEP = 30


@dataclass(frozen=True)
class NewStaff:
    """A new account's secrets, shown once."""

    staff_id: int
    password: str
    totp_uri: str | None


@dataclass(frozen=True)
class StaffView:
    """A staff account as lists show it."""

    id: int
    login: str
    name: str
    roles: tuple[str, ...]
    state: str
    has_totp: bool
    created_at: datetime


def create_staff(
    login: str, name: str, roles: Iterable[str], password: str | None = None
) -> NewStaff:
    """Make an account with a password and, for owner and finance, a one-time-code secret."""
    if not _LOGIN.fullmatch(login):
        raise Invalid("login_bad", "login")
    wanted = checked_roles(roles)
    chosen = password or random_code(14)
    check_password(chosen, login)
    secret = pyotp.random_base32() if needs_totp(wanted) else None
    made = insert_once(
        Staff,
        login=login,
        name=name[:30],
        roles=wanted,
        created_at=clock.now(),
        password_hash=_HASHER.hash(chosen),
        sealed_totp=None if secret is None else _seal_totp(login, secret),
    )
    if not made:
        raise Conflict("login_taken", "login")
    row = Staff.get(Staff.login == login)
    audit.record("staff.create", "staff", row.id, after={"login": login, "roles": wanted})
    return NewStaff(row.id, chosen, None if secret is None else _uri(login, secret))


def check_sign_in(login: str, password: str) -> Staff:
    """The account of a right password. Locks for a quarter of an hour after five wrong ones.

    Raises LimitReached("sign_in_locked"), and Invalid("sign_in_bad") that does not say which part
    was wrong; its fact ``staff_id`` is for ``note_failure`` in a transaction of its own.
    """
    row = Staff.get_or_none(Staff.login == login.strip().lower())
    if row is not None:
        _check_lock(row)
    right = _is_right(row.password_hash if row is not None else _NOBODY, password)
    if row is None or not right or row.state != "active":
        raise Invalid("sign_in_bad", "password", staff_id=None if row is None else row.id)
    return row


def note_failure(staff_id: int) -> None:
    """Count a wrong password or code; the fifth locks the account."""
    row = lock_row(Staff, staff_id)
    if row is None:
        return
    failures = row.failures + 1
    locked = clock.now() + LOCKED if failures >= TRIES else row.locked_until
    Staff.update(failures=0 if failures >= TRIES else failures, locked_until=locked).where(
        Staff.id == staff_id
    ).execute()


def check_totp(staff_id: int, code: str) -> None:
    """A one-time code of this account, right now, used for the first time.

    Raises Invalid("totp_bad"), and LimitReached("sign_in_locked") after too many wrong ones.
    """
    row = lock_row(Staff, staff_id)
    if row is None or row.sealed_totp is None:
        raise Invalid("totp_bad", "code")
    _check_lock(row)
    totp = pyotp.TOTP(_open_totp(row))
    step = clock.timestamp() // TOTP_STEP
    digits = code.strip().replace(" ", "")
    for each in (step, step - 1, step + 1):
        if each > row.totp_last_step and pyotp.utils.strings_equal(
            digits, totp.at(each * TOTP_STEP)
        ):
            Staff.update(totp_last_step=each, failures=0, locked_until=None).where(
                Staff.id == staff_id
            ).execute()
            return
    raise Invalid("totp_bad", "code", staff_id=staff_id)


def change_password(staff_id: int, old: str, new: str) -> None:
    """Choose a new password; every other session of the account ends.

    Raises LimitReached("sign_in_locked"): who found a session open can't guess its password.
    """
    row = _get(staff_id)
    _check_lock(row)
    if not _is_right(row.password_hash, old):
        raise Invalid("password_wrong", "old", staff_id=staff_id)
    check_password(new, row.login)
    Staff.update(password_hash=_HASHER.hash(new)).where(Staff.id == staff_id).execute()
    _end_sessions(staff_id)
    audit.record("staff.password", "staff", staff_id)


def reset_password(staff_id: int) -> str:
    """A new password for who forgot theirs, shown once; sessions end, a lock is lifted."""
    row, chosen = _get(staff_id), random_code(14)
    Staff.update(password_hash=_HASHER.hash(chosen), failures=0, locked_until=None).where(
        Staff.id == row.id
    ).execute()
    _end_sessions(staff_id)
    audit.record("staff.password_reset", "staff", staff_id)
    return chosen


def set_roles(staff_id: int, roles: Iterable[str]) -> None:
    """Give an account other roles; the last owner stays one."""
    row, wanted = _get(staff_id), checked_roles(roles)
    if "owner" in row.roles and "owner" not in wanted:
        _keep_an_owner(staff_id)
    Staff.update(roles=wanted).where(Staff.id == staff_id).execute()
    _end_sessions(staff_id)
    audit.record("staff.roles", "staff", staff_id, before=row.roles, after=wanted)


def disable_staff(staff_id: int) -> None:
    """Close an account and its sessions."""
    row = _get(staff_id)
    if "owner" in row.roles:
        _keep_an_owner(staff_id)
    Staff.update(state="disabled").where(Staff.id == staff_id).execute()
    _end_sessions(staff_id)
    audit.record("staff.disable", "staff", staff_id)


def reset_totp(staff_id: int) -> str:
    """A new one-time-code secret; answers the address for the authenticator app, shown once."""
    row = _get(staff_id)
    secret = pyotp.random_base32()
    Staff.update(sealed_totp=_seal_totp(row.login, secret), totp_last_step=0).where(
        Staff.id == staff_id
    ).execute()
    _end_sessions(staff_id)
    audit.record("staff.totp", "staff", staff_id)
    return _uri(row.login, secret)


def demo_code(login: str) -> str:
    """The one-time code of an account right now, for the demo's terminal."""
    row = Staff.get_or_none(Staff.login == login)
    if row is None or row.sealed_totp is None:
        raise NotFound("staff_missing")
    return str(pyotp.TOTP(_open_totp(row)).at(clock.timestamp()))


def rewrap_totp() -> int:
    """After the installation's secret was changed, one-time secrets are sealed by the new one.

    Answers how many were (轮换).
    """
    done = 0
    for row in Staff.select().where(Staff.sealed_totp.is_null(False)):
        context, before = f"totp:{row.login}", row.sealed_totp or ""
        if not vault().is_current(before, context):
            sealed = vault().seal(vault().unseal(before, context), context)
            same = (Staff.id == row.id) & (Staff.sealed_totp == before)
            done += Staff.update(sealed_totp=sealed).where(same).execute()
    return done


def staff_list() -> list[StaffView]:
    """Every account."""
    return [staff_view(row) for row in Staff.select().order_by(Staff.id)]


def staff_view(row: Staff) -> StaffView:
    """An account without its secrets."""
    return StaffView(
        row.id,
        row.login,
        row.name,
        tuple(row.roles),
        row.state,
        row.sealed_totp is not None,
        row.created_at,
    )


def _check_lock(row: Staff) -> None:
    if row.locked_until is not None and row.locked_until > clock.now():
        raise LimitReached("sign_in_locked", minutes=LOCKED.seconds // 60)


def _keep_an_owner(staff_id: int) -> None:
    others = Staff.select().where((Staff.id != staff_id) & (Staff.state == "active"))
    if not any("owner" in row.roles for row in others):
        raise Conflict("last_owner")


def _get(staff_id: int) -> Staff:
    row = lock_row(Staff, staff_id)
    if row is None:
        raise NotFound("staff_missing")
    return row


def _end_sessions(staff_id: int) -> None:
    StaffSession.delete().where(StaffSession.staff == staff_id).execute()


def _is_right(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password[:200])
    except VerificationError:
        return False


def _seal_totp(login: str, secret: str) -> str:
    return vault().seal(secret.encode(), f"totp:{login}")


def _open_totp(row: Staff) -> str:
    assert row.sealed_totp is not None
    return vault().unseal(row.sealed_totp, f"totp:{row.login}").decode()


def _uri(login: str, secret: str) -> str:
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Fenmall"))
