"""Every route requested by every kind of person: nobody sees or changes what is another's.

The routes come from the application's own table. A new route fails the first test until it is
listed here with those it is for.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import product

import pytest

from admin.guard import FOR_ALL, RIGHT, SIGNED_IN
from domain.staff import ROLES
from kernel.ids import token
from kernel.web.browsers import Browser
from tests.harness.markup import is_nowhere, words_of
from tests.security.town import MEMBER, STAFF, Person, Route, Town, routes_of

# For machines, which sign their requests; tests/fuzz and tests/contract cover them.
MACHINES = {
    "GET /wechat", "POST /wechat", "POST /pay/notify", "POST /pay/refund-notify",
    "POST /pay/transfer-notify", "POST /pay/grant-notify",
}  # fmt: skip
# Everybody may see these.
OPEN = {
    "GET /", "GET /healthz", "GET /readyz", "GET /static/{path}", "GET /uploads",
    "GET /oauth/login",
    "GET /oauth/callback", "GET /legal/{kind}", "GET /legal/{kind}/changes",
    "GET /legal/licences", "GET /m/", "GET /m/category", "GET /m/offers",
    "GET /m/search", "GET /m/filter", "GET /m/label/{id}",
    "GET /m/label/{id}/code.svg", "GET /m/addresses/regions",
    "GET /m/p/{id}", "GET /m/cart", "GET /m/cart/count", "GET /m/l/{code}",
    "GET /m/whoami",
    "GET /m/handover/{token}/code.svg", "GET /admin", "GET /admin/sign-in",
}  # fmt: skip
# Everybody may do these for their own browser, with its form token.
BROWSER = {
    "POST /m/cart", "POST /m/cart/change", "POST /m/care", "POST /m/seen", "POST /oauth/profile",
    "POST /admin/sign-in",
    "POST /admin/sign-in/code", "POST /admin/sign-in/enrol",
}  # fmt: skip
# For members, about themselves: the address names nothing that could be another's.
SELF = {
    "GET /m/checkout", "POST /m/checkout", "GET /m/orders", "GET /m/aftersales",
    "GET /m/aftersales/new", "POST /m/aftersales/new", "GET /m/me", "GET /m/me/profile",
    "POST /m/me/profile", "POST /m/me/avatar", "POST /m/me/sign-out",
    "GET /m/addresses", "GET /m/addresses/new",
    "POST /m/addresses/new", "GET /m/handover/{token}", "GET /m/complaint", "POST /m/complaint",
    "GET /m/d/", "POST /m/d/apply", "GET /m/d/entries", "GET /m/d/customers", "GET /m/d/goods",
    "GET /m/d/poster", "GET /m/d/poster.jpg", "GET /m/d/why", "GET /m/d/order-why",
    "GET /m/me/age", "POST /m/me/age",
    "GET /m/me/privacy", "POST /m/me/names", "POST /m/me/invitation", "POST /m/me/name",
    "GET /m/d/identity", "POST /m/d/identity", "POST /m/d/licence", "GET /m/d/licence.jpg",
    "GET /m/d/freeze",
    "POST /m/d/freeze", "GET /m/d/withdraw", "POST /m/d/withdraw",
    "POST /m/d/withdraw/confirm", "GET /m/d/withdrawals", "GET /m/d/settings",
    "POST /m/d/settings", "POST /m/d/leave", "POST /m/d/grant", "POST /m/d/grant/close",
    "GET /m/pay/grant", "GET /m/pay/grant/state", "GET /m/agree/{kind}", "POST /m/agree/{kind}",
    "GET /m/me/consents", "POST /m/me/consents", "GET /m/me/requests", "POST /m/me/requests",
    "POST /m/me/requests/file", "GET /m/me/delete", "POST /m/me/delete", "GET /m/gifts",
}  # fmt: skip
# For members, about something that has one owner; others get 404.
OWNED = {
    "GET /m/orders/{no}", "POST /m/orders/{no}/cancel", "POST /m/orders/{no}/receive",
    "POST /m/orders/{no}/extend", "POST /m/orders/{no}/again", "GET /m/pay/{no}",
    "GET /m/orders/{no}/pickup", "GET /m/orders/{no}/pickup/code.svg",
    "POST /m/orders/{no}/pickup/place",
    "GET /m/pay/{no}/code.svg", "GET /m/pay/{no}/state", "GET /m/pay/{no}/result",
    "GET /m/aftersales/{no}", "POST /m/aftersales/{no}/withdraw",
    "POST /m/aftersales/{no}/send-back", "GET /m/addresses/{id}", "POST /m/addresses/{id}",
    "POST /m/addresses/{id}/delete", "GET /m/complaint/{no}", "POST /m/complaint/{no}/more",
    "POST /m/complaint/{no}/close", "GET /m/d/withdrawals/{id}",
    "POST /m/d/withdrawals/{id}/take-back", "GET /m/pay/transfer/{id}",
    "GET /m/pay/transfer/{id}/state", "GET /m/d/withdrawals/{id}/state",
    "POST /m/d/customers/{id}/note", "GET /m/me/requests/{no}",
    "POST /m/me/requests/{no}/take-back", "GET /m/me/requests/{no}/data",
    "GET /m/me/requests/{no}/file", "GET /m/orders/{no}/gift", "POST /m/orders/{no}/gift/cancel",
    "GET /m/gifts/{no}", "GET /m/g/{token}", "POST /m/g/{token}", "POST /m/g/{token}/decline",
    "POST /m/g/{token}/minor", "POST /m/g/{token}/receive",
    "GET /m/me/leaks/{no}",
}  # fmt: skip
# Nothing of this kind exists here; test_licences, test_lists, test_ship_sheet,
# test_reconcile and test_gifts make one.
EMPTY = {
    "GET /admin/payees/{id}/licence.jpg", "GET /admin/exports/{id}/file",
    "GET /admin/orders/ship-sheet/{id}", "GET /admin/stock/count-sheet/{id}",
    "GET /admin/products/sheet/{id}",
    "GET /admin/reconcile/days/{day}",
    "GET /admin/reconcile/differences/{id}", "GET /admin/evidence/{id}/file",
    "GET /m/me/requests/{no}/data", "GET /m/me/requests/{no}/file",
    "GET /m/orders/{no}/gift", "GET /m/gifts/{no}", "GET /m/g/{token}",
    "GET /m/me/leaks/{no}", "GET /admin/leaks/{id}", "GET /admin/impact/{subject}/{number}/file",
    "GET /m/orders/{no}/pickup", "GET /m/orders/{no}/pickup/code.svg",
    "GET /admin/pickups/{id}", "GET /admin/places/{id}",
}  # fmt: skip
GIFT = f"{'t' * 22}.{'t' * 24}"
"""The end of a gift's link, not signed."""
KINDS = (MACHINES, OPEN, BROWSER, SELF, OWNED)
FILLED: dict[str, str] = {
    "name": "林小雨", "phone": "13800138000", "province": "四川省", "city": "成都市",
    "district": "锦江区", "detail": "春熙路2号", "text": "不该写进去", "reason": "other",
    "company": "顺丰速运", "tracking_no": "SF1234567890", "_idem": "i" * 20, "quantity": "1",
}  # fmt: skip


