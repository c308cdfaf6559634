"""Opening a case: what is offered, what it claims, and its sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import after_restore_hold, audit, orders, settings
from domain.aftersales import rules
from domain.aftersales.events import CaseOpened
from domain.aftersales.reasons import ASKS, Ask, Bought, Role, allowed_reasons
from domain.aftersales.rules import CaseForm, Kind, LineFacts, Share
from domain.aftersales.steps import begin_refunding, timeout_of, write_log
from domain.orders import Claim, lock_order
from domain.settings import Service
from kernel import clock, context, events, ids, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.personal import mask_documents
from models import AfterSale, AfterSaleLine, Order, OrderLine


@dataclass(frozen=True)
class Preview:
    """The sum of a request in fen, for the form."""

    goods_fen: int
    freight_fen: int

    @property
    def total_fen(self) -> int:
        """Goods and freight together, in fen."""
        return self.goods_fen + self.freight_fen


def request_case(form: CaseForm) -> dict[str, Any]:
    """Open a case for a buyer; the merchant's time to answer starts (申请售后).

    Returns {"case_id", "case_no"}. Raises NotFound for another's order, Invalid, and Conflict if
    time, state or the lines' bounds don't allow it; nothing is changed then.
    """
    rules.checked_form(form)
    order = lock_order(orders.order_id_of(form.order_no, form.member_id))
    lines = _lines(order.id, form.items)
    _check_allowed("buyer", order, form, lines)
    return _insert_case(order, form, lines, f"member:{form.member_id}")


def cancel_paid_order(
    order_no: str, member_id: int, reason: str = "not_wanted", note: str = ""
) -> dict[str, Any]:
    """Open one case over all lines of a paid, unshipped order, to cancel it (取消已付款订单).

    Raises Conflict('order_state') if something was shipped.
    """
    order = lock_order(orders.order_id_of(order_no, member_id))
    if order.state != "paid":
        raise Conflict("order_state", state=order.state, event="cancel_paid")
    form = CaseForm(member_id, order_no, "refund_only", _unclaimed_pieces(order.id), reason, note)
    rules.checked_form(form)
    lines = _lines(order.id, form.items)
    _check_allowed("buyer", order, form, lines)
    return _insert_case(order, form, lines, f"member:{member_id}")


def merchant_refund(
    order_no: str, items: Sequence[tuple[int, int]], why: str, amount_fen: int | None = None,
    seen_fen: int | None = None, *, told: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Refund by the merchant's will, at any time after payment (商家主动退款).

    ``why`` is for the logs of the merchant, ``told`` for the buyer. Without items it refunds
    everything that no case claims. ``amount_fen`` is paid exactly or refused. ``seen_fen`` is the
    sum that the page showed. Returns {"case_id", "case_no", "fen"}. Raises Invalid, Conflict,
    among them ('sum_changed') for another sum.
    """
    after_restore_hold.raise_if_held()
    made = open_and_refund(order_no, items, why, amount_fen, context.actor.get(), told=told)
    case = AfterSale.get_by_id(made["case_id"])
    said = {"why": why.strip(), "note": case.note}
    audit.record("case.refund_by_merchant", "case", case.id, after=said)
    total_fen = case.goods_fen + case.freight_fen
    if seen_fen is not None and seen_fen != total_fen:
        raise Conflict("sum_changed", seen_fen=seen_fen, now_fen=total_fen)
    return made | {"fen": total_fen}


def preview_refund(
    order_no: str, items: Sequence[tuple[int, int]], amount_fen: int | None = None
) -> Preview:
    """What ``merchant_refund`` would pay; nothing is claimed. Raises the same errors."""
    order = orders.order_by_id(orders.order_id_of(order_no))
    if order.state not in orders.PAID_STATES:
        raise Conflict("case_order_state", state=order.state)
    chosen = tuple(items) or _unclaimed_pieces(order.id)
    form = CaseForm(order.member_id, order_no, "refund_only", chosen, _merchant_reason(chosen),
                    amount_fen=amount_fen)  # fmt: skip
    rules.checked_form(form)
    return _preview(order.id, form)


