"""提现: identity, amount with fee and tax before confirmation, progress, cancellation.

Confirming a transfer opens WeChat's own sheet; that page lies under ``/m/pay``.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from domain import distribution, payouts, settings
from kernel.errors import DomainError, Invalid
from kernel.web.files import private_file
from kernel.web.forms import Form, asked, read_form
from kernel.web.keys import STORE
from kernel.web.paging import cursor_of, cut
from kernel.web.render import render
from mall_h5.sharing import page_config
from mall_h5.texts import TEXTS
from mall_h5.uploads import takes_upload
from mall_h5.web import command_key, deps, flash, member_of, once, read, signed_in, write

routes = web.RouteTableDef()
PAGE = 20
CAME_BACK = ("returned", "failed", "expired", "cancelled")
ABOUT_THE_AMOUNT = {"below_minimum", "above_maximum", "balance_too_low", "net_too_small"}
MENDED_AT = {
    "payee_frozen": ("/m/d/freeze", "查看与申诉"),
    "document_missing": ("/m/d/identity", "上传营业执照"),
    "payee_unreviewed": ("/m/d/identity", "查看"),
}


@routes.get("/d/identity")
@signed_in
async def identity(request: web.Request) -> web.StreamResponse:
    """The payee's identity; asked for once, before the first payout."""
    return await _identity(request, {}, {})


@routes.post("/d/identity")
@signed_in
async def save_identity(request: web.Request) -> web.StreamResponse:
    """Store the payee's name and identity number, encrypted."""
    form = await read_form(request)
    try:
        await write(
            request,
            payouts.save_identity,
            member_of(request),
            form.raw("name"),
            form.raw("number"),
        )
    except DomainError as error:
        return await _identity(request, form.values, {error.field or "": TEXTS.of(error)})
    await flash(request, "实名信息已保存")
    mine = await read(request, payouts.payee, member_of(request))
    needs_document = mine is not None and mine.needs_review
    raise web.HTTPSeeOther("/m/d/identity" if needs_document else "/m/d/withdraw")


@routes.post("/d/licence")
@signed_in
@takes_upload
async def licence(request: web.Request) -> web.StreamResponse:
    """Upload the business licence of a sole trader or company, for finance to compare."""
    chosen = (await read_form(request)).uploads("licence")
    if not chosen:
        return await _identity(request, {}, {"licence": TEXTS.text("licence_missing")})
    try:
        drawn = await deps(request).pictures.redraw(chosen[0].file)
    except Invalid as error:
        return await _identity(request, {}, {"licence": TEXTS.of(error)})
    store, files = request.config_dict[STORE], deps(request).documents
    await payouts.hand_in_document(store, files, member_of(request), drawn.jpeg)
    lacks = f"。这张图片{TEXTS.text('picture_is_cut')}" if drawn.is_cut else ""
    await flash(request, f"营业执照已上传，审核通过后即可提现{lacks}")
    raise web.HTTPSeeOther("/m/d/identity")


@routes.get("/d/licence.jpg")
@signed_in
async def my_licence(request: web.Request) -> web.StreamResponse:
    """The member's own uploaded licence."""
    store, files = request.config_dict[STORE], deps(request).documents
    jpeg = await payouts.open_document(store, files, member_of(request))
    return private_file(jpeg, "image/jpeg")


@routes.get("/d/freeze")
@signed_in
async def freeze(request: web.Request) -> web.StreamResponse:
    """冻结: why the member's commission is frozen, until when, and the appeal."""
    return await _freeze(request, {}, {})


@routes.post("/d/freeze")
@signed_in
async def appeal(request: web.Request) -> web.StreamResponse:
    """Appeal against the freeze; the merchant answers."""
    form = await read_form(request)
    try:
        await write(request, payouts.appeal, member_of(request), form.raw("appeal"))
    except DomainError as error:
        return await _freeze(request, form.values, {error.field or "": TEXTS.of(error)})
    await flash(request, "申诉已提交，答复会发到公众号")
    raise web.HTTPSeeOther("/m/d/freeze")


