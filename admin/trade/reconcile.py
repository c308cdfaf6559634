"""对账: WeChat's bills against our book; differences that a person closes; the hold."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin.as_shown import shown_facts
from admin.deps import deps_of
from admin.guard import requires
from admin.kit.steps import ID, Ask, Step, nothing, reason
from admin.web import (
    PAGE_SIZE,
    first_url,
    next_url,
    page,
    read,
)
from admin.words import TEXT
from domain import after_restore_hold, reconcile
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
URL = "/admin/reconcile"
ASIDES_SHOWN = 50
ASIDE = TEXT.names("aside")


@routes.get("/reconcile")
@requires("payouts.see")
async def index(request: web.Request) -> web.StreamResponse:
    """The last days, and every difference that waits for the other side or for a person."""
    rows = await read(request, reconcile.list_open_lines, cursor_of(request), PAGE_SIZE + 1)
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/trade/reconcile.html",
        rows=found.items,
        shown=await shown_facts(request, "difference", [each.id for each in found.items]),
        next=next_url(request, found),
        first=first_url(request),
        **await read(request, _days, deps_of(request).pay.mchid),
    )


def _days(mchid: str) -> dict[str, Any]:
    held = after_restore_hold.hold_state()
    problem = after_restore_hold.why_not_lifted(held) if held.is_held else None
    asides = reconcile.list_unseen_lines(ASIDES_SHOWN + 1)
    return {
        "days": reconcile.list_bill_days(mchid),
        "has_readings": reconcile.has_readings(mchid),
        "gaps": [day.isoformat() for day in reconcile.overdue_days(mchid)],
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
        return ASIDE[head].format(counts=rest)
    return ASIDE.get(head, reason)


def seen(ask: Ask, _: None) -> str:
    """Somebody has looked at a record that could not be read."""
    reconcile.mark_line_seen(ask.id)
    return "已标为看过"


def close(ask: Ask, why: str) -> str:
    """Take a difference off the list, with what was found out."""
    reconcile.close_line(ask.id, why)
    return "差异已关闭"


def read_now(_: Ask, __: None) -> str:
    """Fetch the bills that were not read yet, without waiting for the morning."""
    reconcile.reconcile_soon()
    return "正在取微信账单，稍后刷新本页查看"


def lift(ask: Ask, why: str) -> str:
    """End the hold after a restore, once the bills were read."""
    after_restore_hold.lift_hold(ask.actor, why)
    return "已解除保全，付款、退款与发送恢复"


STEPS = (
    Step(f"/reconcile/asides/{ID}/seen", "payouts.review", seen, URL, nothing),
    Step(f"/reconcile/{ID}/close", "payouts.review", close, URL, reason,
         fresh=True, shows="difference"),
    Step("/reconcile/read", "payouts.review", read_now, URL, nothing),
    Step("/reconcile/lift", "payouts.stop", lift, URL, reason, word="解除保全", fresh=True),
)  # fmt: skip
