"""今日: the first page, with open tasks and their lists, troubles, and sales figures."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import web

from admin.deps import deps_of
from admin.fault_words import by_urgency, refusal_lines, trouble_lines
from admin.guard import actor_of, requires, staff_of
from admin.web import page, read
from domain import approvals, distribution, impact, leaks, overview, push, reconcile, refusals
from domain.overview import DayFigures
from domain.staff import StaffSessionInfo
from kernel import clock
from kernel.money import yuan_grouped
from kernel.web.forms import query_param
from kernel.web.templates import ago

routes = web.RouteTableDef()
SPANS = (7, 30)
Figure = tuple[str, int, str, str, bool]  # text, count, note, list behind it, is due


@routes.get("/")
@requires("today.see")
async def today(request: web.Request) -> web.StreamResponse:
    """Show the first page."""
    span = 30 if query_param(request, "days") == "30" else 7
    who = staff_of(request)
    ailing, found = await asyncio.gather(
        deps_of(request).ailing(), read(request, _today, span, who, deps_of(request).pay.mchid)
    )
    found["troubles"] = by_urgency(
        trouble_lines(found["troubles"], ailing, who.may)
        + refusal_lines(found.pop("refusals"), found.pop("templates"), who.may)
    )
    waits = _todo_figures(found["waiting"], found["to_decide"], found.pop("law"), who)
    return await page(request, "admin/today.html", span=span, spans=SPANS, waits=waits, **found)


def _todo_figures(
    n: overview.Todo, to_decide: int, law: dict[str, int], who: StaffSessionInfo
) -> list[Figure]:
    """The counts of open tasks for a person with these rights, each with its list."""
    oldest = f"最早 {ago(n.oldest_to_ship_at)}" if n.oldest_to_ship_at else ""
    shown: list[tuple[bool, str, int, str, str]] = [
        (who.may("orders.see"), "待发货", n.to_ship, oldest, "orders?view=to_ship"),
        (who.may("orders.see"), "售后待处理", n.cases, "", "aftersales"),
        (who.may("payouts.see"), "提现待审", n.withdrawals,
         f"共 ¥{yuan_grouped(n.withdrawals_fen)}", "withdrawals?view=requested"),
        (who.may("approvals.decide"), "待我审批", to_decide, "", "approvals"),
        (who.may("payouts.see") and n.payees > 0, "收款人待审", n.payees, "", "payees"),
        (who.may("payouts.see") and n.freezes > 0, "冻结待复核", n.freezes, "", "payees"),
        (who.may("distribution.see"), "分销申请", n.applications, "",
         "distributors?view=applied"),
        (who.may("products.see"), "库存预警", n.low_stock, "", "stock?view=low"),
        (who.may("members.see") and n.ages > 0, "年龄待核验", n.ages, "", "ages"),
        (who.may("pictures.decide") and n.pictures > 0, "图片待审", n.pictures, "", "pictures"),
        (who.may("tickets.see"), "待答复工单", n.tickets, "", "tickets"),
        (who.may("tickets.see") and n.requests > 0, "个人信息请求", n.requests, "", "requests"),
        (who.may("settings.see") and law["leaks"] > 0, "信息泄露", law["leaks"],
         f"{law['late']} 件超时" if law["late"] else "", "leaks"),
        (who.may("settings.see") and law["impact"] > 0, "影响评估待做", law["impact"], "",
         "impact"),
        (who.may("outbox.replay"), "后台失败", n.dead, "", "outbox"),
    ]  # fmt: skip
    return [
        (text, count, note, f"/admin/{url}", count > 0)
        for may, text, count, note, url in shown
        if may
    ]


def _today(span: int, who: StaffSessionInfo, mchid: str) -> dict[str, Any]:
    """All data of the page, in one read."""
    series = overview.list_days(2 * span)
    before, present = series[:span], series[span:]
    now = clock.now()
    return {
        "waiting": overview.todo(),
        "troubles": overview.list_troubles(),
        "to_decide": approvals.count_to_decide(actor_of(who), who.rights),
        "law": _law(),
        "bill_gaps": len(reconcile.overdue_days(mchid)) if who.may("payouts.see") else 0,
        "refusals": refusals.list_open_refusals(),
        "templates": {t.template_id: t.title for t in push.list_templates()},
        "days": [d.day.isoformat() for d in present],
        "sales": _two_series(present, before, "sales_fen", "成交额", "yuan"),
        "orders": _two_series(present, before, "orders", "订单", ""),
        "visits": _two_series(present, before, "visits", "分享访问", ""),
        "now_day": present[-1],
        "last_day": present[-2],
        "best": overview.list_best_sellers(now - timedelta(days=span)),
        "selling": distribution.owed_figures() if who.may("distribution.see") else None,
    }


def _law() -> dict[str, int]:
    """Open leaks, those past a clock, and assessments that are due."""
    is_open, late = leaks.count_open()
    return {"leaks": is_open, "late": late, "impact": len(impact.due_subjects())}


def _two_series(
    present: list[DayFigures], before: list[DayFigures], name: str, title: str, unit: str
) -> list[dict[str, Any]]:
    """The figures of this period and of the one before, for a chart."""
    return [
        {"name": title, "unit": unit, "values": [getattr(d, name) for d in present]},
        {"name": "上期", "unit": unit, "values": [getattr(d, name) for d in before]},
    ]