def is_staff_only(route: Route) -> bool:
    """Whether the merchant's guard protects a route."""
    return getattr(route.handler, RIGHT, FOR_ALL) != FOR_ALL


def is_payout(route: Route) -> bool:
    """Whether a route is about a withdrawal, which is the distributor's."""
    return "withdrawals" in route.pattern or "transfer" in route.pattern


def address(town: Town, route: Route) -> str:
    """A route's address with existing ids for its variables."""
    shop, pattern = town.shop, route.pattern
    waits = pattern.startswith("/m/pay/") or pattern.endswith("/cancel")
    order_no = town.waiting_no if waits else shop.shipped.order_no
    first = pattern.split("/")[2] if pattern.count("/") > 1 else ""
    numbers = {
        "orders": order_no, "pay": order_no, "aftersales": town.case_no,
        "complaint": shop.ticket_no, "tickets": shop.ticket_no, "requests": shop.request_no,
        "me": shop.request_no, "gifts": order_no,
    }  # fmt: skip
    ids = {
        "addresses": town.address_id, "d": shop.withdrawal_id, "pay": shop.withdrawal_id,
        "withdrawals": shop.withdrawal_id, "products": shop.product_id, "p": shop.product_id,
        "stock": shop.sku_id, "rules": shop.rule_id, "push": shop.campaign_id,
        "distributors": shop.distributor_id, "members": shop.customer_id,
        "aftersales": shop.case_id, "outbox": shop.dead_id, "approvals": shop.proposal_id,
        "offers": shop.offer_id, "texts": shop.ruling_id, "missed": shop.missed_id,
        "ages": shop.doubt_id, "freight": shop.freight_id, "categories": shop.category_id,
        "label": shop.product_id,
    }  # fmt: skip
    values = {
        "no": numbers.get(first, ""), "id": str(ids.get(first, 1)), "sku": str(shop.sku_id),
        "token": GIFT if first == "g" else "t" * 24, "code": "ABCDEF", "kind": "terms",
        "path": "css/mall.css",
        "day": "2026-11-01", "key": "invoice", "attribute": "1",
        "subject": "identity", "number": "1", "person": "1",
        "row": str(shop.freight_row_id),
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], pattern)


