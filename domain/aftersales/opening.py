"""Opening a case: what may be asked for, what it claims, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import hold, orders, settings
from domain.aftersales import rules
from domain.aftersales.events import CaseOpened
from domain.aftersales.rules import CaseForm, Kind, LineFacts, Share
from domain.aftersales.steps import begin_refunding, write_log
from domain.orders import Claim
from domain.orders.steps import locked
from domain.settings import Trade
from kernel import clock, context, events, ids
from kernel.errors import Conflict, Invalid, NotFound
from models import AfterSale, AfterSaleLine, OrderLine


@dataclass(frozen=True)
class Preview:
    """What a request would come to, for the form."""

    goods_fen: int
    freight_fen: int

    @property
    def total_fen(self) -> int:
        """Goods and freight together."""
        return self.goods_fen + self.freight_fen


def request_case(form: CaseForm) -> dict[str, Any]:
    """A buyer asks for something back; the merchant's time to answer starts (申请售后).

    Raises NotFound for another's order, Invalid, and Conflict where time, state or the lines'
    bounds say no; then nothing is changed. Answers {"case_id", "case_no"}.
    """
    rules.checked_form(form)
    order = locked(orders.order_id_of(form.order_no, form.member_id))
    lines = _lines(order.id, form.items)
    for line in lines:
        rules.check_time(
            form.kind,
            form.reason,
            order.state,
            order.received_at,
            clock.now(),
            is_exempt=line.is_return_exempt,
        )
    return _open(order, form, lines, f"member:{form.member_id}")


def cancel_paid_order(
    order_no: str, member_id: int, reason: str = "not_wanted", note: str = ""
) -> dict[str, Any]:
    """A paid order that has not left is cancelled by one case over all its lines (取消已付款订单).

    Raises Conflict('order_state') once something was shipped.
    """
    order = locked(orders.order_id_of(order_no, member_id))
    if order.state != "paid":
        raise Conflict("order_state", state=order.state, event="cancel_paid")
    form = CaseForm(member_id, order_no, "refund_only", _all_left(order.id), reason, note)
    rules.checked_form(form)
    return _open(order, form, _lines(order.id, form.items), f"member:{member_id}")


def merchant_refund(
    order_no: str, items: Sequence[tuple[int, int]], why: str, amount_fen: int | None = None
) -> dict[str, Any]:
    """The merchant gives money back without being asked, at any time after payment (商家主动退款).

    Without items, everything that no case claims yet. Raises Conflict, Invalid.
    """
    hold.refuse_while_held()
    return give_money_back(order_no, items, why, amount_fen)


def give_money_back(
    order_no: str, items: Sequence[tuple[int, int]], why: str, amount_fen: int | None = None
) -> dict[str, Any]:
    """Open a case and begin its refund in one step, hold or no hold."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    order = locked(orders.order_id_of(order_no))
    if order.state not in orders.PAID_STATES:
        raise Conflict("case_order_state", state=order.state)
    form = CaseForm(
        order.member_id,
        order_no,
        "refund_only",
        tuple(items) or _all_left(order.id),
        "merchant",
        why.strip()[:300],
        amount_fen=amount_fen,
    )
    rules.checked_form(form)
    made = _open(order, form, _lines(order.id, form.items), context.actor.get())
    begin_refunding(AfterSale.get_by_id(made["case_id"]), "approve_refund", why.strip())
    return made


def preview_case(
    member_id: int, order_no: str, kind: Kind, items: Sequence[tuple[int, int]]
) -> Preview:
    """What a request would come to; nothing is claimed."""
    order_id = orders.order_id_of(order_no, member_id)
    lines = _lines(order_id, items)
    shares = [rules.share_of(x, kind, n, None) for x, (_, n) in zip(lines, items, strict=True)]
    page = orders.order_by_id(order_id)
    free = kind == "refund_only" and page.state == "paid"
    freight = page.freight_fen if free and _takes_all(order_id, shares) else 0
    return Preview(sum(share.goods_fen for share in shares), freight)


def _open(order: Any, form: CaseForm, lines: Sequence[LineFacts], actor: str) -> dict[str, Any]:
    shares = [
        rules.share_of(line, form.kind, n, form.amount_fen)
        for line, (_, n) in zip(lines, form.items, strict=True)
    ]
    freight_fen = _freight(order, form.kind, shares)
    orders.open_claims(order.id, _claims(shares), freight_fen)
    now = clock.now()
    case = AfterSale.create(
        case_no=ids.out_number("AS"),
        order=order.id,
        member=order.member_id,
        kind=form.kind,
        goods_fen=sum(share.goods_fen for share in shares),
        freight_fen=freight_fen,
        reason=form.reason,
        note=form.note,
        pictures=list(form.pictures),
        created_at=now,
        updated_at=now,
        due_at=rules.answer_by("requested", now, settings.get(Trade).refund_answer_hours),
    )
    AfterSaleLine.insert_many(
        [
            {
                "case": case.id,
                "line": s.line_id,
                "quantity": s.quantity,
                "unshipped": s.unshipped,
                "claim_fen": s.claim_fen,
                "goods_fen": s.goods_fen,
            }
            for s in shares
        ]
    ).execute()
    write_log(case.id, None, "requested", form.reason, actor)
    for share in shares:
        events.publish(CaseOpened(case.id, share.line_id))
    return {"case_id": case.id, "case_no": case.case_no}


def _freight(order: Any, kind: Kind, shares: Sequence[Share]) -> int:
    """Freight goes back with the last line of an order of which nothing has left."""
    if kind != "refund_only" or order.state != "paid" or not _takes_all(order.id, shares):
        return 0
    return int(order.freight_fen - order.claimed_freight_fen)


def _takes_all(order_id: int, shares: Sequence[Share]) -> bool:
    return orders.is_wholly_claimed(order_id, _claims(shares))


def _claims(shares: Sequence[Share]) -> list[Claim]:
    return [Claim(s.line_id, s.quantity, s.unshipped, s.claim_fen) for s in shares]


def _all_left(order_id: int) -> tuple[tuple[int, int], ...]:
    lines = OrderLine.select().where(OrderLine.order == order_id).order_by(OrderLine.id)
    left = tuple((x.id, x.quantity - x.claimed) for x in lines if x.quantity > x.claimed)
    if not left:
        raise Conflict("nothing_left_to_claim")
    return left


def _lines(order_id: int, items: Sequence[tuple[int, int]]) -> list[LineFacts]:
    wanted = [line_id for line_id, _ in items]
    query = OrderLine.select().where((OrderLine.order == order_id) & OrderLine.id.in_(wanted))
    found = {
        row.id: LineFacts(
            row.id,
            row.quantity,
            row.paid_fen,
            row.shipped,
            row.withheld,
            row.claimed,
            row.claimed_fen,
            row.is_return_exempt,
        )
        for row in query
    }
    if len(found) != len(wanted):
        raise NotFound("line_missing", "items")
    return [found[line_id] for line_id in wanted]
