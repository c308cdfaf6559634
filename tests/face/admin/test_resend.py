"""A form sent after the session ended, or by a tab older than the last sign-in, is not lost."""

from __future__ import annotations

import html
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

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SHELF = {"name": "礼盒装", "position": "3", "_idem": "a-key-of-the-form"}


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """Lisa's desk."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("lisa", "operator")
    opened.sign_in("lisa")
    return opened


async def send(desk: Desk, path: str, fields: dict[str, str], **more: str) -> Any:
    """Send a form as a browser does from a page of ours, or with other headers."""
    ours = f"http://{desk.client.host}:{desk.client.port}"
    headers = {"Origin": ours, "Referer": f"{ours}/admin/categories"} | more
    if desk.cookie:
        headers["Cookie"] = f"{COOKIE}={desk.cookie}"
    data = {"_csrf": Browser.csrf_of(desk.cookie)} | fields
    return await desk.client.post(path, data=data, headers=headers, allow_redirects=False)


def hidden(page: str) -> dict[str, str]:
    """What a page's form carries."""
    return {name: html.unescape(value) for name, value in HIDDEN.findall(page)}


async def sign_in_with(desk: Desk, kept: str, next_path: str = "") -> Any:
    """Password and code, with what the sign-in page carries; the answer to the last step."""
    fields = {"login": "lisa", "password": PASSWORD, "_kept": kept, "next": next_path}
    asked = hidden(await (await send(desk, "/admin/sign-in", fields)).text())
    fields = {name: asked[name] for name in ("ticket", "next") if name in asked}
    fields |= {"code": staff.demo_code("lisa"), "_kept": asked.get("_kept", "")}
    arrived = await send(desk, "/admin/sign-in/code", fields)
    cookie = arrived.cookies.get(COOKIE)
    if cookie is not None:
        desk.use(cookie.value)
    return arrived


async def test_what_was_typed_outlives_the_session_and_is_sent_by_a_tap(desk: Desk) -> None:
    StaffSession.delete().execute()
    first = await send(desk, "/admin/categories", SHELF)
    page = await first.text()
    assert (first.status, "登录已失效" in page) == (401, True)
    assert first.headers["Cache-Control"] == "no-store"
    assert "礼盒装" not in page  # sealed: who comes by reads nothing
    arrived = await sign_in_with(desk, hidden(page)["_kept"])
    page = await arrived.text()
    assert (arrived.status, "继续提交" in page, "礼盒装" in page) == (409, True, True)
    assert 'action="/admin/categories"' in page
    assert Category.select().where(Category.name == "礼盒装").count() == 0
    fields = {n: v for n, v in hidden(page).items() if n != "_csrf"}
    assert fields == SHELF
    last = await send(desk, "/admin/categories", fields)
    assert (last.status, last.headers["Location"]) == (303, "/admin/categories")
    assert Category.get(Category.name == "礼盒装").position == 3


async def test_a_browser_that_lost_its_cookie_can_sign_in_and_go_on(desk: Desk) -> None:
    desk.use("")
    first = await send(desk, "/admin/categories", SHELF | {"_csrf": "of another day"})
    page = await first.text()
    assert first.status == 401
    desk.use(first.cookies[COOKIE].value)
    arrived = await sign_in_with(desk, hidden(page)["_kept"])
    assert (arrived.status, "礼盒装" in await arrived.text()) == (409, True)


async def test_a_long_text_fits_through_the_sign_in(desk: Desk) -> None:
    StaffSession.delete().execute()
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(25_000))
    first = await send(desk, "/admin/products/1", {"description": long, "title": "陈酿"})
    arrived = await sign_in_with(desk, hidden(await first.text())["_kept"])
    assert hidden(await arrived.text())["description"] == long
    StaffSession.delete().execute()
    first = await send(desk, "/admin/products/1", {"description": "a" * 100_001})
    assert (first.status, first.headers["Location"][:14]) == (303, "/admin/sign-in")


async def test_a_tab_from_before_the_last_sign_in_asks_once_more(desk: Desk) -> None:
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "of the sign-in before"})
    page = await got.text()
    assert (got.status, "继续提交" in page) == (409, True)
    assert 'href="/admin/categories"' in page
    again = await send(desk, "/admin/categories", hidden(page))
    assert again.status == 303
    assert Category.select().where(Category.name == "礼盒装").count() == 1


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}]
)
async def test_a_foreign_page_puts_no_words_into_anybodys_mouth(
    desk: Desk, headers: dict[str, str]
) -> None:
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "guessed"}, **headers)
    page = await got.text()
    assert (got.status, "继续提交" in page, "礼盒装" in page) == (403, False, False)
    StaffSession.delete().execute()
    got = await send(desk, "/admin/categories", SHELF | {"_csrf": "guessed"}, **headers)
    assert (got.status, "_kept" in await got.text()) == (403, False)


async def test_what_is_kept_for_too_long_or_changed_leads_to_the_wanted_page(desk: Desk) -> None:
    StaffSession.delete().execute()
    kept = hidden(await (await send(desk, "/admin/categories", SHELF)).text())["_kept"]
    arrived = await sign_in_with(desk, kept[:-4] + "AAAA", "/admin/products")
    assert (arrived.status, arrived.headers["Location"]) == (303, "/admin/products")
    StaffSession.delete().execute()
    clock.set_offset(timedelta(hours=13))
    arrived = await sign_in_with(desk, kept)
    assert (arrived.status, arrived.headers["Location"]) == (303, "/admin/")


async def test_no_password_is_carried(desk: Desk) -> None:
    StaffSession.delete().execute()
    fields = {"old": PASSWORD, "new": "another-long-one", "again": "x", "_code": "123456"}
    kept = hidden(await (await send(desk, "/admin/me/password", fields)).text())["_kept"]
    page = await (await sign_in_with(desk, kept)).text()
    assert set(hidden(page)) == {"_csrf"}


def test_every_field_of_a_password_is_left_out() -> None:
    pages = (ROOT / "templates" / "admin").rglob("*.html")
    asked = {
        name for path in pages
        for name in re.findall(
            r'field\(\s*"(\w+)",[^)]*kind="password"', path.read_text(encoding="utf-8")
        )
    }  # fmt: skip
    assert len(asked) > 3
    assert asked <= SECRETS


async def test_every_door_keeps_what_was_sent_to_it(desk: Desk) -> None:
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
