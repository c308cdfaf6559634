"""Sign-in to the merchant's pages: two steps, locks, limits, and the code before some steps."""

from __future__ import annotations

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
from tests.harness.markup import errors_of, fields_of, is_nowhere, texts_of, values_of, words_of


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk with nobody signed in."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    opened.use("x" * 43)
    return opened


async def post_raw(desk: Desk, path: str, **values: Any) -> Any:
    """Send a form and answer the whole response."""
    data = values | {"_csrf": Browser.csrf_of(desk.cookie)}
    headers = {"Cookie": f"{COOKIE}={desk.cookie}"}
    return await desk.client.post(path, data=data, headers=headers, allow_redirects=False)


async def code_step(desk: Desk, login: str, next_path: str = "") -> dict[str, str]:
    """The second step's fields after a right password, with the present code."""
    _, page = await desk.post("/admin/sign-in", login=login, password=PASSWORD, next=next_path)
    return {"ticket": ticket_of(page), "code": staff.demo_code(login), "next": next_path}


def ticket_of(page: str) -> str:
    """The ticket that the page of the second step carries."""
    (ticket,) = values_of(page, "input[name=ticket]", "value")
    return ticket


def told(page: str) -> str:
    """What the notice above the fields of a sign-in page says."""
    return words_of(page, ".gate-form .notice-bad")


@pytest.mark.parametrize("role", ["owner", "finance", "operator", "service"])
async def test_no_role_is_signed_in_by_a_password_alone(desk: Desk, role: str) -> None:
    hire("lisa", role)
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (status, texts_of(page, ".gate-form h2")) == (200, ["输入动态码"])
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
    ticket = ticket_of(page)
    assert StaffSession.select().count() == 0
    status, wrong = await desk.post("/admin/sign-in/code", ticket=ticket, code="000000")
    assert status == 422
    assert "动态码不对" in told(wrong)
    assert SecretTry.get(~SecretTry.is_wide & (SecretTry.tries > 0)).staff_id == made.staff_id
    answer = await post_raw(
        desk, "/admin/sign-in/code", ticket=ticket, code=code_of(made.totp_uri)
    )
    assert answer.status == 303
    info = find_staff_session(answer.cookies[COOKIE].value)
    assert info is not None
    assert info.is_fresh()


async def test_a_forged_ticket_is_refused(desk: Desk) -> None:
    hire("boss", "owner")
    status, page = await desk.post("/admin/sign-in/code", ticket="1:99999999999.aa", code="123456")
    assert status == 422
    assert "登录步骤已失效" in told(page)
    assert StaffSession.select().count() == 0


async def test_fifth_wrong_password_locks_the_account(desk: Desk) -> None:
    hire("lisa", "operator")
    for _ in range(5):
        status, page = await desk.post("/admin/sign-in", login="lisa", password="wrong")
        assert status == 422
        assert "账号或密码不对" in told(page)
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert status == 429
    assert "已锁定" in told(page)
    assert StaffSession.select().count() == 0


async def test_a_locked_account_refuses_a_right_code(desk: Desk) -> None:
    made = make_staff("boss", ["owner"], PASSWORD)
    _, page = await desk.post("/admin/sign-in", login="boss", password=PASSWORD)
    ticket = ticket_of(page)
    for _ in range(5):
        await desk.post("/admin/sign-in/code", ticket=ticket, code="000000")
    status, page = await desk.post(
        "/admin/sign-in/code", ticket=ticket, code=code_of(made.totp_uri)
    )
    assert status == 429
    assert "已锁定" in told(page)
    assert StaffSession.select().count() == 0


async def test_one_address_has_thirty_tries_in_fifteen_minutes(desk: Desk) -> None:
    hire("lisa", "operator")
    for n in range(30):
        await desk.post("/admin/sign-in", login=f"nobody{n}", password="wrong")
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert status == 429
    assert "太频繁" in told(page)


async def test_an_unknown_login_gets_the_same_answer(desk: Desk) -> None:
    hire("lisa", "operator")
    _, one = await desk.post("/admin/sign-in", login="lisa", password="wrong")
    _, other = await desk.post("/admin/sign-in", login="nobody", password="wrong")
    assert "账号或密码不对" in told(one)
    assert told(one) == told(other)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/m/", "/admin/\\evil", "/admin/sign-in"]
)
async def test_sign_in_leads_only_to_our_own_pages(desk: Desk, target: str) -> None:
    hire("lisa", "operator")
    step = await code_step(desk, "lisa", target)
    status, place = await desk.post("/admin/sign-in/code", **step)
    assert (status, place) == (303, "/admin/")


async def test_a_form_without_its_token_is_answered_with_a_page(desk: Desk) -> None:
    hire("lisa", "operator")
    status, page = await desk.post("/admin/sign-in", csrf=False, login="lisa", password=PASSWORD)
    assert status == 403
    assert "页面已过期" in words_of(page, ".empty p")
    assert StaffSession.select().count() == 0


async def test_signing_out_ends_the_session(desk: Desk) -> None:
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
    assert "两次输入的新密码不一致" in errors_of(page)["again"]
    matching = again | {"again": again["new"]}
    status, page = await desk.post("/admin/me/password", **matching | {"old": "no"})
    assert status == 422
    assert "原密码不对" in errors_of(page)["old"]
    done = await desk.post("/admin/me/password", **matching)
    assert done == (303, "/admin/sign-in")
    assert find_staff_session(other) is None
    begun = await staff.sign_in(desk.store, PasswordPool(), "lisa", again["new"], Caller("x"))
    assert begun.ticket is not None


async def test_the_page_that_asks_for_the_code_keeps_the_fields(desk: Desk) -> None:
    made = make_staff("boss", ["owner"], PASSWORD)
    desk.sign_in("boss", fresh=False)
    step = {"levels": "2", "signed_name": "陈掌柜", "agreed": "1"}
    status, page = await desk.post("/admin/levels", **step)
    assert status == 403
    kept = fields_of(page, "/admin/levels")
    del kept["_csrf"], kept["_code"]
    assert kept == step | {"_shown": text_of("levels", 0), "_idem": kept["_idem"]}
    assert LevelsSwitch.select().count() == 0
    status, page = await desk.post("/admin/levels", **kept, _code="000000")
    assert status == 422
    assert "动态码不对" in told(page)
    assert LevelsSwitch.select().count() == 0
    done = await desk.post("/admin/levels", **kept, _code=code_of(made.totp_uri))
    assert done == (303, "/admin/levels")
    signed = LevelsSwitch.get()
    assert (signed.levels, signed.signed_name, signed.signed_by) == (2, "陈掌柜", "staff:boss")
    declaration = signed.text
    assert "禁止传销条例" in declaration
    last = AuditEntry.select().where(AuditEntry.action == "levels.sign").get()
    assert last.actor == "staff:boss"


async def test_a_session_expires(desk: Desk) -> None:
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
    """After "+8 天" the demo asked for a code that only its terminal showed."""
    hire("lisa", "owner")
    config = desk.client.app[CONFIG]
    monkeypatch.setitem(
        desk.client.app._state, CONFIG, config.model_copy(update={"environment": environment})
    )
    step = await code_step(desk, "lisa")
    _, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert texts_of(page, ".gate-form .note code") == ([step["code"]] if is_shown else [])
    assert is_nowhere(page, step["code"]) != is_shown
    assert ("演示环境" in words_of(page)) == is_shown
    wrong = step | {"code": "000000"}
    _, again = await desk.post("/admin/sign-in/code", **wrong)
    assert ("演示环境" in words_of(again)) == is_shown