def chosen(town: Town, kinds: Iterable[set[str]]) -> list[Route]:
    """The routes of some kinds, from the application's table."""
    wanted = set().union(*kinds)
    return [route for route in routes_of(town.app) if str(route) in wanted]


async def unchanged(town: Town, work: Callable[[], Awaitable[list[str]]]) -> None:
    """Send several requests; none is answered wrongly, and no table has changed afterwards."""
    before, knocks = await town.digest(), town.knocks
    wrong = await work()
    assert town.knocks > knocks + 3, "nothing was tried"
    after = await town.digest()
    changed = [name for name in before if before[name] != after[name]]
    assert (wrong, changed) == ([], [])


async def test_every_route_says_whom_it_is_for(town: Town) -> None:
    routes = list(routes_of(town.app))
    known = {str(r) for r in routes if is_staff_only(r)}
    for kind in KINDS:
        assert not kind & known, "said twice"
        known |= kind
    assert {str(r) for r in routes} == known
    assert len(routes) > 190


async def test_a_visitor_is_asked_to_sign_in(town: Town) -> None:
    async def work() -> list[str]:
        wrong = []
        for route, in_wechat in product(chosen(town, (SELF, OWNED)), (False, True)):
            who = town.visitor(in_wechat=in_wechat)
            data = FILLED if route.method == "POST" else None
            got = await town.ask(route.method, address(town, route), who, data=data)
            signs_in = got.status == 302 and got.place.startswith("/oauth/login?next=")
            if not (signs_in if in_wechat else got.status == 401):
                wrong.append(f"{route} {got.status} {got.place}")
        return wrong

    await unchanged(town, work)


@pytest.mark.parametrize("name", ["other", "distributor", "operator"])
async def test_what_belongs_to_another_is_not_found(town: Town, name: str) -> None:
    who = town.people[name]
    if name == "operator":  # a staff member who is signed in to the mall as somebody else
        who = replace(who, cookies=who.cookies | {MEMBER: town.people["other"].cookies[MEMBER]})

    async def work() -> list[str]:
        wrong = []
        for route in chosen(town, (OWNED,)):
            if name == "distributor" and is_payout(route):
                continue
            data = FILLED if route.method == "POST" else None
            got = await town.ask(route.method, address(town, route), who, data=data)
            if got.status != 404 or not is_nowhere(got.text, "酒城", "1380013"):
                wrong.append(f"{route} {got.status} {got.place}")
        return wrong

    await unchanged(town, work)


async def test_the_owner_finds_what_is_theirs(town: Town) -> None:
    wrong, knocks = [], town.knocks
    for route in chosen(town, (OWNED,)):
        if route.method == "GET" and str(route) not in EMPTY:
            who = town.people["distributor" if is_payout(route) else "buyer"]
            got = await town.ask("GET", address(town, route), who)
            if got.status in {401, 403, 404, 500} or got.place.startswith("/oauth"):
                wrong.append(f"{route} {got.status} {got.place}")
    assert wrong == []
    assert town.knocks > knocks + 3


async def test_the_owner_s_own_form_does_change(town: Town) -> None:
    """The hashes of the tables, which the other tests compare, show a change."""
    before = await town.digest()
    route = next(r for r in routes_of(town.app) if str(r) == "POST /m/orders/{no}/receive")
    got = await town.ask("POST", address(town, route), town.people["buyer"])
    after = await town.digest()
    assert got.status == 303
    assert {"mall_order", "order_log"} <= {name for name in before if before[name] != after[name]}


async def test_another_s_order_can_t_be_named_in_a_form(town: Town) -> None:
    order_no, other = town.shop.shipped.order_no, town.people["other"]
    line_id = await town.shipped_line()

    async def work() -> list[str]:
        wrong = []
        asked = f"/m/aftersales/new?order={order_no}&line={line_id}"
        got = await town.ask("GET", asked, other)
        wrong += [f"form {got.status}"] if got.status != 404 else []
        case = FILLED | {"order": order_no, "line": str(line_id), "kind": "refund_only"}
        got = await town.ask("POST", "/m/aftersales/new", other, data=case)
        wrong += [f"case {got.status}"] if got.status != 404 else []
        order = {
            "item": f"{town.shop.sku_id}:1:29800", "address": str(town.address_id),
            "expected_payable_fen": "29800", "adult": "1", "_idem": "j" * 20,
        }  # fmt: skip
        got = await town.ask("POST", "/m/checkout", other, data=order)
        wrong += [f"checkout {got.status}"] if got.status != 404 else []
        got = await town.ask("GET", f"/m/d/order-why?no={order_no}", other)
        wrong += [] if is_nowhere(got.text, "¥", "小王") else ["why"]
        return wrong

    await unchanged(town, work)


