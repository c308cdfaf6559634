"""提现: identity, amount with fee and tax before anything is confirmed, progress, taking back.

Confirming a transfer opens WeChat's own sheet; that page lives under ``/m/pay``.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import distribution, settings
from kernel.errors import DomainError
from kernel.web.forms import read_form
from kernel.web.keys import STORE
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.sharing import page_config
from mall_h5.texts import TEXTS
from mall_h5.web import command, deps, flash, member_of, read, signed_in, write

routes = web.RouteTableDef()
PAGE = 20
CAME_BACK = ("returned", "failed", "expired", "cancelled")


@routes.get("/d/identity")
@signed_in
async def identity(request: web.Request) -> web.StreamResponse:
    """Who is paid: asked for once, before the first payout."""
    return await _identity(request, {}, {})


@routes.post("/d/identity")
@signed_in
async def save_identity(request: web.Request) -> web.StreamResponse:
    """Keep the payee's name and number, encrypted."""
    form = await read_form(request)
    try:
        await write(
            request,
            distribution.save_identity,
            member_of(request),
            form.raw("name"),
            form.raw("number"),
        )
    except DomainError as error:
        return await _identity(request, form.values, {error.field or "": TEXTS.of(error)})
    await flash(request, "实名信息已保存")
    raise web.HTTPSeeOther("/m/d/withdraw")


async def _identity(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    mine = await read(request, distribution.distributor, member_of(request))
    if mine is None:
        raise web.HTTPFound("/m/d/")
    return render(
        request,
        "h5/d_identity.html",
        status=422 if errors else 200,
        mine=mine,
        values=values,
        errors=errors,
    )


@routes.get("/d/withdraw")
@signed_in
async def amount(request: web.Request) -> web.StreamResponse:
    """How much: all that is available is offered, up to the most for one withdrawal."""
    mine = await read(request, distribution.distributor, member_of(request))
    if mine is None or mine.state in {"applied", "rejected"}:
        raise web.HTTPFound("/m/d/")
    if not mine.terms_version:
        raise web.HTTPFound("/m/d/settings")
    if mine.identity_masked is None:
        raise web.HTTPFound("/m/d/identity")
    figures = await read(request, distribution.figures, member_of(request))
    return render(
        request,
        "h5/d_withdraw.html",
        mine=mine,
        figures=figures,
        rules=await read(request, settings.get, settings.Distribution),
        errors={},
        values={},
        preview=None,
    )


@routes.post("/d/withdraw")
@signed_in
async def preview(request: web.Request) -> web.StreamResponse:
    """Fee, tax and what arrives, to be looked at before the second tap confirms."""
    form = await read_form(request)
    member_id = member_of(request)
    gross_fen = form.fen("amount", least=1)
    mine = await read(request, distribution.distributor, member_id)
    figures = await read(request, distribution.figures, member_id)
    errors = {name: TEXTS.of(error) for name, error in form.errors.items()}
    shown = None
    if not errors:
        shown = await read(request, distribution.withdrawal_preview, member_id, gross_fen)
        if shown.problems:
            errors["amount"] = TEXTS.text(shown.problems[0].code, **shown.problems[0].facts)
            shown = None
    return render(
        request,
        "h5/d_withdraw.html",
        status=422 if errors else 200,
        mine=mine,
        figures=figures,
        rules=await read(request, settings.get, settings.Distribution),
        errors=errors,
        values=form.values,
        preview=shown,
    )


@routes.post("/d/withdraw/confirm")
@signed_in
async def confirm(request: web.Request) -> web.StreamResponse:
    """The request itself, once however often it is tapped."""
    form = await read_form(request)
    gross_fen = form.integer("gross_fen", least=1, most=10**9)
    invoice_no = form.text("invoice_no", most=40, required=False) or None
    key = form.idem_key()
    form.check()
    made: dict[str, Any] = await command(
        request,
        key,
        distribution.request_withdrawal,
        member_of(request),
        gross_fen,
        invoice_no,
        body=[gross_fen, invoice_no],
    )
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{made['withdrawal_id']}")


@routes.get("/d/withdrawals")
@signed_in
async def history(request: web.Request) -> web.StreamResponse:
    """Every withdrawal and what became of it."""
    found = await read(
        request, distribution.withdrawals, member_of(request), cursor_of(request), PAGE + 1
    )
    return render(request, "h5/d_withdrawals.html", page=cut(found, PAGE))


@routes.get(r"/d/withdrawals/{id:\d{1,18}}")
@signed_in
async def one(request: web.Request) -> web.StreamResponse:
    """One withdrawal with its steps."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    is_moving = found.state in {"approved", "paying"} and not found.is_on_hold
    check = f"/m/d/withdrawals/{found.id}/state?seen={found.state}"
    watch = {"check": check, "watch": True, "tries": 20} if is_moving else None
    again = await _again(request, found) if found.state in CAME_BACK else None
    return render(request, "h5/d_withdrawal.html", found=found, watch=watch, again=again)


async def _again(request: web.Request, found: Any) -> Any:
    """The same once more in one tap, where nothing about it has changed for the payee."""
    shown = await read(
        request, distribution.withdrawal_preview, member_of(request), found.gross_fen
    )
    is_same = (shown.net_fen, shown.tax_fen) == (found.net_fen, found.tax_fen)
    needs_invoice = shown.payee_type in ("sole_trader", "company")
    return shown if is_same and not shown.problems and not needs_invoice else None


@routes.get(r"/d/withdrawals/{id:\d{1,18}}/state")
@signed_in
async def moved(request: web.Request) -> web.StreamResponse:
    """Whether a withdrawal that is on its way has come further than the page shows."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if found.state == request.query.get("seen"):
        return web.json_response({"state": "pending"})
    return web.json_response({"state": found.state, "url": f"/m/d/withdrawals/{found.id}"})


@routes.post(r"/d/withdrawals/{id:\d{1,18}}/take-back")
@signed_in
async def take_back(request: web.Request) -> web.StreamResponse:
    """Take a request back before it is sent."""
    await write(request, distribution.withdraw_request, _id(request), member_of(request))
    await flash(request, "已撤回，金额退回可提现余额")
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{_id(request)}")


@routes.get(r"/pay/transfer/{id:\d{1,18}}")
@signed_in
async def receive(request: web.Request) -> web.StreamResponse:
    """WeChat's confirm sheet for a transfer that waits for its payee."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if not found.is_confirmable:
        raise web.HTTPFound(f"/m/d/withdrawals/{found.id}")
    config = await page_config(request, title="确认收款", apis=("requestMerchantTransfer",))
    transfer = {
        "params": deps(request).pay.transfer_params(found.package_info),
        "check": f"/m/pay/transfer/{found.id}/state",
    }
    return render(request, "h5/d_receive.html", found=found, transfer=transfer, jssdk=config)


@routes.get(r"/pay/transfer/{id:\d{1,18}}/state")
@signed_in
async def transfer_state(request: web.Request) -> web.StreamResponse:
    """What the page polls after the sheet was shown; the server's word decides."""
    store = request.config_dict[STORE]
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if found.state in {"paying", "awaiting_user"}:
        await distribution.poll_withdrawal(store, deps(request).pay, found.id, found.out_bill_no)
        found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    is_open = found.state in {"paying", "awaiting_user", "cancelling"}
    answer = {"state": "pending" if is_open else found.state}
    if not is_open:
        answer["url"] = f"/m/d/withdrawals/{found.id}"
    return web.json_response(answer)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
