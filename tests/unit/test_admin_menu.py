"""The menu of the merchant's pages: a person sees links only to pages that they may open."""

from __future__ import annotations

from itertools import chain

import pytest
from aiohttp import web

from admin.guard import RIGHT
from admin.kit import Page, Section
from admin.menu import BESIDE, MENU, PAGES
from admin.nav import nav_of, page_at
from domain.overview import Todo
from domain.staff import ROLES

TODO = Todo(
    to_ship=3, oldest_to_ship_at=None, cases=2, refunds_abnormal=0, withdrawals=1,
    withdrawals_fen=500, applications=0, low_stock=7, tickets=0, tickets_late=0, dead=0,
    requests=0, requests_late=0,
    is_stopped=False, stopped_why="", stop_cause="", is_held=False, differences=0,
)  # fmt: skip


def _rights() -> dict[str, str]:
    tables = chain((part.table for part in BESIDE), (page.routes() for page in PAGES))
    return {
        f"/admin{route.path}": getattr(route.handler, RIGHT, "")
        for route in chain.from_iterable(tables)
        if isinstance(route, web.RouteDef) and route.method == "GET"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key or "today")
def test_the_right_of_a_line_is_the_right_of_its_page(page: Page) -> None:
    assert _rights()[page.url] == page.right


def test_no_address_and_no_title_stands_twice_in_a_section() -> None:
    assert len({page.key for page in PAGES}) == len(PAGES)
    for section in MENU:
        assert len({page.title for page in section.pages}) == len(section.pages)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/admin/", "今日"), ("/admin", "今日"), ("/admin/orders", "订单台"),
        ("/admin/orders/ORD2611291", "订单台"), ("/admin/settings", "交易与规则"),
        ("/admin/settings/distribution", "分销设置"), ("/admin/settings/brakes", "付款刹车"),
        ("/admin/tax", "提现审核"), ("/admin/push/new", "消息群发"), ("/admin/ordersx", None),
        ("/admin/search", None), ("/admin/me", None),
    ],
)  # fmt: skip
def test_the_page_with_the_longest_matching_address_is_marked(
    path: str, title: str | None
) -> None:
    found = page_at(PAGES, path)
    assert (found.title if found else None) == title


def test_a_section_shows_only_what_its_reader_may_open() -> None:
    for role, rights in ROLES.items():
        seen = nav_of(MENU, "/admin/reconcile", rights.__contains__, TODO)
        shown = {page.url for section in seen for page in section.pages}
        assert shown == {page.url for page in PAGES if page.right in rights}, role
        assert all(section.url == section.pages[0].url for section in seen)


def test_finance_reaches_reconciliation_although_it_may_not_see_orders() -> None:
    (orders,) = [
        each
        for each in nav_of(MENU, "/admin/reconcile", {"payouts.see"}.__contains__, TODO)
        if each.title == "订单"
    ]
    assert orders.is_open
    assert [(page.title, page.is_here) for page in orders.pages] == [("对账", True)]


def test_a_heading_counts_open_tasks_of_the_shown_pages_only() -> None:
    may = {"orders.see", "products.see"}.__contains__
    counts = {each.title: each.count for each in nav_of(MENU, "/admin/", may, TODO)}
    assert counts == {"订单": 5, "商品": 7}
    assert {each.count for each in nav_of(MENU, "/admin/", may, None)} == {0}


def test_an_empty_section_is_not_shown() -> None:
    menu = (Section("空", "box", (Page("x", "X", "orders.see"),)),)
    assert nav_of(menu, "/admin/x", lambda _: False, None) == []
