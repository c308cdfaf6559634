"""提现: the amount with fee and tax before confirmation, progress, cancellation.

Confirming a transfer opens WeChat's own sheet; that page lies under ``/m/pay``.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import distribution, legal, payouts, settings
from kernel.errors import DomainError
from kernel.web.forms import Form, query_param, read_form
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.sharing import sign
from mall_h5.texts import TEXTS
from mall_h5.web import Shown, SignedIn, deps, draw, mistakes, shown, signed_in

routes = web.RouteTableDef()
PAGE = 20
CAME_BACK = ("returned", "failed", "expired", "cancelled")
ABOUT_THE_AMOUNT = {"below_minimum", "above_maximum", "balance_too_low", "net_too_small"}
MENDED_AT = {
    "payee_frozen": ("/m/d/freeze", "查看与申诉"),
    "document_missing": ("/m/d/identity", "上传营业执照"),
    "payee_unreviewed": ("/m/d/identity", "查看"),
}


@routes.get("/d/withdraw")
@signed_in
async def amount(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The amount; suggested is all that is available, up to the most for one withdrawal."""
    mine = await me.read(distribution.distributor, me.id)
    if mine is None or mine.state in {"applied", "rejected"}:
        raise web.HTTPFound("/m/d/")
    if await me.read(legal.is_behind, mine.terms_version, "distribution"):
        raise web.HTTPFound("/m/d/settings")
    if mine.identity_masked is None:
        raise web.HTTPFound("/m/d/identity")
    figures = await me.read(distribution.distributor_figures, me.id)
    rules = await me.read(settings.get, settings.Distribution)
    offered = min(figures.available_fen, rules.withdraw_max_fen)
    return render(
        request,
        "h5/seller/withdraw.html",
        mine=mine,
        figures=figures,
        rules=rules,
        barred=await _barred(me, offered) if offered else None,
        granting=await me.read(_granting, me.id),
        errors={},
        values=Form(request.query).values,
        preview=None,
        note="",
    )


async def _barred(me: SignedIn, fen: int) -> tuple[str, str, str] | None:
    """Why no amount can be withdrawn now, and the page where that can be changed, if any."""
    offered = await me.read(distribution.withdrawal_preview, me.id, fen)
    found = next((p for p in offered.problems if p.code not in ABOUT_THE_AMOUNT), None)
    if found is None:
        return None
    return (TEXTS.text(found.code, **found.facts), *MENDED_AT.get(found.code, ("", "")))


def _granting(member_id: int) -> dict[str, Any]:
    """Facts about payouts without confirming: the limits, and whether it is offered and on."""
    brakes, mine = settings.get(settings.PayoutBrakes), payouts.payee_view(member_id)
    found = payouts.grant_of(member_id)
    is_open = found is not None and found.is_open
    is_offered = payouts.are_grants_offered() and mine is not None and mine.type != "employee"
    return {
        "is_offered": is_offered or is_open,
        "state": found.state if found is not None and is_open else "",
        "has_sheet": found is not None and bool(found.package_info),
        "bill_fen": brakes.granted_bill_fen,
        "day_fen": brakes.granted_person_day_fen,
    }