async def _freeze(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    found = await read(request, payouts.freeze_of, member_of(request))
    if found is None:
        raise web.HTTPFound("/m/d/")
    status = 422 if errors else 200
    return render(
        request, "h5/seller/freeze.html", status=status, freeze=found, values=values, errors=errors
    )


async def _identity(
    request: web.Request, values: dict[str, str], errors: dict[str, str]
) -> web.Response:
    mine = await read(request, distribution.distributor, member_of(request))
    if mine is None:
        raise web.HTTPFound("/m/d/")
    return render(
        request,
        "h5/seller/identity.html",
        status=422 if errors else 200,
        mine=mine,
        payee=await read(request, payouts.payee, member_of(request)),
        values=values,
        errors=errors,
    )


@routes.get("/d/withdraw")
@signed_in
async def amount(request: web.Request) -> web.StreamResponse:
    """The amount; suggested is all that is available, up to the most for one withdrawal."""
    mine = await read(request, distribution.distributor, member_of(request))
    if mine is None or mine.state in {"applied", "rejected"}:
        raise web.HTTPFound("/m/d/")
    if not mine.terms_version:
        raise web.HTTPFound("/m/d/settings")
    if mine.identity_masked is None:
        raise web.HTTPFound("/m/d/identity")
    figures = await read(request, distribution.figures, member_of(request))
    rules = await read(request, settings.get, settings.Distribution)
    offered = min(figures.available_fen, rules.withdraw_max_fen)
    return render(
        request,
        "h5/seller/withdraw.html",
        mine=mine,
        figures=figures,
        rules=rules,
        barred=await _barred(request, offered) if offered else None,
        granting=await read(request, _granting, member_of(request)),
        errors={},
        values=Form(request.query).values,
        preview=None,
        note="",
    )


async def _barred(request: web.Request, fen: int) -> tuple[str, str, str] | None:
    """Why no amount can be withdrawn now, and the page where that can be changed, if any."""
    shown = await read(request, distribution.withdrawal_preview, member_of(request), fen)
    found = next((p for p in shown.problems if p.code not in ABOUT_THE_AMOUNT), None)
    if found is None:
        return None
    return (TEXTS.text(found.code, **found.facts), *MENDED_AT.get(found.code, ("", "")))


def _granting(member_id: int) -> dict[str, Any]:
    """Facts about payouts without confirming: the limits, and whether it is offered and on."""
    brakes, mine = settings.get(settings.PayoutBrakes), payouts.payee(member_id)
    found = payouts.grant_of(member_id)
    is_open = found is not None and found.is_open
    is_offered = payouts.grants_offered() and mine is not None and mine.type != "employee"
    return {
        "is_offered": is_offered or is_open,
        "state": found.state if found is not None and is_open else "",
        "has_sheet": found is not None and bool(found.package_info),
        "bill_fen": brakes.granted_bill_fen,
        "day_fen": brakes.granted_person_day_fen,
    }


@routes.post("/d/withdraw")
@signed_in
async def preview(request: web.Request) -> web.StreamResponse:
    """Fee, tax and net amount; a second tap confirms them."""
    form = await read_form(request)
    gross_fen = form.fen("amount", most=10**11)
    return await _preview_page(request, form, gross_fen)


async def _preview_page(
    request: web.Request, form: Form, gross_fen: int, note: str = ""
) -> web.StreamResponse:
    """The page with the net amount, or with the reason why the amount is refused."""
    member_id = member_of(request)
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
        "h5/seller/withdraw.html",
        status=422 if errors else 200,
        mine=mine,
        figures=figures,
        rules=await read(request, settings.get, settings.Distribution),
        granting=await read(request, _granting, member_of(request)),
        errors=errors,
        values=form.values,
        preview=shown,
        barred=None,
        note=note,
    )


@routes.post("/d/withdraw/confirm")
@signed_in
async def confirm(request: web.Request) -> web.StreamResponse:
    """Request the withdrawal; a repeated tap makes no second request."""
    form = await read_form(request)
    gross_fen = form.integer("gross_fen", least=1, most=10**11)
    net_fen = form.integer("net_fen", least=0, most=10**11)
    invoice_no = form.text("invoice_no", most=40, required=False) or None
    key = form.idem_key()
    form.check()
    args = (member_of(request), gross_fen, net_fen, invoice_no)
    try:
        named = command_key(request, "request_withdrawal", key, args[1:])
        made = await once(request, named, distribution.request_as_seen, *args)
    except DomainError as error:
        if error.code in {"sum_changed", "invoice_missing"}:
            return await _preview_page(request, form, gross_fen, TEXTS.of(error))
        if error.field != "amount_fen":
            raise
        return await _preview_page(request, form, gross_fen)
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{made['withdrawal_id']}")