async def test_a_form_that_is_not_of_this_browser_is_refused(town: Town) -> None:
    buyer, seller, owner = (town.people[n] for n in ("buyer", "distributor", "owner"))
    attacks: tuple[tuple[str, str | None, dict[str, str]], ...] = (
        ("no token", None, {}),
        ("another browser's token", Browser.csrf_of(token()), {}),
        ("a foreign page with our token", "own", {"Origin": "https://evil.example"}),
        ("a page of another port", "own", {"Origin": "http://127.0.0.1:1"}),
    )

    async def work() -> list[str]:
        wrong = []
        forms = [r for r in routes_of(town.app) if r.method == "POST" and str(r) not in MACHINES]
        for route, (attack, csrf, headers) in product(forms, attacks):
            who = owner if route.face == "admin" else seller if "/d/" in str(route) else buyer
            path = address(town, route)
            got = await town.ask("POST", path, who, data=FILLED, csrf=csrf, headers=headers)
            if got.status != 403 or "页面已过期" not in words_of(got.text):
                wrong.append(f"{attack}: {route} {got.status} {got.place}")
        return wrong

    await unchanged(town, work)


async def test_only_staff_see_the_merchant_s_pages(town: Town) -> None:
    async def work() -> list[str]:
        wrong = []
        for route in routes_of(town.app):
            if not is_staff_only(route):
                continue
            for who in (town.visitor(), town.people["buyer"], town.people["distributor"]):
                got = await town.ask(route.method, address(town, route), who)
                if got.status != 303 or not got.place.startswith("/admin/sign-in"):
                    wrong.append(f"{who.name} {route} {got.status} {got.place}")
        return wrong

    await unchanged(town, work)


async def test_staff_without_the_right_change_nothing(town: Town) -> None:
    async def work() -> list[str]:
        wrong = []
        pairs = product(list(routes_of(town.app)), ("clerk", "service", "operator", "finance"))
        for route, role in pairs:
            right = getattr(route.handler, RIGHT, FOR_ALL)
            if right in (FOR_ALL, SIGNED_IN, *ROLES[role]):
                continue
            got = await town.ask(route.method, address(town, route), town.people[role])
            if got.status != 403 or "没有此项权限" not in words_of(got.text):
                wrong.append(f"{role} {route} {got.status} {got.place}")
        return wrong

    await unchanged(town, work)


async def test_staff_with_the_right_are_let_in(town: Town) -> None:
    wrong = []
    for route in routes_of(town.app):
        right = getattr(route.handler, RIGHT, FOR_ALL)
        if route.method != "GET" or right == FOR_ALL or str(route) in EMPTY:
            continue
        role = next(r for r in reversed(ROLES) if right in (SIGNED_IN, *ROLES[r]))
        got = await town.ask("GET", address(town, route), town.people[role])
        if got.status not in {200, 303} or got.place.startswith("/admin/sign-in"):
            wrong.append(f"{role} {route} {got.status} {got.place}")
    assert wrong == []


async def test_a_disabled_account_is_signed_out_at_once(town: Town) -> None:
    from domain import staff
    from models import Staff

    def leave() -> None:
        staff.disable_staff(Staff.get(Staff.login == "the-operator").id)

    operator = town.people["operator"]
    assert (await town.ask("GET", "/admin/orders", operator)).status == 200
    await town.runtime.store.write(leave)
    got = await town.ask("GET", "/admin/orders", operator)
    assert (got.status, got.place[:14]) == (303, "/admin/sign-in")


async def test_cookies_of_one_face_are_refused_by_the_other(town: Town) -> None:
    buyer, owner = town.people["buyer"], town.people["owner"]
    swapped = Person("swapped", {MEMBER: owner.cookies[STAFF], STAFF: buyer.cookies[MEMBER]})
    assert (await town.ask("GET", "/m/me", swapped)).status == 401
    assert (await town.ask("GET", "/admin/orders", swapped)).status == 303
