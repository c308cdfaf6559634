"""付款刹车: stop all payouts or refunds; ceilings; the result of the ledger check."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from admin.as_shown import shown_facts
from admin.guard import requires
from admin.kit.steps import Ask, Step, nothing, reason
from admin.web import done, page, read, report, try_step
from domain import distribution, ledger, payments, payouts, settings

routes = web.RouteTableDef()
URL = "/admin/brakes"


@routes.get("/brakes")
@requires("payouts.see")
async def show(request: web.Request) -> web.StreamResponse:
    """Show whether payouts and refunds run, and the limits that stop them."""
    shown = await shown_facts(request, "stop")
    return await page(
        request, "admin/selling/brakes.html", shown=shown, **await read(request, _brakes)
    )


def _brakes() -> dict[str, Any]:
    book = payouts.ledger_check()
    return {
        "brakes": settings.get(settings.PayoutBrakes),
        "payout_stop": payouts.payout_stop(),
        "refund_stop": payments.refund_stop(),
        "refunds": settings.get(settings.RefundBrakes),
        "faults": book.all_faults,
        "checked_at": _instant(book.at_us),
        "whole_at": _instant(book.whole_at_us),
        "figures": distribution.merchant_figures(),
    }


def _instant(at_us: int) -> datetime | None:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC) if at_us else None


def stop(ask: Ask, why: str) -> str:
    """Stop all payouts at once; no code is asked for, so that nothing delays the stop."""
    payouts.stop_payouts(ask.actor, why)
    return "已暂停一切付款"


def resume(ask: Ask, _: None) -> str:
    """Lift the stop of payouts; approved withdrawals are paid."""
    payouts.resume_payouts(ask.actor)
    return "已恢复付款"


def stop_refunds(ask: Ask, why: str) -> str:
    """Stop all refunds at once, but no payouts; no code is asked for, to avoid delay."""
    payments.stop_refunds(ask.actor, why)
    return "已暂停退款"


def resume_refunds(ask: Ask, _: None) -> str:
    """Lift the stop of refunds; waiting refunds are sent."""
    payments.resume_refunds(ask.actor)
    return "已恢复退款"


STEPS = (
    Step("/brakes/stop", "payouts.stop", stop, URL, reason),
    Step("/brakes/resume", "payouts.stop", resume, URL, nothing,
         word="恢复付款", fresh=True, shows="stop"),
    Step("/brakes/refunds/stop", "payouts.stop", stop_refunds, URL, reason),
    Step("/brakes/refunds/resume", "payouts.stop", resume_refunds, URL, nothing,
         word="恢复退款", fresh=True, shows="stop"),
)  # fmt: skip


@routes.post("/brakes/check")
@requires("payouts.stop")
async def check(request: web.Request) -> web.StreamResponse:
    """Check the whole ledger now."""
    found = await report(request, ledger.check_fully)
    faults = await try_step(request, URL, payouts.record_ledger_check, found)
    text = f"发现 {len(faults)} 处差异，付款已暂停" if faults else "账本核对无差异"
    await done(request, text, URL)
