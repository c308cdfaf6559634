"""售后: request a refund, return or exchange; follow the case; send goods back."""

from __future__ import annotations

from collections.abc import Sequence
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
from mall_h5.trade_words import COMPANIES, KINDS, REASONS, case_log
from mall_h5.uploads import photos_of, takes_upload
from mall_h5.web import Shown, SignedIn, draw, mistake, mistakes, shown, signed_in

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
    form: Form
    photos: Sequence[Any] = ()

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
async def index(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The member's cases, newest first."""
    found = await me.read(
        aftersales.list_cases_of_member, me.id, before_id=cursor_of(request), limit=PAGE + 1
    )
    page = cut(found, PAGE)
    return render(
        request,
        "h5/trade/aftersales.html",
        page=page,
        is_first=cursor_of(request) is None,
        pics=await me.read(catalog.pictures_of_lines, page.items),
    )


@routes.get("/aftersales/new")
@signed_in
async def new(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The form for one line of an order, or for a whole order that was not shipped."""
    asked = await _asked(me, Form(request.query))
    return draw(request, await (_sum if is_fragment(request) else _form)(me, asked))


@routes.post("/aftersales/new")
@signed_in
@takes_upload
async def ask(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Open the case; a repeated tap opens no second one."""
    await me.limit("aftersales", most=ASKS_A_MINUTE)
    asked = await _asked(me, await read_form(request))
    taken = await photos_of(request, asked.form)
    asked = replace(asked, photos=taken.kept)
    if asked.form.raw("do") == "sum":
        return draw(request, await _form(me, asked))
    try:
        if taken.wrong is not None:
            raise taken.wrong
        case_no = await _open(me, asked)
    except NotFound:
        raise
    except DomainError as error:
        return draw(request, await _refused(me, asked, error))
    await me.flash(taken.told("申请已提交"))
    raise web.HTTPSeeOther(f"/m/aftersales/{case_no}")


async def _open(me: SignedIn, asked: Asked) -> str:
    """Open the case that is asked for; the result is its number."""
    form = asked.form
    key = form.idem_key()
    note = form.prose("note", most=300, required=False)
    amount_fen = _amount(asked)
    form.check()
    wish = CaseForm(
        member_id=me.id,
        order_no=asked.order.order_no,
        kind="refund_only" if asked.kind == "part" else asked.kind,
        items=asked.items,
        reason=form.raw("reason"),
        note=note,
        pictures=tuple(photo.id for photo in asked.photos),
        amount_fen=amount_fen,
    )
    named = me.command_key("open_case", key, vars(wish))
    made = await me.once(named, aftersales.open_case, wish, asked.line is None)
    return str(made["case_no"])


@routes.get(f"/aftersales/{NO}")
@signed_in
async def one(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """A case: its state, its deadline, and what happens when that passes."""
    return draw(request, await _case_page(me, _no(request), Form({}), {}))


@routes.post(f"/aftersales/{NO}/withdraw")
@signed_in
async def withdraw(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """Withdraw the request."""
    no = _no(request)
    await me.limit("aftersales", most=ASKS_A_MINUTE)
    await me.write(aftersales.withdraw_case, no, me.id)
    await me.flash("申请已撤销")
    raise web.HTTPSeeOther(f"/m/aftersales/{no}")


@routes.post(f"/aftersales/{NO}/send-back")
@signed_in
async def send_back(request: web.Request, me: SignedIn) -> web.StreamResponse:
    """The buyer sent the goods back; records the tracking number."""
    await me.limit("aftersales", most=ASKS_A_MINUTE)
    no, form = _no(request), await read_form(request)
    company, tracking_no = form.raw("company"), form.raw("tracking_no").replace(" ", "")
    try:
        await me.write(aftersales.send_back, no, me.id, company, tracking_no)
    except Invalid as error:
        return draw(request, await _case_page(me, no, form, mistake(error)))
    await me.flash("快递单号已提交")
    raise web.HTTPSeeOther(f"/m/aftersales/{no}")


async def _asked(me: SignedIn, form: Form) -> Asked:
    order_no = form.raw("order")
    order: OrderDetail = await me.read(orders.order_detail_for_buyer, order_no, me.id)
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
        return Asked(order, line, kind, most, form)
    pieces = form.count("quantity", least=1, most=most, default=most)
    return Asked(order, line, kind, pieces, form)


def _amount(asked: Asked) -> int | None:
    """The amount that is asked for a line, in fen; None unless a part is asked for."""
    if not asked.is_part or asked.line is None:
        return None
    most = asked.line.can_claim_fen
    fen = asked.form.fen("amount", least=1)
    if fen > most:
        asked.form.fail("amount", "amount_above_claim", limit_fen=most)
    return fen


def _kinds(order: OrderDetail, line: LineView | None) -> list[Ask]:
    """What may be asked for; goods can be returned only after they were shipped."""
    if line is None or not line.shipped:
        return ["refund_only"]
    return ["refund_only", PART, "return", "exchange"]


async def _refused(me: SignedIn, asked: Asked, error: DomainError) -> Shown:
    if error.code == "command_reused":
        first = error.facts["first"]["case_no"]
        await me.flash("这次申请已经提交过了")
        raise web.HTTPSeeOther(f"/m/aftersales/{first}")
    if asked.line is None and asked.order.state != "paid":
        raise error
    field = {"pictures": "photos"}.get(error.field or "", error.field or "")
    field = {"amount_fen": "amount"}.get(field, field)
    known = ("kind", "quantity", "amount", "reason", "note", "photos")
    errors = {field if field in known else "": TEXTS.of(error)}
    status = error.http_status if isinstance(error, Conflict) else 422
    return await _form(me, asked, errors, status)


async def _form(
    me: SignedIn, asked: Asked, errors: dict[str, str] | None = None, status: int = 200
) -> Shown:
    """The form; without errors of its own it shows those found in what was typed."""
    order, line = asked.order, asked.line
    is_over = not asked.items or (line is not None and not line.can_claim)
    if line is None and order.state != "paid":
        raise web.HTTPFound(f"/m/orders/{order.order_no}")
    lines = [line] if line is not None else [x for x in order.lines if x.can_claim]
    reasons = await _reasons(me, asked)
    preview, problem = await _preview(me, asked)
    if not reasons and not is_over:
        late = "case_too_late" if order.state == "completed" else "reason_not_offered"
        problem = problem or TEXTS.text(late)
    return shown(
        "h5/trade/aftersales_new.html", status=status, order=order, line=line, asked=asked,
        lines=lines, kinds=[(k, KINDS[k].title, KINDS[k].note) for k in _kinds(order, line)],
        reasons=reasons, is_swap=False, values=asked.form.values, photos=asked.photos,
        errors=mistakes(asked.form) if errors is None else errors,
        preview=preview, problem=problem, is_over=is_over,
        pics=await me.read(catalog.pictures_of_lines, [order]),
    )  # fmt: skip


async def _reasons(me: SignedIn, asked: Asked) -> list[tuple[str, str]]:
    """The reasons that the domain accepts from a buyer for this kind of request."""
    found = await me.read(aftersales.allowed_requests, me.id, asked.order.order_no, asked.items)
    return [r for r in REASONS if r[0] in found.get(asked.kind, ())]


async def _sum(me: SignedIn, asked: Asked) -> Shown:
    preview, problem = await _preview(me, asked)
    problem = next(iter(mistakes(asked.form).values()), problem)
    return shown(
        "h5/trade/_refund_change.html", asked=asked, preview=preview, problem=problem,
        reasons=await _reasons(me, asked), values=asked.form.values, line=asked.line,
    )  # fmt: skip


async def _preview(me: SignedIn, asked: Asked) -> tuple[Any, str]:
    """What the case would refund, or why it is refused; for a part the buyer says the amount."""
    if not asked.items:
        return None, TEXTS.text("nothing_left_to_claim")
    if asked.kind == "part":
        return None, ""
    try:
        return await me.read(
            aftersales.preview_case, me.id, asked.order.order_no, asked.kind, asked.items
        ), ""
    except DomainError as error:
        return None, TEXTS.of(error)


async def _case_page(me: SignedIn, no: str, form: Form, errors: dict[str, str]) -> Shown:
    case: CaseView = await me.read(aftersales.case_detail_for_buyer, no, me.id)
    return shown(
        "h5/trade/aftersale.html",
        status=422 if errors else 200,
        case=case,
        timeline=case_log(case.log),
        errors=errors,
        values=form.values,
        companies=[(name, name) for name in COMPANIES],
        return_to=(await me.read(settings.get, settings.Returns)).line,
        pics=await me.read(catalog.pictures_of_lines, [case]),
        photos=await me.read(catalog.pictures, case.pictures) if case.pictures else {},
    )


def _no(request: web.Request) -> str:
    return str(request.match_info["no"])
