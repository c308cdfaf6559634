"""Staff: passwords, one-time codes used once, locks, rights, sessions that end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from domain import staff
from domain.staff.service import TRIES, note_failure
from kernel import clock
from kernel.errors import Conflict, Invalid, LimitReached
from models import Staff, StaffSession

PASSWORD = "correct horse staple"


def _code(uri: str) -> str:
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    return pyotp.TOTP(secret).at(clock.timestamp())


def test_an_operator_signs_in_with_a_password(db: Any) -> None:
    staff.create_staff("amy", "Amy", ["operator"], PASSWORD)
    done = staff.begin_sign_in("Amy ", PASSWORD, "test")
    assert done.cookie is not None
    info = staff.find_staff_session(done.cookie)
    assert info is not None
    assert info.may("orders.ship")
    assert not info.may("payouts.review")
    assert info.is_fresh()


def test_an_owner_needs_a_code_that_works_once(db: Any) -> None:
    made = staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    assert made.totp_uri is not None
    half = staff.begin_sign_in("boss", PASSWORD, "test")
    assert half.cookie is None
    assert half.ticket is not None
    code = _code(made.totp_uri)
    cookie = staff.finish_sign_in(half.ticket, code, "test")
    assert staff.find_staff_session(cookie) is not None
    with pytest.raises(Invalid):
        staff.finish_sign_in(half.ticket, code, "test")
    with pytest.raises(Invalid):
        staff.finish_sign_in(half.ticket + "x", code, "test")
    assert StaffSession.select().count() == 1


def test_a_code_is_asked_for_again_after_ten_minutes(db: Any) -> None:
    made = staff.create_staff("boss", "Boss", ["finance"], PASSWORD)
    assert made.totp_uri is not None
    half = staff.begin_sign_in("boss", PASSWORD, "test")
    assert half.ticket is not None
    cookie = staff.finish_sign_in(half.ticket, _code(made.totp_uri), "test")
    clock.set_offset(timedelta(minutes=11))
    info = staff.find_staff_session(cookie)
    assert info is not None
    assert not info.is_fresh()
    staff.mark_confirmed(info.id, info.staff_id, _code(made.totp_uri))
    again = staff.find_staff_session(cookie)
    assert again is not None
    assert again.is_fresh()


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(db: Any) -> None:
    made = staff.create_staff("amy", "Amy", ["service"], PASSWORD)
    for _ in range(TRIES):
        with pytest.raises(Invalid):
            staff.begin_sign_in("amy", "wrong password", "test")
        note_failure(made.staff_id)
    with pytest.raises(LimitReached):
        staff.begin_sign_in("amy", PASSWORD, "test")
    clock.set_offset(timedelta(minutes=16))
    assert staff.begin_sign_in("amy", PASSWORD, "test").cookie is not None


def test_an_idle_or_old_session_ends(db: Any) -> None:
    staff.create_staff("amy", "Amy", ["service"], PASSWORD)
    cookie = staff.begin_sign_in("amy", PASSWORD, "test").cookie
    assert cookie is not None
    clock.set_offset(timedelta(minutes=61))
    assert staff.find_staff_session(cookie) is None


def test_the_last_owner_stays(db: Any) -> None:
    made = staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    with pytest.raises(Conflict):
        staff.disable_staff(made.staff_id)
    with pytest.raises(Conflict):
        staff.set_roles(made.staff_id, ["operator"])
    assert Staff.get_by_id(made.staff_id).roles == ["owner"]


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("amy", "short", "password_short"),
        ("amyamy", "amyamy-2026-x", "password_weak"),
        ("Ä!", PASSWORD, "login_bad"),
    ],
)
def test_a_weak_account_is_refused(db: Any, login: str, password: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        staff.create_staff(login, "x", ["service"], password)
    assert caught.value.code == code
    assert Staff.select().count() == 0


def test_a_disabled_account_is_out_at_once(db: Any) -> None:
    staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    made = staff.create_staff("amy", "Amy", ["service"], PASSWORD)
    cookie = staff.begin_sign_in("amy", PASSWORD, "test").cookie
    assert cookie is not None
    staff.disable_staff(made.staff_id)
    assert staff.find_staff_session(cookie) is None
    with pytest.raises(Invalid):
        staff.begin_sign_in("amy", PASSWORD, "test")
