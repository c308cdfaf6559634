"""对账: days of WeChat's bills, unread days, unreadable records, and the after-restore hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.kit.steps import ID, Ask, Step, nothing, reason
from admin.web import done, page, read, try_step
from admin.words import TEXT
from domain import after_restore_hold, reconcile
from kernel.errors import NotFound
from kernel.money import yuan_grouped
from kernel.web.forms import query_param, read_form

routes = web.RouteTableDef()
URL = "/admin/reconcile"
DAY = r"{day:\d{4}-\d{2}-\d{2}}"
STRIP_DAYS = 90
DAYS_SHOWN = 31
SHOWN = 20
ASIDES_SHOWN = 50
ASIDE = TEXT.names("aside")


@routes.get("/reconcile")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Show the last days, missing days, and the newest differences."""
    before = _day(query_param(request, "before"))
    found = await read(request, _index, deps_of(request).pay.mchid, before)
    return await page(request, "admin/trade/reconcile.html", **found)


def _index(mchid: str, before: date | None) -> dict[str, Any]:
    """All data of the page, in one read."""
    strip = reconcile.list_days(mchid, limit=STRIP_DAYS)
    table = reconcile.list_days(mchid, before=before, limit=DAYS_SHOWN + 1) if before else strip
    held = after_restore_hold.hold_state()
    asides = reconcile.list_unseen_lines(ASIDES_SHOWN + 1)
    return {
        "strip": strip[::-1],
        "days": table[:DAYS_SHOWN],
        "older": table[DAYS_SHOWN - 1].day.isoformat() if len(table) > DAYS_SHOWN else "",
        "is_first": before is None,
        "has_readings": reconcile.has_readings(mchid),
        "gaps": [each.day.isoformat() for each in strip[::-1] if each.is_gap],
        "unread": len(reconcile.unread_days(mchid)),
        "lost": [day.isoformat() for day in reconcile.lost_days(mchid)],
        "is_busy": any(each.state == "reading" for each in strip),
        "rows": reconcile.list_differences(limit=SHOWN),
        "open_lines": reconcile.count_differences(mchid),
        "held": held,
        "problem": after_restore_hold.why_not_lifted(held) if held.is_held else None,
        "asides": asides[:ASIDES_SHOWN],
        "more_asides": len(asides) > ASIDES_SHOWN,
        "aside_reason": aside_reason,
    }


@routes.get(f"/reconcile/days/{DAY}")
@requires("payouts.see")
async def one_day(request: web.Request) -> web.StreamResponse:
    """Show a day: its two bills, the sums of both sides, its differences."""
    day = _day(request.match_info["day"])
    if day is None:
        raise NotFound("bill_day_missing")
    found = await read(request, _one_day, day, deps_of(request).pay.mchid)
    return await page(request, "admin/trade/bill_day.html", **found)


def _one_day(day: date, mchid: str) -> dict[str, Any]:
    name = day.isoformat()
    only = reconcile.DifferenceFilter("all", since=name, until=name)
    rows = reconcile.list_differences(only, limit=SHOWN + 1)
    return {
        "day": reconcile.day_detail(day, mchid),
        "rows": rows[:SHOWN],
        "more_rows": len(rows) > SHOWN,
        "asides": reconcile.list_unseen_lines(ASIDES_SHOWN, day),
        "aside_reason": aside_reason,
    }


@routes.post("/reconcile/read")
@requires("payouts.review")
async def read_now(request: web.Request) -> web.StreamResponse:
    """Read the missing days now, without waiting for the periodic job."""
    await read_form(request)
    mchid = deps_of(request).pay.mchid
    count = await try_step(request, URL, reconcile.read_unread_days, mchid)
    said = f"正在读取 {count} 天的账单，读完自动显示" if count else "没有要读的账单"
    return await done(request, said, URL)


@routes.post(f"/reconcile/days/{DAY}/read")
@requires("payouts.review")
async def read_day(request: web.Request) -> web.StreamResponse:
    """Read the bills of a day again."""
    await read_form(request)
    day, url = _day(request.match_info["day"]), f"{URL}/days/{request.match_info['day']}"
    if day is None:
        raise NotFound("bill_day_missing")
    await try_step(request, url, reconcile.read_day_again, day, deps_of(request).pay.mchid)
    return await done(request, "正在读取，读完自动显示", url)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def aside_reason(code: str, facts: Mapping[str, Any]) -> str:
    """Why a bill, or a record of it, could not be read."""
    if code not in ASIDE:
        return code
    yuan = {n.removesuffix("_fen"): yuan_grouped(v) for n, v in facts.items() if n[-4:] == "_fen"}
    return ASIDE[code].format(**{**facts, **yuan})


def seen(ask: Ask, _: None) -> str:
    """Mark an unreadable record as seen."""
    reconcile.mark_line_seen(ask.id)
    return "已标为看过"


def lift(ask: Ask, why: str) -> str:
    """Lift the after-restore hold; the bills have to be read before."""
    after_restore_hold.lift_hold(ask.actor, why)
    return "已解除保全，付款、退款与发送恢复"


STEPS = (
    Step(f"/reconcile/asides/{ID}/seen", "payouts.review", seen, URL, nothing),
    Step("/reconcile/lift", "payouts.stop", lift, URL, reason, word="解除保全", fresh=True),
)
