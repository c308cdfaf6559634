"""Forms as no page sends them, at every POST of mall and merchant: never a server error."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from admin.guard import RIGHT
from tests.fuzz.test_fuzz_notify import run_examples
from tests.security.test_route_matrix import MACHINES, address
from tests.security.town import Person, Route, Town, routes_of

ROOT = Path(__file__).resolve().parents[2]
# They end the session that the fuzz goes on with.
LEAVING = {"/m/me/sign-out", "/admin/logout", "/admin/staff/{id}/disable", "/admin/me/password",
           "/admin/staff/{id}/roles", "/admin/staff/{id}/code"}  # fmt: skip
VALUES = (
    "", "0", "1", "-1", "²", "٣", "1e9", "9" * 18, "9" * 40, "0.001", "1.005", "12.30", "NaN",
    "on", "true", "null", "[]", "{}", "x", "x" * 3000, "订单", "😀" * 40, "\ud7ff\ue000",
    "a\tb\nc", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "%s%n", "../../etc/passwd",
    "2026-02-30", "2026-11-22T99:99", "13800138000", "all", "refund_only", "return", "退款",
    "part", "SF1234567890", "put_on_shelf", "pool", "owner", "service", "template", "1:1:29800",
    "member:1", "i" * 20, "merchant", "goodwill", "not_wanted", "quality", "exchange",
)  # fmt: skip


@cache
def names() -> tuple[str, ...]:
    """Every field name that the faces' sources and pages mention."""
    found: set[str] = set()
    for folder, ending in (("mall_h5", "py"), ("admin", "py")):
        for path in (ROOT / folder).rglob(f"*.{ending}"):
            calls = r'form\.\w+\(\s*"(\w[\w-]*)"'
            found |= set(re.findall(calls, path.read_text(encoding="utf-8")))
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(re.findall(r'name="([\w-]+)"', path.read_text(encoding="utf-8")))
    assert len(found) > 100
    return tuple(sorted(found - {"_csrf"}))


def forms_of(town: Town, face: str) -> list[Route]:
    """The POST routes of a face."""
    return [
        route for route in routes_of(town.app)
        if route.method == "POST" and route.face == face and str(route) not in MACHINES
        and route.pattern not in LEAVING
    ]  # fmt: skip


def person_for(town: Town, route: Route) -> Person:
    """Whoever may do it."""
    if route.face == "admin":
        return town.people["owner"]
    return town.people["distributor" if "/d/" in route.pattern else "buyer"]


async def send(town: Town, route: Route, values: dict[str, Any]) -> int:
    """Post a form as somebody who may."""
    got = await town.ask("POST", address(town, route), person_for(town, route), data=values)
    assert "Traceback" not in got.text
    return got.status


async def test_an_empty_form_is_answered_with_its_mistakes(town: Town) -> None:
    """A page that shows a form again must stand fields that were not sent."""
    wrong = []
    for face in ("m", "admin"):
        for route in forms_of(town, face):
            status = await send(town, route, {})
            if status >= 500 and not is_outside(route, status):
                wrong.append(f"{route} {status}")
    assert wrong == []


async def test_forms_filled_with_anything_are_no_server_error(town: Town) -> None:
    routes = forms_of(town, "m") + forms_of(town, "admin")
    assert len(routes) > 70
    wrong: dict[str, dict[str, str]] = {}

    def draw(data: st.DataObject) -> tuple[int, dict[str, str]]:
        number = data.draw(st.integers(0, len(routes) - 1))
        known = relevant(routes[number])
        chosen = data.draw(st.lists(st.sampled_from(known), max_size=12, unique=True))
        return number, {name: data.draw(st.sampled_from(VALUES)) for name in chosen}

    async def one(drawn: tuple[int, dict[str, str]]) -> None:
        route, values = routes[drawn[0]], drawn[1]
        await town.runtime.redis.flushall()  # limits are tested elsewhere
        status = await send(town, route, values)
        if status >= 500 and not is_outside(route, status):
            wrong.setdefault(str(route), values)

    await run_examples(draw, one, most=250)
    assert wrong == {}
    found = await town.runtime.store.read(doctor)
    assert found == []


def relevant(route: Route) -> tuple[str, ...]:
    """The fields that the handler's own file names, else all."""
    import inspect

    module = inspect.getmodule(inspect.unwrap(route.handler))
    handler = route.handler
    closed = [c.cell_contents for c in (getattr(handler, "__closure__", None) or ())]
    inner = next((c for c in closed if inspect.isfunction(c)), None)
    source = inspect.getsource(inspect.getmodule(inner) or module)  # type: ignore[arg-type]
    found = tuple(n for n in names() if f'"{n}"' in source)
    return found or names()


def doctor() -> list[str]:
    """What is wrong with the ledger."""
    from domain import ledger

    return [str(fault) for fault in ledger.check_fully().faults]


def is_outside(route: Route, status: int) -> bool:
    """WeChat is not there in these tests: what asks it says so with 502."""
    return status == 502


def test_every_admin_form_names_its_right(town: Town) -> None:
    assert all(hasattr(r.handler, RIGHT) for r in forms_of(town, "admin"))