def open_and_refund(
    order_no: str, items: Sequence[tuple[int, int]], why: str = "", amount_fen: int | None = None,
    actor: str = rules.RESTORE, *, told: str = "", cause: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Open a case and begin its refund at once, also during a hold. Raises Invalid, Conflict.

    ``why`` is what a person wrote, which the buyer does not see; a refund that WeChat made before
    a restore has none. ``told`` is what the buyer reads. ``cause`` is the code of a rule.
    """
    is_found = actor == rules.RESTORE
    if not is_found and not cause and not why.strip():
        raise Invalid("reason_missing", "why")
    why = typed.words(why, 200, "why")
    order = lock_order(orders.order_id_of(order_no))
    if order.state not in orders.PAID_STATES:
        raise Conflict("case_order_state", state=order.state)
    chosen = tuple(items) or _unclaimed_pieces(order.id)
    form = CaseForm(
        order.member_id,
        order_no,
        "refund_only",
        chosen,
        _merchant_reason(chosen),
        typed.words(told, 200, "told"),
        amount_fen=amount_fen,
    )
    rules.checked_form(form)
    lines = _lines(order.id, form.items)
    _check_allowed("system" if is_found or cause else "merchant", order, form, lines)
    made = _insert_case(order, form, lines, actor)
    case = AfterSale.get_by_id(made["case_id"])
    cause = rules.REFUNDED_AT_WECHAT if is_found else cause
    begin_refunding(case, "approve_refund", cause, actor, said=why)
    return made


def refund_unsent(order_no: str, reason: str, actor: str) -> dict[str, Any]:
    """Refund all of a paid order of which nothing was sent, by a rule and not by a person.

    ``reason`` is one that only the system gives. Raises Conflict if something is claimed or sent,
    and during the hold after a restore.
    """
    after_restore_hold.raise_if_held()
    order = lock_order(orders.order_id_of(order_no))
    if order.state != "paid" or order.open_cases:
        raise Conflict("case_order_state", state=order.state)
    form = CaseForm(
        order.member_id, order_no, "refund_only", _unclaimed_pieces(order.id), reason
    )  # fmt: skip
    lines = _lines(order.id, form.items)
    _check_allowed("system", order, form, lines)
    made = _insert_case(order, form, lines, actor)
    begin_refunding(AfterSale.get_by_id(made["case_id"]), "approve_refund", "", actor)
    return made


def refund_by_rule(order_no: str, cause: rules.RefundRule) -> dict[str, Any]:
    """Refund all that no case claims, since a rule of the shop says so (按规则退款).

    Raises Conflict.
    """
    return open_and_refund(order_no, (), actor="system", cause=cause)


def preview_case(
    member_id: int, order_no: str, kind: Kind, items: Sequence[tuple[int, int]]
) -> Preview:
    """The sum of a buyer's request; nothing is claimed."""
    order_id = orders.order_id_of(order_no, member_id)
    return _preview(order_id, CaseForm(member_id, order_no, kind, tuple(items), "no_reason"))


def allowed_requests(
    member_id: int, order_no: str, items: Sequence[tuple[int, int]]
) -> dict[Ask, tuple[str, ...]]:
    """What a buyer may ask for these pieces now, and with which reasons (可申请的售后).

    ``request_case`` accepts nothing else. Raises NotFound.
    """
    order = orders.order_by_id(orders.order_id_of(order_no, member_id))
    if not items:
        return {}
    asked = [(line, n) for line, (_, n) in zip(_lines(order.id, items), items, strict=True)]
    is_alone = rules.asks_for_given_only(asked)
    bought, now = _bought(order), clock.now()
    found: dict[Ask, tuple[str, ...]] = {}
    for ask in ASKS:
        kind: Kind = "refund_only" if ask == "part" else ask
        each = [
            allowed_reasons(
                "buyer",
                ask,
                rules.situation(
                    line, kind, 0 if ask == "part" else n, bought, now, is_alone=is_alone
                ),
            )
            for line, n in asked
        ]
        both = tuple(code for code in each[0] if all(code in other for other in each))
        if both:
            found[ask] = both
    return found


def _check_allowed(role: Role, order: Any, form: CaseForm, lines: Sequence[LineFacts]) -> None:
    rules.check_allowed(role, form, lines, _bought(order), clock.now())


def _bought(order: Any) -> Bought:
    return Bought(order.state, order.received_at, settings.get(Service).free_return_days)


def _merchant_reason(items: Sequence[tuple[int, int]]) -> str:
    """The merchant's reason: goodwill (补偿) if the goods stay, else a refund."""
    return "goodwill" if all(n == 0 for _, n in items) else "merchant"


def _preview(order_id: int, form: CaseForm) -> Preview:
    shares = _shares(order_id, _lines(order_id, form.items), form)
    freight_fen = _freight(Order.get_by_id(order_id), form.kind, shares)
    goods_fen = sum(share.goods_fen for share in shares)
    rules.check_amount(form.amount_fen, goods_fen, freight_fen)
    return Preview(goods_fen, freight_fen)


def _shares(order_id: int, lines: Sequence[LineFacts], form: CaseForm) -> list[Share]:
    """What the case takes of the requested lines, and of given lines that go with them."""
    asked = [
        rules.share_of(line, form.kind, n, form.amount_fen)
        for line, (_, n) in zip(lines, form.items, strict=True)
    ]
    along = rules.given_pieces_to_refund(_all_lines(order_id), form.kind, dict(form.items))
    given = {line.line_id: line for line in _lines(order_id, along)}
    return asked + [rules.share_of(given[x], form.kind, n, None) for x, n in along]


def _insert_case(
    order: Any, form: CaseForm, lines: Sequence[LineFacts], actor: str
) -> dict[str, Any]:
    shares = _shares(order.id, lines, form)
    freight_fen = _freight(order, form.kind, shares)
    goods_fen = sum(share.goods_fen for share in shares)
    rules.check_amount(form.amount_fen, goods_fen, freight_fen)
    orders.open_claims(order.id, _claims(shares), freight_fen)
    now = clock.now()
    case = AfterSale.create(
        case_no=ids.out_number("AS"),
        order=order.id,
        member=order.member_id,
        kind=form.kind,
        goods_fen=goods_fen,
        freight_fen=freight_fen,
        reason=form.reason,
        note=mask_documents(form.note),
        pictures=list(form.pictures),
        created_at=now,
        updated_at=now,
        due_at=timeout_of("requested", now),
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
    """The freight to refund: with the last line of an order of which nothing was shipped."""
    if kind != "refund_only" or order.state != "paid" or not _takes_all(order.id, shares):
        return 0
    return int(order.freight_fen - order.claimed_freight_fen)


def _takes_all(order_id: int, shares: Sequence[Share]) -> bool:
    return orders.is_wholly_claimed(order_id, _claims(shares))


def _claims(shares: Sequence[Share]) -> list[Claim]:
    return [Claim(s.line_id, s.quantity, s.unshipped, s.claim_fen) for s in shares]


def _unclaimed_pieces(order_id: int) -> tuple[tuple[int, int], ...]:
    lines = OrderLine.select().where(OrderLine.order == order_id).order_by(OrderLine.id)
    left = tuple((x.id, x.quantity - x.claimed) for x in lines if x.quantity > x.claimed)
    if not left:
        raise Conflict("nothing_left_to_claim")
    return left


def _lines(order_id: int, items: Sequence[tuple[int, int]]) -> list[LineFacts]:
    wanted = [line_id for line_id, _ in items]
    found = {x.line_id: x for x in _all_lines(order_id) if x.line_id in set(wanted)}
    if len(found) != len(wanted):
        raise NotFound("line_missing", "items")
    return [found[line_id] for line_id in wanted]


def _all_lines(order_id: int) -> list[LineFacts]:
    query = OrderLine.select().where(OrderLine.order == order_id).order_by(OrderLine.id)
    return [
        LineFacts(
            row.id,
            row.quantity,
            row.paid_fen,
            row.shipped,
            row.withheld,
            row.claimed,
            row.claimed_fen,
            row.is_return_exempt,
            row.kind != orders.BOUGHT,
        )
        for row in query
    ]


def open_case(wish: CaseForm, is_whole: bool) -> dict[str, Any]:
    """Open a case over one line, or over a whole paid, unshipped order."""
    if is_whole:
        return cancel_paid_order(wish.order_no, wish.member_id, wish.reason, wish.note)
    return request_case(wish)