@routes.post("/d/withdraw")
@signed_in
async def preview(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Fee, tax and net amount; a second tap confirms them."""
    form = await read_form(request)
    gross_fen = form.fen("amount", most=10**11)
    return draw(request, await _preview(me, form, gross_fen))


async def _preview(me: SignedIn, form: Form, gross_fen: int, note: str = "") -> Shown:
    """The page with the net amount, or with the reason why the amount is refused."""
    mine = await me.read(distribution.distributor, me.id)
    figures = await me.read(distribution.distributor_figures, me.id)
    errors, offered = mistakes(form), None
    if not errors:
        offered = await me.read(distribution.withdrawal_preview, me.id, gross_fen)
        if offered.problems:
            why = offered.problems[0]
            errors["amount"], offered = TEXTS.text(why.code, **why.facts), None
    return shown(
        "h5/seller/withdraw.html",
        status=422 if errors else 200,
        mine=mine,
        figures=figures,
        rules=await me.read(settings.get, settings.Distribution),
        granting=await me.read(_granting, me.id),
        errors=errors,
        values=form.values,
        preview=offered,
        barred=None,
        note=note,
    )


@routes.post("/d/withdraw/confirm")
@signed_in
async def confirm(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Request the withdrawal; a repeated tap makes no second request."""
    form = await read_form(request)
    gross_fen = form.integer("gross_fen", least=1, most=10**11)
    net_fen = form.integer("net_fen", least=0, most=10**11)
    invoice_no = form.text("invoice_no", most=40, required=False) or None
    key = form.idem_key()
    form.check()
    args = (me.id, gross_fen, net_fen, invoice_no)
    try:
        named = me.command_key("request_withdrawal", key, args[1:])
        made = await me.once(named, distribution.request_withdrawal_as_shown, *args)
    except DomainError as error:
        if error.code in {"sum_changed", "invoice_missing"}:
            return draw(request, await _preview(me, form, gross_fen, TEXTS.of(error)))
        if error.field != "amount_fen":
            raise
        return draw(request, await _preview(me, form, gross_fen))
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{made['withdrawal_id']}")


@routes.get("/d/withdrawals")
@signed_in
async def history(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Every withdrawal with its state."""
    found = await me.read(
        distribution.list_withdrawals_of_member, me.id, cursor_of(request), PAGE + 1
    )
    return render(request, "h5/seller/withdrawals.html", page=cut(found, PAGE))


@routes.get(r"/d/withdrawals/{id:\d{1,18}}")
@signed_in
async def one(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """One withdrawal with its steps."""
    found = await me.read(distribution.withdrawal_detail, _id(request), me.id)
    is_moving = found.state in {"approved", "paying"} and not found.is_on_hold
    check = f"/m/d/withdrawals/{found.id}/state?seen={found.state}"
    watch = {"check": check, "watch": True, "tries": 20} if is_moving else None
    again = await _again(me, found) if found.state in CAME_BACK else None
    return render(request, "h5/seller/withdrawal.html", found=found, watch=watch, again=again)


async def _again(me: SignedIn, found: Any) -> Any:
    """The same withdrawal for a repeat in one tap; None if its terms for the payee changed."""
    offered = await me.read(distribution.withdrawal_preview, me.id, found.gross_fen)
    is_same = (offered.net_fen, offered.tax_fen) == (found.net_fen, found.tax_fen)
    needs_invoice = offered.payee_type in ("sole_trader", "company")
    return offered if is_same and not offered.problems and not needs_invoice else None


@routes.get(r"/d/withdrawals/{id:\d{1,18}}/state")
@signed_in
async def moved(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Whether a withdrawal under way has moved on since the page was shown."""
    found = await me.read(distribution.withdrawal_detail, _id(request), me.id)
    if found.state == query_param(request, "seen"):
        return web.json_response({"state": "pending"})
    return web.json_response({"state": found.state, "url": f"/m/d/withdrawals/{found.id}"})


@routes.post(r"/d/withdrawals/{id:\d{1,18}}/take-back")
@signed_in
async def take_back(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Cancel a request that was not sent yet."""
    withdrawal_id = _id(request)
    await me.write(distribution.cancel_withdrawal, withdrawal_id, me.id)
    await me.flash("已撤回，金额退回可提现余额")
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{withdrawal_id}")


@routes.get(r"/pay/transfer/{id:\d{1,18}}")
@signed_in
async def receive(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The page that opens WeChat's confirmation sheet for a waiting transfer."""
    found = await me.read(distribution.withdrawal_detail, _id(request), me.id)
    package = found.package_info if found.is_confirmable else None
    if not package:
        raise web.HTTPFound(f"/m/d/withdrawals/{found.id}")
    config = await sign(request, ("requestMerchantTransfer",))
    transfer = {
        "params": deps(request).pay.transfer_params(package),
        "check": f"/m/pay/transfer/{found.id}/state",
    }
    return render(request, "h5/seller/receive.html", found=found, transfer=transfer, jssdk=config)


@routes.get(r"/pay/transfer/{id:\d{1,18}}/state")
@signed_in
async def transfer_state(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The state that the page polls after the sheet; the server's state decides."""
    found = await me.read(distribution.withdrawal_detail, _id(request), me.id)
    if found.state in {"paying", "awaiting_user"} and found.bill_id is not None:
        await payouts.query_bill_at_intervals(me.store, deps(request).pay, found.bill_id)
        found = await me.read(distribution.withdrawal_detail, found.id, me.id)
    is_open = found.state in {"paying", "awaiting_user", "cancelling"}
    answer = {"state": "pending" if is_open else found.state}
    if not is_open:
        answer["url"] = f"/m/d/withdrawals/{found.id}"
    return web.json_response(answer)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
