"""Signing in to the merchant's pages: two steps, locks, limits, the code asked again."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from admin.as_shown import text_of
from domain import staff
from domain.staff import Caller
from domain.staff.sessions import find_staff_session
from gateways.pictures.images import ImageStore
from kernel import clock
from kernel.passwords import PasswordPool
from kernel.web.browsers import Browser
from kernel.web.keys import CONFIG
from models import AuditEntry, LevelsSwitch, SecretTry, StaffSession
from tests.face.conftest import OpenFace
from tests.face.desk import COOKIE, PASSWORD, Desk, hire, open_desk, open_session
from tests.factories.staff import code_of, make_staff

TICKET = re.compile(r'name="ticket" value="([^"]+)"')
KEPT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk before anybody, with a cookie of its own."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    opened.use("x" * 43)
    return opened


async def post_raw(desk: Desk, path: str, **values: Any) -> Any:
    """Send a form and answer the whole response."""
    data = values | {"_csrf": Browser.csrf_of(desk.cookie)}
    headers = {"Cookie": f"{COOKIE}={desk.cookie}"}
    return await desk.client.post(path, data=data, headers=headers, allow_redirects=False)


async def code_step(desk: Desk, login: str, next_path: str = "") -> dict[str, str]:
    """The second step's form: a right password was given, the code is right now's."""
    _, page = await desk.post("/admin/sign-in", login=login, password=PASSWORD, next=next_path)
    found = TICKET.search(page)
    assert found is not None
    return {"ticket": found[1], "code": staff.demo_code(login), "next": next_path}


@pytest.mark.parametrize("role", ["owner", "finance", "operator", "service"])
async def test_a_password_alone_opens_nothing_for_any_role(desk: Desk, role: str) -> None:
    hire("lisa", role)
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (status, "输入动态码" in page) == (200, True)
    assert StaffSession.select().count() == 0


async def test_signing_in_leads_to_the_page_that_was_wanted(desk: Desk) -> None:
    hire("lisa", "operator")
    step = await code_step(desk, "lisa", "/admin/products")
    answer = await post_raw(desk, "/admin/sign-in/code", **step)
    assert answer.status == 303
    assert answer.headers["Location"] == "/admin/products"
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie.value != desk.cookie
    desk.use(cookie.value)
    assert (await desk.get("/admin/products"))[0] == 200


@pytest.mark.row("B9")
async def test_owner_needs_the_code_as_well(desk: Desk) -> None:
    made = make_staff("boss", ["owner"], PASSWORD)
    status, page = await desk.post("/admin/sign-in", login="boss", password=PASSWORD)
    assert status == 200
    found = TICKET.search(page)
    assert found is not None
    assert StaffSession.select().count() == 0
    status, wrong = await desk.post("/admin/sign-in/code", ticket=found[1], code="000000")
    assert status == 422
    assert "动态码不对" in wrong
    assert SecretTry.get(~SecretTry.is_wide & (SecretTry.tries > 0)).staff_id == made.staff_id
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
    made = make_staff("boss", ["owner"], PASSWORD)
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
    step = await code_step(desk, "lisa", target)
    status, place = await desk.post("/admin/sign-in/code", **step)
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
    status, place = await desk.get("/admin/orders?view=to_ship")
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
    begun = await staff.sign_in(desk.store, PasswordPool(), "lisa", again["new"], Caller("x"))
    assert begun.ticket is not None


async def test_code_is_asked_again_and_carries_the_step(desk: Desk) -> None:
    made = make_staff("boss", ["owner"], PASSWORD)
    desk.sign_in("boss", fresh=False)
    step = {"levels": "2", "signed_name": "陈掌柜", "agreed": "1"}
    status, page = await desk.post("/admin/levels", **step)
    assert status == 403
    kept = {k: html.unescape(v) for k, v in KEPT.findall(page) if k != "_csrf"}
    assert kept == step | {"_shown": text_of("levels", 0), "_idem": kept["_idem"]}
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


@pytest.mark.parametrize(
    ("environment", "is_shown"), [("demo", True), ("test", False), ("production", False)]
)
async def test_only_the_demo_shows_the_code_on_its_page(
    desk: Desk, environment: str, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After "+8 天" the demo asked for a code that only its terminal had."""
    hire("lisa", "owner")
    config = desk.client.app[CONFIG]
    monkeypatch.setitem(
        desk.client.app._state, CONFIG, config.model_copy(update={"environment": environment})
    )
    step = await code_step(desk, "lisa")
    _, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (step["code"] in page) == is_shown
    assert ("演示环境" in page) == is_shown
    wrong = step | {"code": "000000"}
    _, again = await desk.post("/admin/sign-in/code", **wrong)
    assert ("演示环境" in again) == is_shown
