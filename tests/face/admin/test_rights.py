"""Every route of the merchant's pages, requested by those who may not: nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from admin import AdminDeps, StaffSessions, make_admin_app
from admin.guard import ACTS, FOR_ALL, FRESH, RIGHT, SIGNED_IN
from domain.members import sessions as member_sessions
from domain.staff import RIGHTS, ROLES
from gateways.pictures.images import ImageStore
from gateways.private_files import PrivateFiles
from kernel.store import database
from models import TABLES, StaffSession
from tests.face.conftest import OpenFace
from tests.face.desk import Desk, FakeMenu, asks_for_code, hire, open_desk
from tests.factories.members import make_member
from tests.factories.messenger import FakeMessenger
from tests.factories.pay import FakePay
from tests.harness.markup import values_of, words_of

PUBLIC = {("GET", ""), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-in/code"),
          ("POST", "/sign-in/enrol")}  # fmt: skip
FRESH_ROUTES = {
    "/levels", "/rules", "/rules/{id}/retire", "/brakes/resume", "/staff", "/staff/{id}/roles",
    "/staff/{id}/code", "/staff/{id}/sign-out", "/staff/{id}/disable", "/staff/{id}/password",
    "/withdrawals/{id}/approve", "/withdrawals/{id}/reject", "/withdrawals/{id}/hold",
    "/withdrawals/{id}/cancel", "/payroll", "/payroll/export", "/settings/binding",
    "/settings/names", "/settings/invitations", "/settings/distribution",
    "/settings/brakes", "/refunds/{id}/settle", "/reconcile/differences/{id}/close",
    "/reconcile/lift",
    "/distributors/{id}/write-off", "/distributors/{id}/identity", "/me/code",
    "/me/devices/{id}/forget", "/approvals/{id}/decide", "/settings/ceilings", "/grades",
    "/distributors/{id}/terms", "/members/{id}/upline",
    "/payees/{id}/appeal", "/payees/{id}/review", "/payees/{id}/lift", "/brakes/refunds/resume",
    "/leaks/{id}/announce", "/withdrawals/{id}/give-up", "/settings/refund_brakes",
    "/settings/trade", "/settings/freight", "/settings/returns", "/settings/push",
    "/settings/pickups",
    "/settings/service", "/settings/storefront", "/settings/search", "/settings/legal",
    "/settings/business", "/settings/gifts", "/settings/adults", "/settings/rights",
    "/places", "/places/{id}", "/places/{id}/close", "/places/{id}/reopen", "/places/{id}/staff",
    "/freight", "/freight/default/none", "/freight/{id}", "/freight/{id}/default",
    "/freight/{id}/remove", "/freight/{id}/rows/new", "/freight/{id}/rows/{row}",
    "/freight/{id}/rows/{row}/remove",
    "/legal/{kind}/publish",
}  # fmt: skip
QUIET = {"staff_session", "command_result"}


def app_of(folder: Any) -> web.Application:
    """The application of the merchant's pages, for its routes."""
    menu = FakeMenu()
    pay: Any = FakePay()
    messenger: Any = FakeMessenger()
    pictures, files = ImageStore(folder), PrivateFiles(folder / "private")
    deps = AdminDeps(pay, messenger, menu, pictures, menu.publish, files, files, files)  # type: ignore[arg-type]
    return make_admin_app(deps, StaffSessions(None))  # type: ignore[arg-type]


def routes_of(folder: Any) -> Iterator[tuple[str, str, Any]]:
    """Method, canonical path and handler of every route."""
    for route in app_of(folder).router.routes():
        if route.method in ("GET", "POST") and route.resource is not None:
            path = re.sub(r"\{(\w+):[^}]*\}+", r"{\1}", route.resource.canonical)
            yield route.method, path, route.handler


def address(path: str) -> str:
    """A route's path with values for its variables."""
    places = {"{id}": "1", "{sku}": "1", "{no}": "ORD1234", "{kind}": "terms"}
    places |= {"{attribute}": "1", "{row}": "1", "{day}": "2026-11-21", "{key}": "invoice"}
    places |= {"{subject}": "identity", "{number}": "1", "{person}": "1"}
    for place, value in places.items():
        path = path.replace(place, value)
    return "/admin" + path


