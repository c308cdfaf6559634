"""对账: WeChat's bills against our book; differences that a person closes; the hold."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.as_shown import carried, shows, try_as_shown
from admin.deps import deps_of
from admin.guard import requires
from admin.web import (
    PAGE_SIZE,
    actor,
    done,
    first_url,
    id_of,
    next_url,
    page,
    read,
    refuse_bad,
    try_step,
    typed,
)
from domain import hold, reconcile
from kernel.web.forms import read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/reconcile"
ASIDES_SHOWN = 50
ASIDE_REASONS = {
    "line_break": "内容里有换行",
    "no_backtick": "不是账单的格式",
    "duplicate": "与另一行重复",
    "amount": "金额读不懂",
    "no": "缺少列、时间或合计",
    "neither": "收支方向读不懂",
}


@routes.get("/reconcile")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The last days, and every difference that waits for the other side or for a person."""
    rows = await read(request, reconcile.open_lines, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/reconcile.html",
        rows=found.items,
        shown=await carried(request, "difference", [each.id for each in found.items]),
        next=next_url(request, found),
        first=first_url(request),
        **await read(request, _days, deps_of(request).pay.mchid),
    )


def _days(mchid: str) -> dict[str, Any]:
    held = hold.state()
    problem = hold.why_not_lifted(held) if held.is_held else None
    asides = reconcile.unseen_asides(ASIDES_SHOWN + 1)
    return {
        "days": reconcile.bill_days(mchid),
        "has_readings": reconcile.has_readings(mchid),
        "gaps": [day.isoformat() for day in reconcile.gaps(mchid)],
        "unread": len(reconcile.unread_days(mchid)),
        "held": held,
        "problem": problem,
        "asides": asides[:ASIDES_SHOWN],
        "more_asides": len(asides) > ASIDES_SHOWN,
        "aside_reason": aside_reason,
    }


def aside_reason(reason: str) -> str:
    """Why a record could not be read, in words."""
    head, _, rest = reason.partition(" ")
    if head == "columns":
        return f"列数不对（{rest}）"
    return ASIDE_REASONS.get(head, reason)


@routes.post(r"/reconcile/asides/{id:\d{1,18}}/seen")
@requires("payouts.review")
async def seen(request: web.Request) -> web.StreamResponse:
    """Somebody has looked at a record that could not be read."""
    form = await read_form(request)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, reconcile.mark_seen, id_of(request))
    await done(request, "已标为看过", URL)


@routes.post(r"/reconcile/{id:\d{1,18}}/close")
@shows("difference")
@requires("payouts.review", fresh=True)
async def close(request: web.Request) -> web.StreamResponse:
    """Take a difference off the list, with what was found out."""
    form = await read_form(request)
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_as_shown(request, URL, reconcile.close_line, id_of(request), reason)
    await done(request, "差异已关闭", URL)


@routes.post("/reconcile/read")
@requires("payouts.review")
async def read_now(request: web.Request) -> web.StreamResponse:
    """Fetch the bills that were not read yet, without waiting for the morning."""
    await try_step(request, URL, reconcile.read_soon)
    await done(request, "正在取微信账单，稍后刷新本页查看", URL)


@routes.post("/reconcile/lift")
@requires("payouts.stop", fresh=True)
async def lift(request: web.Request) -> web.StreamResponse:
    """End the hold after a restore, once the bills were read."""
    form = await read_form(request)
    typed(form, "解除保全")
    reason = form.text("reason", most=200)
    await refuse_bad(request, form, URL)
    await try_step(request, URL, hold.lift, actor(request), reason)
    await done(request, "已解除保全，付款、退款与发送恢复", URL)
