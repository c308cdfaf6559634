"""分佣规则: rules in force and announced; adding and ending a rule; commission by product."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiohttp import web

from admin.guard import requires
from admin.kit.forms import FormSpec
from admin.kit.steps import ID, Ask, Step, nothing
from admin.web import (
    page,
    read,
)
from domain import catalog, distribution
from domain.distribution import MODES, SCOPES
from kernel import clock
from kernel.web.forms import Form, query_param

routes = web.RouteTableDef()
URL = "/admin/rules"
LEVELS = 3
WEIGHT_MOST = 1000
TARGETS = 300
FIXED_MOST = 1_000_000


@routes.get("/rules")
@requires("distribution.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Show all rules, the most specific first, and the form for a new one."""
    return await _index(request)


def retire(ask: Ask, _: None) -> str:
    """End a rule now."""
    distribution.retire_rule(ask.id, ask.actor)
    return "规则已停用"


RETIRE = Step(f"/rules/{ID}/retire", "distribution.rules", retire, URL, nothing,
              word="停用", fresh=True)  # fmt: skip


@routes.get("/rules/preview")
@requires("distribution.see")
async def preview(request: web.Request) -> web.StreamResponse:
    """Show the commission per piece of each product on the shelf under the present rules."""
    rows = await read(request, _preview)
    return await page(request, "admin/selling/rules_preview.html", rows=rows)


def _preview() -> list[tuple[Any, Any]]:
    shelf = catalog.list_products(state="on_shelf", limit=100)
    return [(row, distribution.preview_commission(row.id)) for row in shelf]


def _targets() -> dict[str, list[tuple[int, str]]]:
    """The possible targets of a rule by id; a long list is searched by typing."""
    products = catalog.list_products(limit=TARGETS)
    skus = catalog.list_watched_stock(limit=TARGETS)
    return {
        "category": [(each.id, each.name) for each in catalog.list_categories()],
        "product": [(each.id, each.title) for each in products],
        "sku": [(each.sku_id, f"{each.title} {each.spec_text}".strip()) for each in skus],
    }


async def _index(
    request: web.Request, values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:  # fmt: skip
    show_retired = query_param(request, "all") == "1"
    return await page(
        request,
        "admin/selling/rules.html",
        status=422 if errors else 200,
        rules=await read(request, distribution.list_commission_rules, show_retired),
        grades=await read(request, distribution.list_grades),
        levels=(await read(request, distribution.list_level_signatures))[0],
        targets=await read(request, _targets),
        show_retired=show_retired,
        values=values or {},
        errors=errors or {},
        scopes=SCOPES,
        modes=MODES,
        now_=clock.now(),
    )


class NewRule(NamedTuple):
    """The typed values of a rule; ``starts_at`` None means now."""

    scope: str
    target: int
    grade: int | None
    mode: str
    pool_bp: int
    shares: list[int]
    starts_at: datetime | None


def create(ask: Ask, it: NewRule, _: int) -> None:
    """Add a rule that applies from its date on; earlier orders keep their rule."""
    distribution.save_rule(
        it.scope, it.target, it.grade, it.mode, it.pool_bp, it.shares, ask.actor, it.starts_at
    )


def _rule(form: Form) -> NewRule:
    scope = form.choice("scope", SCOPES, "all")
    mode = form.choice("mode", MODES, "pool")
    target = 0 if scope == "all" else form.integer("target_id", least=1, most=10**15)
    grade = form.integer("grade_id", least=0, most=10**15, default=0) or None
    pool = form.rate("pool") if mode == "pool" else 0
    shares = [] if mode == "off" else _shares(form, mode)
    return NewRule(scope, target, grade, mode, pool, shares, _from(form))


def _shares(form: Form, mode: str) -> list[int]:
    """The typed shares by level, without empty ones at the end."""
    found: list[int] = []
    for level in range(1, LEVELS + 1):
        name = f"share{level}"
        if not form.raw(name).strip():
            found.append(0)
        elif mode == "fixed":
            found.append(form.fen(name, most=FIXED_MOST))
        elif mode == "levels":
            found.append(form.rate(name))
        else:
            found.append(form.count(name, least=0, most=WEIGHT_MOST))
    while found and found[-1] == 0:
        found.pop()
    return found


def _from(form: Form) -> datetime | None:
    """The start of the typed business day; None if the field is empty."""
    text = form.raw("from_day").strip()
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        form.fail("from_day", "date_bad")
        return None
    if day > clock.business_day(clock.now()) + timedelta(days=366):
        form.fail("from_day", "date_bad")
    return clock.day_start(day)


NEW = FormSpec[NewRule](
    "/rules", "distribution.rules", _rule, create, _index,
    "规则已保存，之后的订单按新规则计佣", URL, fresh=True,
)  # fmt: skip
