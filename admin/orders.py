"""订单: the desk, an order with everything about it, parcels, notes, and money given back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from admin.guard import requires, staff_of
from admin.texts import TEXTS
from admin.web import (
    PAGE_SIZE,
    chosen,
    command,
    done,
    first_url,
    form_errors,
    next_url,
    page,
    people_of,
    read,
    refuse_bad,
    try_step,
    typed,
    words,
    write,
)
from admin.words import ORDER_TABS
from domain import aftersales, audit, catalog, distribution, members, orders, payments
from domain.orders import DeskFilter, ShipForm
from domain.staff import StaffSessionInfo
from kernel import clock
from kernel.errors import DomainError
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut

routes = web.RouteTableDef()
NO = r"/orders/{no:[0-9A-Za-z]{4,40}}"
COMPANIES = (
    "顺丰速运", "京东物流", "中通快递", "圆通速递", "申通快递", "韵达快递", "邮政EMS", "德邦快递",
)  # fmt: skip


@routes.get("/orders")
@requires("orders.see")
async def index(request: web.Request) -> web.StreamResponse:
    """Orders, newest first; found by number, tracking number, masked name or phone's end."""
    tab = chosen(request, "tab", dict(ORDER_TABS)) or "all"
    first_day, last_day = _day(request, "from"), _day(request, "to")
    wanted = DeskFilter(
        tab=tab, words=words(request),  # type: ignore[arg-type]
        placed_from=clock.day_start(first_day) if first_day else None,
        placed_to=clock.day_start(last_day + timedelta(days=1)) if last_day else None,
        before_id=cursor_of(request), limit=PAGE_SIZE + 1,
    )  # fmt: skip
    found = cut(await read(request, orders.order_desk, wanted), PAGE_SIZE)
    return await page(
        request,
        "admin/orders.html",
        rows=found.items,
        pics=await read(request, catalog.line_pictures, found.items),
        tab=tab,
        words=words(request),
        tabs=ORDER_TABS,
        counts=await read(request, orders.desk_counts),
        from_day=first_day or "",
        to_day=last_day or "",
        next=next_url(request, found),
        first=first_url(request),
    )


@routes.get(NO)
@requires("orders.see")
async def sheet(request: web.Request) -> web.StreamResponse:
    """One order: lines, money, parcels, cases, commission, steps."""
    return await _sheet_page(request, None)


@routes.post(f"{NO}/address")
@requires("orders.personal")
async def address(request: web.Request) -> web.StreamResponse:
    """The full address for the label; each look is on record."""
    opened = await write(request, orders.delivery_address, request.match_info["no"])
    return await _sheet_page(request, opened)


@routes.post(f"{NO}/ship")
@requires("orders.ship")
async def ship(request: web.Request) -> web.StreamResponse:
    """A parcel leaves, with all or part of what is left; a refusal keeps what was typed."""
    form = await read_form(request)
    company = form.text("company", most=24)
    number = form.text("tracking_no", most=40).replace(" ", "").upper()
    found = await read(request, orders.order_sheet, request.match_info["no"])
    lines = _counts(form, "n", [line.id for line in found.lines if line.left_to_ship])
    wrong = next(iter(form_errors(form).values()), "")
    if not wrong and not lines:
        wrong = TEXTS.text("nothing_to_ship")
    if not wrong:
        parcel, body = ShipForm(company, number, lines), [found.id, company, number, lines]
        try:
            await command(request, form, orders.ship, found.id, parcel, body=body)
        except DomainError as error:
            wrong = TEXTS.of(error)
    if wrong:
        return await _sheet_page(request, None, form.values, f"未完成：{wrong}")
    return await done(request, f"已发货：{company} {number}", _url(request))


@routes.post(f"{NO}/note")
@requires("orders.ship")
async def note(request: web.Request) -> web.StreamResponse:
    """A note that only the merchant sees."""
    form, url = await read_form(request), _url(request)
    text = form.text("note", most=200, required=False)
    await refuse_bad(request, form, url)
    await try_step(request, url, _note, request.match_info["no"], text)
    await done(request, "备注已保存", url)


