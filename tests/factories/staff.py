"""Staff accounts for tests, and sign-in without a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp

from domain import staff
from domain.staff import Arrival, Caller, NewStaff
from domain.staff.service import new_password
from kernel import clock
from kernel.hashing import make_hash
from kernel.passwords import Password, PasswordPool

PASSWORD = "correct horse staple"


def make_staff(login: str, roles: Sequence[str], password: str = PASSWORD) -> NewStaff:
    """A new staff account."""
    chosen = Password(password, make_hash(new_password(login, password)))
    return staff.create_staff(login, login.title(), roles, chosen)


def code_of(uri: str | None, steps: int = 0) -> str:
    """The one-time code of an authenticator app, now or some steps later."""
    assert uri is not None
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    return pyotp.TOTP(secret).at(clock.timestamp() + steps * 30)


async def enter(
    store: Any, login: str, password: str = PASSWORD, *, uri: str | None = None,
    caller: Caller | None = None, pool: PasswordPool | None = None, steps: int = 0,
) -> Arrival:  # fmt: skip
    """Sign in; with the one-time code if the authenticator's URI is given."""
    who = caller or Caller("192.0.2.1", agent="test")
    begun = await staff.sign_in(store, pool or PasswordPool(), login, password, who)
    if begun.arrival is not None:
        return begun.arrival
    assert begun.ticket is not None
    return await staff.finish_sign_in(store, begun.ticket, code_of(uri, steps), who)
