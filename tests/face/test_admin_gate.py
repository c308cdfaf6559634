"""Signing in to the merchant's pages: two steps, locks, limits, the code asked again."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest

from domain import staff
from domain.staff.sessions import find_staff_session
from gateways.pictures.images import ImageStore
from kernel import clock
from kernel.web.sessions import Browser
from models import AuditEntry, LevelsSwitch, Staff, StaffSession
from tests.face.conftest import OpenFace
from tests.face.desk import COOKIE, PASSWORD, Desk, hire, open_desk, open_session

TICKET = re.compile(r'name="ticket" value="([^"]+)"')
KEPT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk before anybody, with a cookie of its own."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    opened.use("x" * 43)
    return opened


def code_of(uri: str | None, steps: int = 0) -> str:
    """The one-time code of an authenticator app, now or steps later."""
    assert uri is not None
    made = pyotp.parse_uri(uri)
    assert isinstance(made, pyotp.TOTP)
    return made.at(clock.timestamp() + steps * 30)


async def post_raw(desk: Desk, path: str, **values: Any) -> Any:
    """Send a form and answer the whole response."""
    data = values | {"_csrf": Browser.csrf_of(desk.cookie)}
    headers = {"Cookie": f"{COOKIE}={desk.cookie}"}
    return await desk.client.post(path, data=data, headers=headers, allow_redirects=False)


async def test_password_alone_is_enough_for_an_operator(desk: Desk) -> None:
    hire("lisa", "operator")
    answer = await post_raw(
        desk, "/admin/sign-in", login="lisa", password=PASSWORD, next="/admin/products"
    )
    assert answer.status == 303
    assert answer.headers["Location"] == "/admin/products"
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie.value != desk.cookie
    desk.use(cookie.value)
    assert (await desk.get("/admin/products"))[0] == 200


async def test_owner_needs_the_code_as_well(desk: Desk) -> None:
    made = staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    status, page = await desk.post("/admin/sign-in", login="boss", password=PASSWORD)
    assert status == 200
    found = TICKET.search(page)
    assert found is not None
    assert StaffSession.select().count() == 0
    status, wrong = await desk.post("/admin/sign-in/code", ticket=found[1], code="000000")
    assert status == 422
    assert "动态码不对" in wrong
    assert Staff.get_by_id(made.staff_id).failures == 1
    answer = await post_raw(
        desk, "/admin/sign-in/code", ticket=found[1], code=code_of(made.totp_uri)
    )
    assert answer.status == 303
    info = find_staff_session(answer.cookies[COOKIE].value)
    assert info is not None
    assert info.is_fresh()


async def test_forged_ticket_opens_nothing(desk: Desk) -> None:
    hire("boss", "owner")
    status, page = await desk.post("/admin/sign-in/code", ticket="1:99999999999.aa", code="123456")
    assert status == 422
    assert "登录步骤已失效" in page
    assert StaffSession.select().count() == 0


async def test_fifth_wrong_password_locks_the_account(desk: Desk) -> None:
    hire("lisa", "operator")
    for _ in range(5):
        status, page = await desk.post("/admin/sign-in", login="lisa", password="wrong")
        assert status == 422
        assert "账号或密码不对" in page
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert status == 429
    assert "已锁定" in page
    assert StaffSession.select().count() == 0


async def test_locked_account_takes_no_right_code_either(desk: Desk) -> None:
    made = staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    _, page = await desk.post("/admin/sign-in", login="boss", password=PASSWORD)
    found = TICKET.search(page)
    assert found is not None
    for _ in range(5):
        await desk.post("/admin/sign-in/code", ticket=found[1], code="000000")
    status, page = await desk.post(
        "/admin/sign-in/code", ticket=found[1], code=code_of(made.totp_uri)
    )
    assert status == 429
    assert "已锁定" in page
    assert StaffSession.select().count() == 0


async def test_one_address_tries_thirty_times_a_quarter_of_an_hour(desk: Desk) -> None:
    hire("lisa", "operator")
    for n in range(30):
        await desk.post("/admin/sign-in", login=f"nobody{n}", password="wrong")
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert status == 429
    assert "太频繁" in page


async def test_unknown_login_is_told_the_same(desk: Desk) -> None:
    hire("lisa", "operator")
    _, one = await desk.post("/admin/sign-in", login="lisa", password="wrong")
    _, other = await desk.post("/admin/sign-in", login="nobody", password="wrong")
    assert ("账号或密码不对" in one, "账号或密码不对" in other) == (True, True)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/m/", "/admin/\\evil", "/admin/sign-in"]
)
async def test_sign_in_leads_only_to_our_own_pages(desk: Desk, target: str) -> None:
    hire("lisa", "operator")
    status, place = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD, next=target)
    assert (status, place) == (303, "/admin/")


async def test_form_without_its_token_is_a_page_not_a_fault(desk: Desk) -> None:
    hire("lisa", "operator")
    status, page = await desk.post("/admin/sign-in", csrf=False, login="lisa", password=PASSWORD)
    assert status == 403
    assert "页面已过期" in page
    assert StaffSession.select().count() == 0


async def test_leaving_ends_the_session(desk: Desk) -> None:
    hire("lisa", "operator")
    desk.sign_in("lisa")
    old = desk.cookie
    assert await desk.post("/admin/logout") == (303, "/admin/sign-in")
    desk.use(old)
    status, place = await desk.get("/admin/orders?tab=to_ship")
    assert (status, place) == (303, "303: See Other")


async def test_new_password_ends_every_session(desk: Desk) -> None:
    hire("lisa", "operator")
    other = open_session("lisa")
    desk.sign_in("lisa")
    again = {"old": PASSWORD, "new": "another-long-one", "again": "not-the-same"}
    status, page = await desk.post("/admin/me/password", **again)
    assert status == 422
    assert "两次输入的新密码不一致" in page
    matching = again | {"again": again["new"]}
    status, page = await desk.post("/admin/me/password", **matching | {"old": "no"})
    assert status == 422
    assert "原密码不对" in page
    done = await desk.post("/admin/me/password", **matching)
    assert done == (303, "/admin/sign-in")
    assert find_staff_session(other) is None
    assert staff.begin_sign_in("lisa", again["new"], "test").cookie is not None


async def test_code_is_asked_again_and_carries_the_step(desk: Desk) -> None:
    made = staff.create_staff("boss", "Boss", ["owner"], PASSWORD)
    desk.sign_in("boss", fresh=False)
    step = {"levels": "2", "signed_name": "陈掌柜", "agreed": "1"}
    status, page = await desk.post("/admin/levels", **step)
    assert status == 403
    kept = {k: v for k, v in KEPT.findall(page) if k != "_csrf"}
    assert kept == step
    assert LevelsSwitch.select().count() == 0
    status, page = await desk.post("/admin/levels", **kept, _code="000000")
    assert status == 422
    assert "动态码不对" in page
    assert LevelsSwitch.select().count() == 0
    done = await desk.post("/admin/levels", **kept, _code=code_of(made.totp_uri))
    assert done == (303, "/admin/levels")
    signed = LevelsSwitch.get()
    assert (signed.levels, signed.signed_name, signed.signed_by) == (2, "陈掌柜", "staff:boss")
    assert "禁止传销条例" in signed.text
    last = AuditEntry.select().where(AuditEntry.action == "levels.sign").get()
    assert last.actor == "staff:boss"


async def test_session_is_noted_as_seen_and_runs_out(desk: Desk) -> None:
    hire("lisa", "operator")
    desk.sign_in("lisa")
    assert (await desk.get("/admin/"))[0] == 200
    StaffSession.update(expires_at=clock.now()).execute()
    assert (await desk.get("/admin/"))[0] == 303
