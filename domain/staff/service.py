"""Staff accounts: created, changed, disabled; every change is audited."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyotp

from domain import audit
from domain.staff.devices import forget_devices
from domain.staff.rules import check_password, checked_roles, needs_totp
from domain.staff.tries import unlock_login
from kernel import clock, typed
from kernel.crypto import vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import random_code
from kernel.passwords import Password
from kernel.store import insert_once, lock_row
from models import Staff, StaffSession

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
TOTP_STEP = 30


@dataclass(frozen=True)
class NewStaff:
    """A new account's secrets, shown once."""

    staff_id: int
    password: str
    totp_uri: str | None


@dataclass(frozen=True)
class StaffView:
    """A staff account, for lists."""

    id: int
    login: str
    name: str
    roles: tuple[str, ...]
    state: str
    has_totp: bool
    created_at: datetime


def new_password(login: str, plain: str | None = None) -> str:
    """A password for an account, random unless given. Raises Invalid."""
    if not _LOGIN.fullmatch(login):
        raise Invalid("login_bad", "login")
    chosen = plain or random_code(14)
    check_password(chosen, login)
    return chosen


def create_staff(login: str, name: str, roles: Iterable[str], password: Password) -> NewStaff:
    """Create an account with a password and, if a role needs it, a one-time-code secret.

    Raises Invalid, Conflict('login_taken').
    """
    if not _LOGIN.fullmatch(login):
        raise Invalid("login_bad", "login")
    wanted = checked_roles(roles)
    secret = pyotp.random_base32() if needs_totp(wanted) else None
    made = insert_once(
        Staff,
        login=login,
        name=typed.words(name, 30, "name"),
        roles=wanted,
        created_at=clock.now(),
        password_hash=password.hashed,
        sealed_totp=None if secret is None else _seal_totp(login, secret),
    )
    if not made:
        raise Conflict("login_taken", "login")
    row = Staff.get(Staff.login == login)
    audit.record("staff.create", "staff", row.id, after={"login": login, "roles": wanted})
    return NewStaff(row.id, password.plain, None if secret is None else _uri(login, secret))


def use_totp(row: Staff, code: str) -> bool:
    """Use a one-time code; True if it is this account's now and was not used before.

    A conditional UPDATE stores the code's time step, so that of parallel requests only one can use
    a code. The caller counts the try.
    """
    if row.sealed_totp is None:
        return False
    totp = pyotp.TOTP(_open_totp(row))
    step = clock.timestamp() // TOTP_STEP
    digits = "".join(code.split())
    for each in (step, step - 1, step + 1):
        if pyotp.utils.strings_equal(digits, totp.at(each * TOTP_STEP)):
            unused = (Staff.id == row.id) & (Staff.totp_last_step < each)
            if Staff.update(totp_last_step=each).where(unused).execute() == 1:
                return True
    return False


def reset_password(staff_id: int, password: Password) -> None:
    """Set a new password for a forgotten one; sessions and devices end, locks are lifted."""
    row = _staff_or_raise(staff_id)
    Staff.update(password_hash=password.hashed).where(Staff.id == row.id).execute()
    end_sessions(staff_id)
    forget_devices(staff_id)
    unlock_login(row.login)
    audit.record("staff.password_reset", "staff", staff_id)


def set_roles(staff_id: int, roles: Iterable[str]) -> None:
    """Set an account's roles. Raises Invalid, Conflict('last_owner')."""
    row, wanted = _staff_or_raise(staff_id), checked_roles(roles)
    if "owner" in row.roles and "owner" not in wanted:
        _check_owner_remains(staff_id)
    Staff.update(roles=wanted).where(Staff.id == staff_id).execute()
    end_sessions(staff_id)
    audit.record("staff.roles", "staff", staff_id, before=row.roles, after=wanted)


def disable_staff(staff_id: int) -> None:
    """Disable an account and end its sessions. Raises Conflict('last_owner')."""
    row = _staff_or_raise(staff_id)
    if "owner" in row.roles:
        _check_owner_remains(staff_id)
    Staff.update(state="disabled").where(Staff.id == staff_id).execute()
    end_sessions(staff_id)
    forget_devices(staff_id)
    audit.record("staff.disable", "staff", staff_id)


def reset_totp(staff_id: int) -> str:
    """Set a new one-time-code secret; returns its authenticator address, shown once."""
    row = _staff_or_raise(staff_id)
    secret = pyotp.random_base32()
    Staff.update(sealed_totp=_seal_totp(row.login, secret), totp_last_step=0).where(
        Staff.id == staff_id
    ).execute()
    end_sessions(staff_id)
    forget_devices(staff_id)
    audit.record("staff.totp", "staff", staff_id)
    return _uri(row.login, secret)


@dataclass(frozen=True)
class SignInFacts:
    """The stored secrets of an account, for the check before production."""

    login: str
    password_hash: str
    sealed_totp: str | None


def sign_in_facts() -> list[SignInFacts]:
    """The secrets of all active accounts; they are only compared, never shown."""
    rows = Staff.select().where(Staff.state == "active").order_by(Staff.id)
    return [SignInFacts(row.login, row.password_hash, row.sealed_totp) for row in rows]


def demo_code(login: str) -> str:
    """The present one-time code of an account, for the demo only. Raises NotFound."""
    row = Staff.get_or_none(Staff.login == login)
    if row is None or row.sealed_totp is None:
        raise NotFound("staff_missing")
    return str(pyotp.TOTP(_open_totp(row)).at(clock.timestamp()))


def rewrap_totp() -> int:
    """Encrypt one-time-code secrets with the installation's new secret (轮换).

    Used after that secret was changed. Returns how many were encrypted again.
    """
    done = 0
    for row in Staff.select().where(Staff.sealed_totp.is_null(False)):
        context, before = f"totp:{row.login}", row.sealed_totp or ""
        if not vault().is_current(before, context):
            sealed = vault().seal(vault().unseal(before, context), context)
            same = (Staff.id == row.id) & (Staff.sealed_totp == before)
            done += Staff.update(sealed_totp=sealed).where(same).execute()
    return done


def list_staff() -> list[StaffView]:
    """All accounts, by id."""
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


def _check_owner_remains(staff_id: int) -> None:
    others = Staff.select().where((Staff.id != staff_id) & (Staff.state == "active"))
    if not any("owner" in row.roles for row in others):
        raise Conflict("last_owner")


def _staff_or_raise(staff_id: int) -> Staff:
    row = lock_row(Staff, staff_id)
    if row is None:
        raise NotFound("staff_missing")
    return row


def end_sessions(staff_id: int) -> None:
    """End all sessions of an account."""
    StaffSession.delete().where(StaffSession.staff == staff_id).execute()


def _seal_totp(login: str, secret: str) -> str:
    return vault().seal(secret.encode(), f"totp:{login}")


def _open_totp(row: Staff) -> str:
    assert row.sealed_totp is not None
    return vault().unseal(row.sealed_totp, f"totp:{row.login}").decode()


def _uri(login: str, secret: str) -> str:
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Fenmall"))
