"""售后: request a refund, return or exchange; follow the case; send goods back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from domain import aftersales, catalog, orders, settings
from domain.aftersales import Ask, CaseForm, CaseView
from domain.orders import LineView, OrderDetail
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.web.forms import Form, read_form
from kernel.web.paging import cursor_of, cut
from kernel.web.render import is_fragment, render
from mall_h5.texts import TEXTS
from mall_h5.trade_words import CASES, COMPANIES, KINDS, REASONS, case_log
from mall_h5.uploads import photos_of, takes_upload
from mall_h5.web import command_key, flash, limit, member_of, once, read, signed_in, write

routes = web.RouteTableDef()
PAGE = 10
ASKS_A_MINUTE = 10
PART: Ask = "part"  # only on this form; the domain calls it a refund of no pieces
NO = r"{no:[A-Z0-9]{12,32}}"


@dataclass(frozen=True)
class Asked:
    """What the buyer asks for: for one line, or for the whole order (仅退款、退部分金额)."""

    order: OrderDetail
    line: LineView | None
    kind: Ask
    quantity: int
    amount_fen: int | None = None

    @property
    def is_part(self) -> bool:
        """True if only an amount is asked for, and the goods stay with the buyer."""
        return self.kind == PART

    @property
    def items(self) -> tuple[tuple[int, int], ...]:
        """The lines of the case as (line id, pieces); 0 pieces if an amount is asked for."""
        if self.line is not None:
            return ((self.line.id, 0 if self.is_part else self.quantity),)
        return tuple((x.id, x.can_claim) for x in self.order.lines if x.can_claim)


@routes.get("/aftersales")
@signed_in
async def index(request: web.Request) -> web.StreamResponse:
    """The member's cases, newest first."""
    found = await read(
        request,
        aftersales.list_cases_of_member,
        member_of(request),
        before_id=cursor_of(request),
        limit=PAGE + 1,
    )
    page = cut(found, PAGE)
    return render(
        request,
        "h5/trade/aftersales.html",
        page=page,
        is_first=cursor_of(request) is None,
        pics=await read(request, catalog.line_pictures, page.items),
    )


@routes.get("/aftersales/new")
@signed_in
async def new(request: web.Request) -> web.StreamResponse:
    """The form for one line of an order, or for a whole order that was not shipped."""
    form = Form(request.query)
    asked = await _asked(request, form)
    if is_fragment(request):
        return await _sum(request, form, asked)
    return await _form(request, form, asked, [], _mistakes(form))


@routes.post("/aftersales/new")
@signed_in
@takes_upload
async def ask(request: web.Request) -> web.StreamResponse:
    """Open the case; a repeated tap opens no second one."""
    await limit(request, "aftersales", most=ASKS_A_MINUTE)
    form = await read_form(request)
    asked = await _asked(request, form)
    taken = await photos_of(request, form)
    photos = taken.kept
    if form.raw("do") == "sum":
        return await _form(request, form, asked, photos, _mistakes(form))
    try:
        if taken.wrong is not None:
            raise taken.wrong
        key = form.idem_key()
        note = form.prose("note", most=300, required=False)
        asked = replace(asked, amount_fen=_amount(form, asked))
        form.check()
        wish = _wish(member_of(request), asked, form, note, photos)
        named = command_key(request, "open_case", key, vars(wish))
        made = await once(request, named, aftersales.open_case, wish, asked.line is None)
    except NotFound:
        raise
    except DomainError as error:
        return await _refused(request, form, asked, photos, error)
    await flash(request, taken.told("申请已提交"))
    raise web.HTTPSeeOther(f"/m/aftersales/{made['case_no']}")


@routes.get(f"/aftersales/{NO}")
@signed_in
async def one(request: web.Request) -> web.StreamResponse:
    """A case: its state, its deadline, and what happens when that passes."""
    return await _case_page(request, Form({}), {})


@routes.post(f"/aftersales/{NO}/withdraw")
@signed_in
async def withdraw(request: web.Request) -> web.StreamResponse:
    """Withdraw the request."""
    await limit(request, "aftersales", most=ASKS_A_MINUTE)
    await write(request, aftersales.withdraw_case, _no(request), member_of(request))
    await flash(request, "申请已撤销")
    raise web.HTTPSeeOther(f"/m/aftersales/{_no(request)}")


@routes.post(f"/aftersales/{NO}/send-back")
@signed_in
async def send_back(request: web.Request) -> web.StreamResponse:
    """The buyer sent the goods back; records the tracking number."""
    await limit(request, "aftersales", most=ASKS_A_MINUTE)
    form = await read_form(request)
    try:
        await write(
            request,
            aftersales.send_back,
            _no(request),
            member_of(request),
            form.raw("company"),
            form.raw("tracking_no").replace(" ", ""),
        )
    except Invalid as error:
        return await _case_page(request, form, {error.field or "": TEXTS.of(error)})
    await flash(request, "快递单号已提交")
    raise web.HTTPSeeOther(f"/m/aftersales/{_no(request)}")


async def _asked(request: web.Request, form: Form) -> Asked:
    order_no = form.raw("order")
    order: OrderDetail = await read(
        request, orders.order_detail_for_buyer, order_no, member_of(request)
    )
    wanted = form.raw("line")
    line = next((x for x in order.lines if str(x.id) == wanted), None)
    if wanted and line is None:
        raise NotFound("line_missing")
    kinds = _kinds(order, line)
    kind = form.choice("kind", {*kinds, *(KINDS.keys() - {PART})}, kinds[0])
    if form.raw("kind") == PART and PART not in kinds:
        form.errors["kind"] = Invalid("part_needs_shipping", "kind")
    elif kind != PART and form.raw("amount").strip():
        form.fail("amount", "amount_needs_part")
    most = max(line.can_claim, 1) if line else 1
    if line is None or kind == PART:
        return Asked(order, line, kind, most)
    return Asked(order, line, kind, form.count("quantity", least=1, most=most, default=most))