@routes.get("/d/withdrawals")
@signed_in
async def history(request: web.Request) -> web.StreamResponse:
    """Every withdrawal with its state."""
    found = await read(
        request, distribution.withdrawals, member_of(request), cursor_of(request), PAGE + 1
    )
    return render(request, "h5/seller/withdrawals.html", page=cut(found, PAGE))


@routes.get(r"/d/withdrawals/{id:\d{1,18}}")
@signed_in
async def one(request: web.Request) -> web.StreamResponse:
    """One withdrawal with its steps."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    is_moving = found.state in {"approved", "paying"} and not found.is_on_hold
    check = f"/m/d/withdrawals/{found.id}/state?seen={found.state}"
    watch = {"check": check, "watch": True, "tries": 20} if is_moving else None
    again = await _again(request, found) if found.state in CAME_BACK else None
    return render(request, "h5/seller/withdrawal.html", found=found, watch=watch, again=again)


async def _again(request: web.Request, found: Any) -> Any:
    """The same withdrawal for a repeat in one tap; None if its terms for the payee changed."""
    shown = await read(
        request, distribution.withdrawal_preview, member_of(request), found.gross_fen
    )
    is_same = (shown.net_fen, shown.tax_fen) == (found.net_fen, found.tax_fen)
    needs_invoice = shown.payee_type in ("sole_trader", "company")
    return shown if is_same and not shown.problems and not needs_invoice else None


@routes.get(r"/d/withdrawals/{id:\d{1,18}}/state")
@signed_in
async def moved(request: web.Request) -> web.StreamResponse:
    """Whether a withdrawal under way has moved on since the page was shown."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if found.state == asked(request, "seen"):
        return web.json_response({"state": "pending"})
    return web.json_response({"state": found.state, "url": f"/m/d/withdrawals/{found.id}"})


@routes.post(r"/d/withdrawals/{id:\d{1,18}}/take-back")
@signed_in
async def take_back(request: web.Request) -> web.StreamResponse:
    """Cancel a request that was not sent yet."""
    await write(request, distribution.withdraw_request, _id(request), member_of(request))
    await flash(request, "已撤回，金额退回可提现余额")
    raise web.HTTPSeeOther(f"/m/d/withdrawals/{_id(request)}")


@routes.get(r"/pay/transfer/{id:\d{1,18}}")
@signed_in
async def receive(request: web.Request) -> web.StreamResponse:
    """The page that opens WeChat's confirmation sheet for a waiting transfer."""
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if not found.is_confirmable:
        raise web.HTTPFound(f"/m/d/withdrawals/{found.id}")
    config = await page_config(request, title="确认收款", apis=("requestMerchantTransfer",))
    transfer = {
        "params": deps(request).pay.transfer_params(found.package_info),
        "check": f"/m/pay/transfer/{found.id}/state",
    }
    return render(request, "h5/seller/receive.html", found=found, transfer=transfer, jssdk=config)


@routes.get(r"/pay/transfer/{id:\d{1,18}}/state")
@signed_in
async def transfer_state(request: web.Request) -> web.StreamResponse:
    """The state that the page polls after the sheet; the server's state decides."""
    store = request.config_dict[STORE]
    found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    if found.state in {"paying", "awaiting_user"} and found.bill_id is not None:
        await payouts.look_now_and_then(store, deps(request).pay, found.bill_id)
        found = await read(request, distribution.withdrawal_page, _id(request), member_of(request))
    is_open = found.state in {"paying", "awaiting_user", "cancelling"}
    answer = {"state": "pending" if is_open else found.state}
    if not is_open:
        answer["url"] = f"/m/d/withdrawals/{found.id}"
    return web.json_response(answer)


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
