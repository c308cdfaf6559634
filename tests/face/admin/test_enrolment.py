"""An account without a one-time code, whose role has to give one, sets it up while signing in."""

from __future__ import annotations

import html
import re
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

TICKET = re.compile(r'name="ticket" value="([^"]+)"')
URI = re.compile(r"otpauth://[^<]+")


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk before an operator who was hired when a password was enough."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    opened.use("x" * 43)
    hire("lisa", "operator")
    Staff.update(sealed_totp=None).execute()
    return opened


async def begun(desk: Desk) -> tuple[str, str]:
    """After the password: the ticket, and a code of the secret that the page shows."""
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (status, "绑定动态码" in page, "data:image/svg+xml" in page) == (200, True, True)
    ticket, uri = TICKET.search(page), URI.search(page)
    assert ticket is not None
    assert uri is not None
    made = pyotp.parse_uri(html.unescape(uri[0]))
    assert isinstance(made, pyotp.TOTP)
    return html.unescape(ticket[1]), made.at(clock.timestamp())


async def test_an_old_account_sets_up_its_code_before_anything_else(desk: Desk) -> None:
    ticket, code = await begun(desk)
    assert StaffSession.select().count() == 0
    status, page = await desk.post("/admin/sign-in/enrol", ticket=ticket, code="000000")
    assert (status, "动态码不对" in page) == (422, True)
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
    """Who knows the password keeps no way in beside the owner's phone."""
    first, code = await begun(desk)
    second, other = await begun(desk)
    assert (await desk.post("/admin/sign-in/enrol", ticket=first, code=code))[0] == 303
    kept = Staff.get().sealed_totp
    desk.use("x" * 43)
    for ticket, given in ((second, other), (first, code)):
        status, page = await desk.post("/admin/sign-in/enrol", ticket=ticket, code=given)
        assert (status, "登录超时" in page) == (422, True)
    assert Staff.get().sealed_totp == kept
    assert StaffSession.select().count() == 1


async def test_a_ticket_that_is_forged_late_or_of_a_closed_account_opens_nothing(
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


async def test_a_session_from_before_ends_where_a_code_is_needed(desk: Desk) -> None:
    assert find_staff_session(open_session("lisa")) is None