def _amount(form: Form, asked: Asked) -> int | None:
    """The amount that is asked for a line, in fen; None unless a part is asked for."""
    if not asked.is_part or asked.line is None:
        return None
    most = asked.line.can_claim_fen
    fen = form.fen("amount", least=1)
    if fen > most:
        form.fail("amount", "amount_above_claim", limit_fen=most)
    return fen


def _wish(member_id: int, asked: Asked, form: Form, note: str, photos: list[Any]) -> CaseForm:
    return CaseForm(
        member_id=member_id,
        order_no=asked.order.order_no,
        kind="refund_only" if asked.kind == "part" else asked.kind,
        items=asked.items,
        reason=form.raw("reason"),
        note=note,
        pictures=tuple(photo.id for photo in photos),
        amount_fen=asked.amount_fen,
    )


def _kinds(order: OrderDetail, line: LineView | None) -> list[Ask]:
    """What may be asked for; goods can be returned only after they were shipped."""
    if line is None or not line.shipped:
        return ["refund_only"]
    return ["refund_only", PART, "return", "exchange"]


async def _refused(
    request: web.Request, form: Form, asked: Asked, photos: list[Any], error: DomainError
) -> web.StreamResponse:
    if error.code == "command_reused":
        first = error.facts["first"]["case_no"]
        await flash(request, "这次申请已经提交过了")
        raise web.HTTPSeeOther(f"/m/aftersales/{first}")
    if asked.line is None and asked.order.state != "paid":
        raise error
    field = {"pictures": "photos"}.get(error.field or "", error.field or "")
    field = {"amount_fen": "amount"}.get(field, field)
    known = ("kind", "quantity", "amount", "reason", "note", "photos")
    errors = {field if field in known else "": TEXTS.of(error)}
    status = error.http_status if isinstance(error, Conflict) else 422
    return await _form(request, form, asked, photos, errors, status)


async def _form(
    request: web.Request, form: Form, asked: Asked, photos: list[Any], errors: dict[str, str],
    status: int = 200,
) -> web.Response:  # fmt: skip
    order, line = asked.order, asked.line
    is_over = not asked.items or (line is not None and not line.can_claim)
    if line is None and order.state != "paid":
        raise web.HTTPFound(f"/m/orders/{order.order_no}")
    lines = [line] if line is not None else [x for x in order.lines if x.can_claim]
    reasons = await _reasons(request, asked)
    preview, problem = await _preview(request, asked)
    if not reasons and not is_over:
        late = "case_too_late" if order.state == "completed" else "reason_not_offered"
        problem = problem or TEXTS.text(late)
    return render(
        request, "h5/trade/aftersales_new.html", status=status, order=order, line=line,
        asked=asked, lines=lines, kinds=[(k, *KINDS[k]) for k in _kinds(order, line)],
        reasons=reasons, is_swap=False,
        values=form.values, errors=errors, photos=photos, preview=preview, problem=problem,
        is_over=is_over, pics=await read(request, catalog.line_pictures, [order]),
    )  # fmt: skip


async def _reasons(request: web.Request, asked: Asked) -> list[tuple[str, str]]:
    """The reasons that the domain accepts from a buyer for this kind of request."""
    found = await read(
        request, aftersales.allowed_requests, member_of(request), asked.order.order_no, asked.items
    )
    return [r for r in REASONS if r[0] in found.get(asked.kind, ())]


def _mistakes(form: Form) -> dict[str, str]:
    return {name: TEXTS.of(error) for name, error in form.errors.items()}


async def _sum(request: web.Request, form: Form, asked: Asked) -> web.Response:
    preview, problem = await _preview(request, asked)
    problem = next(iter(_mistakes(form).values()), problem)
    return render(
        request, "h5/trade/_refund_change.html", asked=asked, preview=preview, problem=problem,
        reasons=await _reasons(request, asked), values=form.values, line=asked.line,
    )  # fmt: skip


async def _preview(request: web.Request, asked: Asked) -> tuple[Any, str]:
    """What the case would refund, or why it is refused; for a part the buyer says the amount."""
    if not asked.items:
        return None, TEXTS.text("nothing_left_to_claim")
    if asked.kind == "part":
        return None, ""
    try:
        return await read(
            request,
            aftersales.preview_case,
            member_of(request),
            asked.order.order_no,
            asked.kind,
            asked.items,
        ), ""
    except DomainError as error:
        return None, TEXTS.of(error)


async def _case_page(request: web.Request, form: Form, errors: dict[str, str]) -> web.Response:
    case: CaseView = await read(
        request, aftersales.case_detail_for_buyer, _no(request), member_of(request)
    )
    return render(
        request,
        "h5/trade/aftersale.html",
        status=422 if errors else 200,
        case=case,
        word=CASES[case.state],
        timeline=case_log(case.log),
        errors=errors,
        values=form.values,
        companies=[(name, name) for name in COMPANIES],
        return_to=(await read(request, settings.get, settings.Returns)).line,
        pics=await read(request, catalog.line_pictures, [case]),
        photos=await read(request, catalog.pictures, case.pictures) if case.pictures else {},
    )


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