@routes.post(f"{NO}/extend")
@requires("orders.ship")
async def extend(request: web.Request) -> web.StreamResponse:
    """More time for the buyer to receive."""
    form, url = await read_form(request), _url(request)
    days = form.integer("days", least=1, most=30)
    await refuse_bad(request, form, url)
    await try_step(request, url, _extend, request.match_info["no"], days)
    await done(request, f"已延长收货 {days} 天", url)


@routes.post(f"{NO}/refund")
@requires("orders.refund")
async def refund(request: web.Request) -> web.StreamResponse:
    """Money goes back, for the whole order or part of it; the word must be typed."""
    form, url = await read_form(request), _url(request)
    typed(form, "退款")
    why = form.text("reason", most=200)
    found = await read(request, orders.order_sheet, request.match_info["no"])
    items: tuple[tuple[int, int], ...] = ()
    amount: int | None = None
    if form.raw("scope") == "part":
        items = _counts(form, "q", [line.id for line in found.lines])
        if form.raw("amount").strip():
            amount = form.fen("amount", least=1)
            items = items or _counts(form, "money", [line.id for line in found.lines], least=0)
        if not items:
            form.fail("scope", "refund_nothing")
    await refuse_bad(request, form, url)
    await _run(
        request,
        form,
        aftersales.merchant_refund,
        found.order_no,
        items,
        why,
        amount,
        body=[found.order_no, items, why, amount],
    )
    await done(request, "退款已发起，结果以微信支付为准", url)


async def _run(request: web.Request, form: Form, verb: Any, *args: Any, body: Any) -> Any:
    """A verb once under the form's key; its refusal is said on the order's page."""
    try:
        return await command(request, form, verb, *args, body=body)
    except DomainError as error:
        await done(request, f"未完成：{TEXTS.of(error)}", _url(request))


def _note(order_no: str, text: str) -> None:
    orders.write_merchant_note(orders.order_id_of(order_no), text)


def _extend(order_no: str, days: int) -> None:
    orders.extend_receipt(orders.order_id_of(order_no), days)


async def _sheet_page(
    request: web.Request, opened: dict[str, str] | None, shipping: dict[str, str] | None = None,
    wrong: str = "",
) -> web.Response:  # fmt: skip
    no = request.match_info["no"]
    found = await read(request, _sheet, no, staff_of(request))
    found |= {"flash": wrong} if wrong else {}
    response = await page(
        request,
        "admin/order.html",
        status=422 if wrong else 200,
        opened=opened,
        companies=COMPANIES,
        shipping=shipping or {},
        **found,
    )
    if opened is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _sheet(order_no: str, who: StaffSessionInfo) -> dict[str, Any]:
    order = orders.order_sheet(order_no)
    sees_selling = who.may("distribution.see")
    return {
        "order": order,
        "buyer": members.profile(order.member_id),
        "payments": payments.payments_of(order.id),
        "refunds": payments.refunds_of(order.id),
        "cases": aftersales.cases_of(order.id),
        "commission": distribution.entries_of_order(order.id) if sees_selling else [],
        "changes": audit.history("order", order.id, limit=20),
        "people": people_of(step.actor for step in order.log),
        "pics": catalog.line_pictures([order]),
        "titles": {line.id: f"{line.title} {line.spec_text}" for line in order.lines},
    }


def _counts(
    form: Form, prefix: str, line_ids: list[int], least: int = 1
) -> tuple[tuple[int, int], ...]:
    """How many of each line were typed; lines left empty or at 0 are not meant."""
    found = []
    for line_id in line_ids:
        name = f"{prefix}{line_id}"
        if not form.raw(name).strip():
            continue
        n = form.integer(name, least=0, most=9_999)
        if n >= least:
            found.append((line_id, n))
    return tuple(found)


def _url(request: web.Request) -> str:
    return f"/admin/orders/{request.match_info['no']}"


def _day(request: web.Request, name: str) -> date | None:
    try:
        text = request.query.get(name, "")
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