def fingerprint() -> dict[str, list[Any]]:
    """All rows of the database, except sessions."""
    names = {table._meta.table_name for table in TABLES} - QUIET
    return {name: database.execute_sql(f"SELECT * FROM {name}").fetchall() for name in names}


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk with nobody signed in."""
    return await open_desk(open_face, store, ImageStore(tmp_path))


def test_every_route_names_its_right(tmp_path: Any) -> None:
    seen = set()
    for method, path, handler in routes_of(tmp_path):
        right = getattr(handler, RIGHT, None)
        assert right is not None, f"{method} {path} is open"
        assert right in (*RIGHTS, SIGNED_IN, FOR_ALL)
        seen.add((method, path))
        assert (right == FOR_ALL) == ((method, path) in PUBLIC)
    assert len(seen) > 90


def test_steps_about_money_or_rights_ask_for_the_code(tmp_path: Any) -> None:
    fresh = {
        path for method, path, handler in routes_of(tmp_path)
        if method == "POST" and getattr(handler, FRESH, False)
    }  # fmt: skip
    assert fresh == FRESH_ROUTES


def test_every_right_has_a_page(tmp_path: Any) -> None:
    handlers = [handler for _, _, handler in routes_of(tmp_path)]
    used = {getattr(handler, RIGHT) for handler in handlers}
    used |= {getattr(handler, ACTS, "") for handler in handlers}
    assert set(RIGHTS) - used == set()


@pytest.mark.row("B9")
async def test_visitors_and_members_change_nothing(desk: Desk, tmp_path: Any) -> None:
    guest = member_sessions.open_session("g" * 43, "visitor")
    member = member_sessions.renew_session(guest, make_member())
    assert member_sessions.find_session(member) is not None
    before = fingerprint()
    for cookie in ("", "y" * 43, member):
        desk.use(cookie)
        for method, path, _ in routes_of(tmp_path):
            if (method, path) in PUBLIC:
                continue
            if method == "GET":
                status, _text = await desk.get(address(path))
                assert status == 303, path
            else:
                status, place = await desk.post(address(path))
                is_sent = status == 303 and place.startswith("/admin/sign-in")
                assert is_sent or status == 403, path
    assert fingerprint() == before
    assert StaffSession.select().count() == 0


@pytest.mark.parametrize("role", ["service", "finance", "operator"])
@pytest.mark.row("G4")
async def test_staff_without_the_right_change_nothing(
    desk: Desk, tmp_path: Any, role: str
) -> None:
    hire("worker", role)
    desk.sign_in("worker")
    before = fingerprint()
    refused = 0
    for method, path, handler in routes_of(tmp_path):
        right = getattr(handler, RIGHT)
        if right in (FOR_ALL, SIGNED_IN) or right in ROLES[role]:
            continue
        status, text = await (desk.get if method == "GET" else desk.post)(address(path))
        assert status == 403, (method, path)
        assert "没有此项权限" in words_of(text, ".empty p")
        refused += 1
    assert refused >= 10
    assert fingerprint() == before


async def test_owner_without_the_form_token_changes_nothing(desk: Desk, tmp_path: Any) -> None:
    hire("boss", "owner")
    desk.sign_in("boss")
    before = fingerprint()
    for method, path, _ in routes_of(tmp_path):
        if method == "POST":
            status, text = await desk.post(address(path), csrf=False, reason="x", _typed="停用")
            assert status == 403, path
            assert "页面已过期" in words_of(text, ".empty p")
    assert fingerprint() == before
    assert (await desk.get("/admin/"))[0] == 200


async def test_every_step_that_needs_a_recent_code_asks_for_it(desk: Desk, tmp_path: Any) -> None:
    hire("boss", "owner")
    desk.sign_in("boss", fresh=False)
    before = fingerprint()
    for method, path, handler in routes_of(tmp_path):
        if method == "POST" and getattr(handler, FRESH, False):
            status, text = await desk.post(address(path), reason="x")
            assert status == 403, path
            assert asks_for_code(text)
    assert fingerprint() == before


async def test_the_menu_shows_only_pages_that_may_be_opened(desk: Desk) -> None:
    hire("worker", "service")
    desk.sign_in("worker")
    _, page = await desk.get("/admin/")
    paths = [path for path in values_of(page, "[href^='/admin/']", "href") if "#" not in path]
    assert len(paths) > 2
    for path in paths:
        status, _ = await desk.get(path)
        assert status == 200, path
