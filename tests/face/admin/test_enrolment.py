"""绑定动态码: an account without a one-time code sets it up while signing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest

from domain import staff
from domain.staff import Caller
from domain.staff.sessions import find_staff_session
from gateways.pictures.images import ImageStore
from kernel import clock
from kernel.passwords import PasswordPool
from models import OutboxRow, Staff, StaffSession
from tests.face.conftest import OpenFace
from tests.face.desk import PASSWORD, Desk, hire, open_desk, open_session, who_did
from tests.harness.markup import texts_of, values_of


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk, with an operator who has no one-time code yet."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    opened.use("x" * 43)
    hire("lisa", "operator")
    Staff.update(sealed_totp=None).execute()
    return opened


async def begun(desk: Desk) -> tuple[str, str]:
    """Send the password; answers the ticket, and a code of the secret that the page shows."""
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (status, texts_of(page, ".gate-form h2")) == (200, ["绑定动态码"])
    (picture,) = values_of(page, "img.qr", "src")
    assert picture.startswith("data:image/svg+xml")
    (ticket,) = values_of(page, "input[name=ticket]", "value")
    (uri,) = texts_of(page, "details .num")
    made = pyotp.parse_uri(uri)
    assert isinstance(made, pyotp.TOTP)
    return ticket, made.at(clock.timestamp())


async def test_an_old_account_sets_up_its_code_before_anything_else(desk: Desk) -> None:
    ticket, code = await begun(desk)
    assert StaffSession.select().count() == 0
    status, page = await desk.post("/admin/sign-in/enrol", ticket=ticket, code="000000")
    assert status == 422
    assert texts_of(page, ".notice-bad") == ["动态码不对或已用过，请输入验证器上最新的 6 位数字"]
    assert Staff.get().sealed_totp is None
    assert await desk.post("/admin/sign-in/enrol", ticket=ticket, code=code) == (303, "/admin/")
    assert Staff.get().sealed_totp is not None
    assert StaffSession.get().confirmed_at is not None
    assert who_did("staff.enrol") == "staff:lisa"
    told = OutboxRow.get(OutboxRow.kind == "notify.owner").payload
    assert told == {"purpose": "staff_enrolled", "facts": {"who": "Lisa"}}
    again = await staff.sign_in(desk.store, PasswordPool(), "lisa", PASSWORD, Caller("x"))
    assert again.ticket is not None


async def test_a_second_phone_is_not_set_up_with_an_older_ticket(desk: Desk) -> None:
    """Somebody who knows the password could otherwise set up a phone beside the owner's."""
    first, code = await begun(desk)
    second, other = await begun(desk)
    assert (await desk.post("/admin/sign-in/enrol", ticket=first, code=code))[0] == 303
    kept = Staff.get().sealed_totp
    desk.use("x" * 43)
    for ticket, given in ((second, other), (first, code)):
        status, page = await desk.post("/admin/sign-in/enrol", ticket=ticket, code=given)
        assert (status, texts_of(page, ".notice-bad")) == (422, ["登录超时，请重新输入密码"])
    assert Staff.get().sealed_totp == kept
    assert StaffSession.select().count() == 1


async def test_a_forged_late_or_disabled_ticket_is_refused(
    desk: Desk,
) -> None:
    ticket, code = await begun(desk)
    forged = ticket.replace(ticket.split(":")[2].split(".")[0], "A" * 32)
    stale = pyotp.TOTP("A" * 32).at(clock.timestamp())
    assert (await desk.post("/admin/sign-in/enrol", ticket=forged, code=stale))[0] == 422
    Staff.update(state="disabled").execute()
    assert (await desk.post("/admin/sign-in/enrol", ticket=ticket, code=code))[0] == 422
    Staff.update(state="active").execute()
    clock.set_offset(timedelta(minutes=11))
    assert (await desk.post("/admin/sign-in/enrol", ticket=ticket, code=code))[0] == 422
    assert Staff.get().sealed_totp is None
    assert StaffSession.select().count() == 0


async def test_a_session_ends_if_its_role_needs_a_code_and_has_none(desk: Desk) -> None:
    assert find_staff_session(open_session("lisa")) is None
