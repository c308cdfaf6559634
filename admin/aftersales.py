"""售后与退款: decide, take goods back, send a replacement; refunds that WeChat could not make."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from admin import second_look
from admin.approvals import code_from, tell_outcome
from admin.as_shown import carried, shows, try_as_shown
from admin.guard import may_act, requires
from admin.orders import COMPANIES
from admin.web import (
    PAGE_SIZE,
    chosen,
    done,
    first_url,
    id_of,
    next_url,
    page,
    people_of,
    read,
    refuse_bad,
    try_step,
    typed,
    words,
)
from domain import aftersales, approvals, catalog, members, payments, settings
from domain.aftersales import Answer
from kernel.money import yuan
from kernel.text import number_of
from kernel.web.forms import Form, asked, read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
ID = r"/aftersales/{id:\d{1,18}}"
STATES = (
    "requested", "approved", "returning", "unconfirmed", "received_back", "refunding", "abnormal",
)  # fmt: skip
REFUND_STATES = ("created", "processing", "abnormal", "succeeded", "settled_by_hand")


@routes.get("/aftersales")
@requires("orders.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Cases, newest first; open ones unless all are asked for."""
    state = chosen(request, "state", STATES)
    show_all = asked(request, "all") == "1"
    rows = await read(
        request,
        aftersales.case_desk,
        state=state,
        is_open=None if state or show_all else True,
        order_no=number_of(words(request)),
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/aftersales.html",
        rows=found.items,
        pics=await read(request, catalog.line_pictures, found.items),
        state=state or "",
        show_all=show_all,
        counts=await read(request, aftersales.case_counts),
        states=STATES,
        words=words(request),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.get(ID)
@requires("orders.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One case: what is asked, what it comes to, steps, and what may be done now."""
    found = await read(request, _sheet, id_of(request))
    shown = await carried(request, "case", [id_of(request)])
    return await page(request, "admin/aftersale.html", companies=COMPANIES, shown=shown, **found)


def _sheet(case_id: int) -> dict[str, Any]:
    case = aftersales.case_sheet(case_id)
    return {
        "case": case,
        "buyer": members.profile(case.member_id),
        "refunds": payments.refunds_of_case(case_id),
        "proposals": approvals.proposals_of([f"case:{case_id}", f"order:{case.order_no}"], 3),
        "return_to": settings.get(settings.Returns).line,
        "people": people_of(step.actor for step in case.log),
        "pics": catalog.line_pictures([case]),
    }


@routes.post(f"{ID}/approve")
@requires("refunds.propose", acts="orders.refund")
async def approve(request: web.Request) -> web.StreamResponse:
    """Yes: the money goes back, or the buyer sends the goods."""
    form = await read_form(request)
    note = form.prose("note", most=200, required=False)
    return await _answer(request, form, "approve", note)


@routes.post(f"{ID}/reject")
@shows("case")
@requires("refunds.propose")
async def reject(request: web.Request) -> web.StreamResponse:
    """No, with the reason that the buyer reads."""
    form, url = await read_form(request), _url(request)
    typed(form, "驳回")
    why = form.text("reason", most=200)
    await refuse_bad(request, form, url)
    await try_as_shown(request, url, aftersales.reject_case, id_of(request), why)
    await done(request, "已驳回，买家可再次申请或投诉", url)


@routes.post(f"{ID}/received")
@requires("refunds.propose", acts="orders.refund")
async def received(request: web.Request) -> web.StreamResponse:
    """The goods are back, fit for sale or not."""
    form = await read_form(request)
    return await _answer(request, form, "received", restock=form.flag("restock"))


@routes.post(f"{ID}/replace")
@requires("orders.ship")
async def replace(request: web.Request) -> web.StreamResponse:
    """The replacement is on its way."""
    form, url = await read_form(request), _url(request)
    company, number = form.text("company", most=24), form.text("tracking_no", most=40)
    await refuse_bad(request, form, url)
    await try_step(request, url, aftersales.send_replacement, id_of(request), company, number)
    await done(request, "换货已发出", url)


@routes.post(f"{ID}/instead")
@requires("refunds.propose", acts="orders.refund")
async def instead(request: web.Request) -> web.StreamResponse:
    """Pay back instead of exchanging."""
    form = await read_form(request)
    why = form.text("reason", most=200, required=False)
    return await _answer(request, form, "instead", why)


TOLD: dict[Answer, str] = {
    "approve": "已同意", "received": "已收到退货", "instead": "已改为退款",
}  # fmt: skip


async def _answer(
    request: web.Request, form: Form, do: Answer, note: str = "", *, restock: bool = False
) -> web.StreamResponse:
    """A step that may pay back, at the sum that the page has shown; else it is shown first.

    Who may only propose, or is above a ceiling, asks a second person.
    """
    url, seen_fen = _url(request), second_look.seen(form)
    await refuse_bad(request, form, url)
    case = await read(request, aftersales.case_sheet, id_of(request))
    pays = _pays(case, do)
    if seen_fen is None and pays and case.total_fen:
        return await _look(request, form, case)
    asked = await code_from(request, case.total_fen) if pays else None
    if asked is not None:
        return asked
    made = await try_step(
        request, url, aftersales.answer_case, case.id, do, note, seen_fen,
        restock=restock, may_act=may_act(request),
    )  # fmt: skip
    money = f"，退款 ¥{yuan(made['fen'])} 已发起" if made["fen"] else ""
    wait = "，等待买家寄回" if do == "approve" and not pays else ""
    return await tell_outcome(request, made, f"{TOLD[do]}{money}{wait}", url)


def _pays(case: Any, do: Answer) -> bool:
    """Whether money goes back by this answer at once."""
    if do == "approve":
        return bool(case.kind == "refund_only")
    return do == "instead" or bool(case.kind != "exchange")


async def _look(request: web.Request, form: Form, case: Any) -> web.StreamResponse:
    buyer = await read(request, members.profile, case.member_id)
    total = f"¥{yuan(case.total_fen)}"
    facts = [("退给", f"{buyer.masked_name}（原路退回微信支付）"), ("订单", case.order_no),
             ("售后", case.case_no)]  # fmt: skip
    button = f"{'确认' if may_act(request) else '申请'}退款 {total}"
    look = second_look.Look("核对退款", f"将退款 {total}", facts, button, _url(request))
    return await second_look.show(request, form, case.total_fen, look)


@routes.get("/refunds")
@requires("orders.see")
async def refunds(request: web.Request) -> web.StreamResponse:
    """Every refund; those that WeChat could not make wait for a person."""
    state = chosen(request, "state", REFUND_STATES)
    is_automatic = asked(request, "auto") == "1"
    rows = await read(
        request,
        payments.refund_desk,
        state=state,
        is_automatic=True if is_automatic else None,
        before_id=cursor_of(request),
        limit=PAGE_SIZE + 1,
    )
    found = cut(rows, PAGE_SIZE)
    return await page(
        request,
        "admin/refunds.html",
        rows=found.items,
        state=state or "",
        is_automatic=is_automatic,
        odd=await read(request, payments.odd_notices, limit=10),
        shown=await carried(request, "refund", [each.id for each in found.items]),
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.post(r"/refunds/{id:\d{1,18}}/retry")
@shows("refund")
@requires("orders.refund")
async def retry(request: web.Request) -> web.StreamResponse:
    """Send an abnormal refund again, under its old number."""
    url = "/admin/refunds?state=abnormal"
    await try_as_shown(request, url, payments.retry_refund, id_of(request))
    await done(request, "已重新提交退款，金额不变", url)


@routes.post(r"/refunds/{id:\d{1,18}}/settle")
@shows("refund")
@requires("orders.refund", fresh=True)
async def settle(request: web.Request) -> web.StreamResponse:
    """The money went back another way; the proof is kept."""
    form, url = await read_form(request), "/admin/refunds?state=abnormal"
    typed(form, "已退")
    proof = form.text("proof", most=200)
    await refuse_bad(request, form, url)
    is_done = await try_as_shown(
        request, url, payments.settle_refund_by_hand, id_of(request), proof
    )
    await done(request, "已登记线下退款" if is_done else "已登记凭证，需另一位同事核对后确认", url)


def _url(request: web.Request) -> str:
    return f"/admin/aftersales/{id_of(request)}"
