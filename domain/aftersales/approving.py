"""Refunds and answers to cases that need a second person (退款审批).

A person with the right acts alone within the ceilings. Everyone else, and any act above them,
makes a proposal. A proposal keeps what was seen; it fails if the order or the case has changed
since.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from domain import approvals, orders
from domain.aftersales import rules
from domain.aftersales.opening import merchant_refund, preview_refund
from domain.aftersales.service import approve_case, receive_returned_goods, refund_instead
from domain.aftersales.steps import lock_case
from domain.approvals import Approved, Kind, Plan
from domain.orders import lock_order
from kernel import context
from kernel.errors import Conflict, Invalid, NotFound
from models import AfterSale, Order, OrderLine

RIGHT = "orders.refund"
Answer = Literal["approve", "received", "instead"]
_PAYING = ("refunding", "refunded")


def register_kinds() -> None:
    """Register the kinds: refund 退款, goodwill 补偿 (the goods stay), answer to a case."""
    approvals.register_kind(Kind("refund", RIGHT, _refund))
    approvals.register_kind(Kind("goodwill", RIGHT, _refund))
    approvals.register_kind(Kind("case", RIGHT, _answer))


def refund_by_hand(
    order_no: str, items: Sequence[tuple[int, int]], why: str, amount_fen: int | None = None,
    seen_fen: int | None = None, *, told: str = "", may_act: bool,
) -> dict[str, Any]:  # fmt: skip
    """Refund an order by the merchant's will, or propose it to a second person (商家退款).

    ``why`` is read by who decides, and kept in the logs; ``told`` is for the buyer. ``seen_fen``
    is the sum that the page showed. Returns {"proposal_id", "fen"}; ``proposal_id`` is None if the
    refund has begun. Raises Conflict('sum_changed') and what ``merchant_refund`` raises.
    """
    plan = plan_refund(order_no, items, why, amount_fen, told)
    total_fen = plan.payload["total_fen"]
    if seen_fen is not None and seen_fen != total_fen:
        raise Conflict("sum_changed", seen_fen=seen_fen, now_fen=total_fen)
    act = partial(merchant_refund, order_no, items, why, amount_fen, seen_fen, told=told)
    done = approvals.act_or_propose(plan, act, context.actor.get(), may_act=may_act)
    return {"proposal_id": done.proposal_id, "fen": total_fen}


def plan_refund(
    order_no: str, items: Sequence[tuple[int, int]], why: str, amount_fen: int | None = None,
    told: str = "",
) -> Plan:  # fmt: skip
    """A refund as it would be made now, to be proposed. Raises Invalid, Conflict."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    is_money_only = bool(items) and all(n == 0 for _, n in items)
    payload = {
        "order_no": order_no, "items": [list(pair) for pair in items], "amount_fen": amount_fen,
        "total_fen": preview_refund(order_no, items, amount_fen).total_fen,
        "claimed_fen": _claimed_fen(order_no), "told": told.strip(),
    }  # fmt: skip
    kind = "goodwill" if is_money_only else "refund"
    return Plan(kind, f"order:{order_no}", payload, why.strip())


def answer_case(
    case_id: int, do: Answer, note: str = "", seen_fen: int | None = None, *,
    restock: bool = False, may_act: bool,
) -> dict[str, Any]:  # fmt: skip
    """Answer a case that pays money now or later, or propose the answer to a second person.

    ``seen_fen`` is the sum that the page showed; a refund of another sum raises
    Conflict('sum_changed'). Returns {"proposal_id", "fen"}; ``fen`` is the refund begun, or 0.
    """
    plan = plan_answer(case_id, do, note, restock=restock)
    act = partial(_answer_case, plan.payload, seen_fen)
    done = approvals.act_or_propose(plan, act, context.actor.get(), may_act=may_act)
    return {
        "proposal_id": done.proposal_id,
        "fen": _refund_begun_fen(case_id) if done.is_done else 0,
    }


def plan_answer(case_id: int, do: Answer, note: str = "", *, restock: bool = False) -> Plan:
    """An answer as it would be given now, to be proposed. Raises NotFound, Conflict."""
    case = AfterSale.get_or_none(AfterSale.id == case_id)
    if case is None:
        raise NotFound("case_missing")
    rules.next_state(case.state, _event(case, do))
    payload = {
        "case_id": case_id, "case_no": case.case_no, "do": do, "note": note, "restock": restock,
        "order_no": orders.order_by_id(case.order_id).order_no, "state": case.state,
        "total_fen": case.goods_fen + case.freight_fen,
    }  # fmt: skip
    return Plan("case", f"case:{case_id}", payload, note.strip() or case.note or case.reason)


def _event(case: AfterSale, do: Answer) -> str:
    if do == "approve":
        return "approve_refund" if case.kind == "refund_only" else "approve_return"
    return {"received": "take_back", "instead": "refund"}[do]


def _answer_case(asked: dict[str, Any], seen_fen: int | None) -> None:
    case_id, do, note = int(asked["case_id"]), asked["do"], asked["note"]
    if do == "approve":
        approve_case(case_id, note)
    elif do == "received":
        receive_returned_goods(case_id, restock=bool(asked["restock"]))
    else:
        refund_instead(case_id, note)
    now_fen = _refund_begun_fen(case_id)
    if seen_fen is not None and now_fen not in (0, seen_fen):
        raise Conflict("sum_changed", seen_fen=seen_fen, now_fen=now_fen)


def _refund_begun_fen(case_id: int) -> int:
    """The fen that a case refunds; 0 until its refund has begun."""
    case = AfterSale.get_by_id(case_id)
    return int(case.goods_fen + case.freight_fen) if case.state in _PAYING else 0


def _refund(approved: Approved) -> dict[str, Any]:
    asked = approved.payload
    order_no, total_fen = asked["order_no"], asked["total_fen"]
    items = tuple((int(line), int(n)) for line, n in asked["items"])
    lock_order(orders.order_id_of(order_no))
    _check_unchanged(asked, claimed_fen=_claimed_fen(order_no))
    told = asked.get("told", "")  # not in proposals of a release before
    made = merchant_refund(
        order_no, items, approved.reason, asked["amount_fen"], total_fen, told=told
    )
    return {"case_no": made["case_no"], "fen": made["fen"]}


def _answer(approved: Approved) -> dict[str, Any]:
    asked = approved.payload
    case = lock_case(int(asked["case_id"]))
    _check_unchanged(asked, state=case.state, total_fen=case.goods_fen + case.freight_fen)
    _answer_case(asked, asked["total_fen"])
    return {"fen": _refund_begun_fen(case.id)}


def _check_unchanged(asked: dict[str, Any], **now: Any) -> None:
    """Check that nothing changed since the proposal. Raises Conflict('proposal_stale')."""
    if any(asked[name] != value for name, value in now.items()):
        raise Conflict("proposal_stale")


def _claimed_fen(order_no: str) -> int:
    """The fen that all cases of an order claim."""
    order = Order.get_by_id(orders.order_id_of(order_no))
    lines = OrderLine.select(OrderLine.claimed_fen).where(OrderLine.order == order.id)
    return int(order.claimed_freight_fen + sum(line.claimed_fen for line in lines))
