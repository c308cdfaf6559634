"""继续提交: a form that was sent after the session ended can be sent again after sign-in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from admin.guard import FOR_ALL, RIGHT
from admin.resend import SECRETS
from domain import staff
from gateways.pictures.images import ImageStore
from kernel import clock
from kernel.web.browsers import Browser
from models import Category, StaffSession
from tests.arch.source import ROOT
from tests.face.admin.test_rights import address
from tests.face.conftest import OpenFace
from tests.face.desk import COOKIE, PASSWORD, Desk, all_routes, hire, open_desk
from tests.harness.markup import forms_of, is_nowhere, texts_of, values_of, words_of

SHELF = {"name": "礼盒装", "position": "3", "_idem": "a-key-of-the-form"}


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk, with an operator signed in."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("lisa", "operator")
    opened.sign_in("lisa")
    return opened


async def send(desk: Desk, path: str, fields: dict[str, str], **more: str) -> Any:
    """Send a form with the headers of a browser on our own page, or with others."""
    ours = f"http://{desk.client.host}:{desk.client.port}"
    headers = {"Origin": ours, "Referer": f"{ours}/admin/categories"} | more
    if desk.cookie:
        headers["Cookie"] = f"{COOKIE}={desk.cookie}"
    data = {"_csrf": Browser.csrf_of(desk.cookie)} | fields
    return await desk.client.post(path, data=data, headers=headers, allow_redirects=False)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    names, values = (values_of(page, "input[type=hidden]", each) for each in ("name", "value"))
    return dict(zip(names, values, strict=True))


async def sign_in_with(desk: Desk, kept: str, next_path: str = "") -> Any:
    """Sign in with what the sign-in page carries; answers the last step's response."""
    fields = {"login": "lisa", "password": PASSWORD, "_kept": kept, "next": next_path}
    asked = hidden(await (await send(desk, "/admin/sign-in", fields)).text())
    fields = {name: asked[name] for name in ("ticket", "next") if name in asked}
    fields |= {"code": staff.demo_code("lisa"), "_kept": asked.get("_kept", "")}
    arrived = await send(desk, "/admin/sign-in/code", fields)
    cookie = arrived.cookies.get(COOKIE)
    if cookie is not None:
        desk.use(cookie.value)
    return arrived


async def test_what_was_typed_is_sent_by_one_tap_after_signing_in_again(desk: Desk) -> None:
    StaffSession.delete().execute()
    first = await send(desk, "/admin/categories", SHELF)
    page = await first.text()
    assert first.status == 401
    assert words_of(page, ".gate-form .note").startswith("登录已失效")
    assert first.headers["Cache-Control"] == "no-store"
    assert is_nowhere(page, "礼盒装")  # encrypted: who passes the screen can't read it
    arrived = await sign_in_with(desk, hidden(page)["_kept"])
    page = await arrived.text()
    assert (arrived.status, texts_of(page, "h2")) == (409, ["继续提交"])
    assert "礼盒装" in texts_of(page, ".gate-form li")
    assert [form.action for form in forms_of(page)] == ["/admin/categories"]
    assert Category.select().where(Category.name == "礼盒装").count() == 0
    fields = {n: v for n, v in hidden(page).items() if n != "_csrf"}
    assert fields == SHELF
    last = await send(desk, "/admin/categories", fields)
    assert (last.status, last.headers["Location"]) == (303, "/admin/categories")
    assert Category.get(Category.name == "礼盒装").position == 3


async def test_a_browser_without_its_cookie_can_sign_in_and_continue(desk: Desk) -> None:
    desk.use("")
    first = await send(desk, "/admin/categories", SHELF | {"_csrf": "of another day"})
    page = await first.text()
    assert first.status == 401
    desk.use(first.cookies[COOKIE].value)
    arrived = await sign_in_with(desk, hidden(page)["_kept"])
    assert arrived.status == 409
    assert "礼盒装" in texts_of(await arrived.text(), ".gate-form li")


async def test_a_long_text_is_kept_during_sign_in(desk: Desk) -> None:
    StaffSession.delete().execute()
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(25_000))
    first = await send(desk, "/admin/products/1", {"description": long, "title": "陈酿"})
    arrived = await sign_in_with(desk, hidden(await first.text())["_kept"])
    assert hidden(await arrived.text())["description"] == long
    StaffSession.delete().execute()
    first = await send(desk, "/admin/products/1", {"description": "a" * 100_001})
    assert (first.status, first.headers["Location"][:14]) == (303, "/admin/sign-in")


async def test_a_tab_from_before_the_last_sign_in_asks_first(desk: Desk) -> None:
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "of the sign-in before"})
    page = await got.text()
    assert (got.status, texts_of(page, "h2")) == (409, ["继续提交"])
    assert values_of(page, ".gate-form a", "href") == ["/admin/categories"]
    again = await send(desk, "/admin/categories", hidden(page))
    assert again.status == 303
    assert Category.select().where(Category.name == "礼盒装").count() == 1


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}]
)
async def test_a_form_from_a_foreign_page_is_not_kept(desk: Desk, headers: dict[str, str]) -> None:
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "guessed"}, **headers)
    page = await got.text()
    assert (got.status, is_nowhere(page, "继续提交", "礼盒装")) == (403, True)
    StaffSession.delete().execute()
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "guessed"}, **headers)
    assert (got.status, is_nowhere(await got.text(), "_kept")) == (403, True)


async def test_a_changed_or_expired_form_is_dropped(desk: Desk) -> None:
    StaffSession.delete().execute()
    kept = hidden(await (await send(desk, "/admin/categories", SHELF)).text())["_kept"]
    arrived = await sign_in_with(desk, kept[:-4] + "AAAA", "/admin/products")
    assert (arrived.status, arrived.headers["Location"]) == (303, "/admin/products")
    StaffSession.delete().execute()
    clock.set_offset(timedelta(hours=13))
    arrived = await sign_in_with(desk, kept)
    assert (arrived.status, arrived.headers["Location"]) == (303, "/admin/")


async def test_no_password_is_kept(desk: Desk) -> None:
    StaffSession.delete().execute()
    fields = {"old": PASSWORD, "new": "another-long-one", "again": "x", "_code": "123456"}
    kept = hidden(await (await send(desk, "/admin/me/password", fields)).text())["_kept"]
    page = await (await sign_in_with(desk, kept)).text()
    assert set(hidden(page)) == {"_csrf"}


def test_every_password_field_is_left_out() -> None:
    pages = (ROOT / "templates" / "admin").rglob("*.html")
    asked = {
        name for path in pages
        for name in re.findall(
            r'field\(\s*"(\w+)",[^)]*kind="password"', path.read_text(encoding="utf-8")
        )
    }  # fmt: skip
    assert len(asked) > 3
    assert asked <= SECRETS


async def test_every_step_keeps_the_form_that_was_sent_to_it(desk: Desk) -> None:
    StaffSession.delete().execute()
    doors = [
        route for route in all_routes()
        if route.method == "POST" and getattr(route.handler, RIGHT) != FOR_ALL
        and route.path != "/logout"
    ]  # fmt: skip
    assert len(doors) > 80
    for route in doors:
        path = address(re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", route.path))
        got = await send(desk, path, {"reason": "顾客改主意"})
        assert (got.status, "_kept" in hidden(await got.text())) == (401, True), path
