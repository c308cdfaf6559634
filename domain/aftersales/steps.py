"""The only place that changes a case's state: a conditional UPDATE and a row in its log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain import approvals, orders, settings
from domain.aftersales.events import CaseClosed, LineRefunded
from domain.aftersales.rules import next_state, timeout_at
from domain.orders import Claim, lock_order
from kernel import clock, context, events
from kernel.errors import Conflict, NotFound
from kernel.store import lock_row
from models import AfterSale, AfterSaleLine, AfterSaleLog


def lock_case(case_id: int) -> Any:
    """Lock a case after its order, in this order always. Raises NotFound('case_missing')."""
    found = AfterSale.get_or_none(AfterSale.id == case_id)
    if found is None:
        raise NotFound("case_missing")
    lock_order(found.order_id)
    return lock_row(AfterSale, case_id)


def change_state(
    case: Any, event: str, why: str = "", *, said: str = "", actor: str | None = None,
    **values: Any,
) -> Any:  # fmt: skip
    """Move a case from the state that was read to the next; returns the row. Raises Conflict.

    ``why`` is a code, by default the event; ``said`` is what a person wrote.
    """
    to_state = next_state(case.state, event)
    now = clock.now()
    due_at = timeout_of(to_state, now)
    same = (AfterSale.id == case.id) & (AfterSale.state == case.state)
    values = {"state": to_state, "updated_at": now, "due_at": due_at} | values
    if AfterSale.update(**values).where(same).execute() != 1:
        raise Conflict("case_moved", state=case.state, event=event)
    write_log(case.id, case.state, to_state, why or event, actor, said=said)
    return AfterSale.get_by_id(case.id)


def timeout_of(state: str, now: datetime) -> datetime | None:
    """The instant until which this state waits, by the shop's settings; None without a limit."""
    answer_hours = settings.get(settings.Trade).refund_answer_hours
    return timeout_at(state, now, answer_hours, settings.get(settings.Service).send_back_days)


def write_log(
    case_id: int, from_state: str | None, to_state: str, why: str, actor: str | None = None, *,
    said: str = "",
) -> None:  # fmt: skip
    """Add a row to the case's log: who, from, to, why as a code, and what a person wrote."""
    AfterSaleLog.insert(
        case=case_id,
        from_state=from_state,
        to_state=to_state,
        actor=actor or context.actor.get(),
        why=why,
        facts={"said": said} if said else None,
        at=clock.now(),
    ).execute()


def case_lines(case_id: int) -> list[Any]:
    """A case's lines, by id."""
    query = AfterSaleLine.select().where(AfterSaleLine.case == case_id)
    return list(query.order_by(AfterSaleLine.id))


def begin_refunding(
    case: Any, event: str, why: str = "", actor: str | None = None, *, said: str = ""
) -> None:
    """Begin a case's refund at WeChat; a case of 0 fen ends at once.

    Every refund of a case passes here, so that refunds by staff count against their ceilings.
    Raises LimitReached('second_person'), Conflict.
    """
    _drop_freight_if_partial(case)
    after = change_state(case, event, why, said=said, actor=actor)
    total = after.goods_fen + after.freight_fen
    approvals.count_against_ceilings(
        approvals.Use("refund", 1, total), actor or context.actor.get()
    )
    if total == 0:
        end_refunded_case(after, "succeed", "nothing_to_refund")
        return
    orders.refund_order(after.order_id, total, after.id)


def end_refunded_case(case: Any, event: str, why: str = "", actor: str | None = None) -> None:
    """End a case whose refund is done: record it on lines and order, and publish it per line."""
    change_state(case, event, why, actor=actor)
    lines = case_lines(case.id)
    done = orders.refund_claims(
        case.order_id,
        [(claim_of(line), line.goods_fen) for line in lines],
        case.freight_fen,
        case.case_no,
    )
    for each in done:
        events.publish(
            LineRefunded(
                case.id,
                each.line_id,
                case.order_id,
                each.before_fen,
                each.after_fen,
                each.paid_fen,
            )
        )
        events.publish(CaseClosed(case.id, each.line_id))


def end_case_without_refund(
    case: Any, event: str, why: str, actor: str | None = None, *, said: str = "", **more: Any
) -> None:
    """End a case without a refund; what it claimed is free again."""
    change_state(case, event, why, said=said, actor=actor, **more)
    lines = case_lines(case.id)
    orders.release_claims(case.order_id, [claim_of(line) for line in lines], case.freight_fen)
    for line in lines:
        events.publish(CaseClosed(case.id, line.line_id))


def claim_of(line: Any) -> Claim:
    """The claim of a case's line on the order's line."""
    return Claim(line.line_id, line.quantity, line.unshipped, line.claim_fen)


def _drop_freight_if_partial(case: Any) -> None:
    """Drop the freight from a case if not all lines are claimed any more."""
    if case.freight_fen and not orders.is_wholly_claimed(case.order_id):
        orders.release_freight_claim(case.order_id, case.freight_fen)
        AfterSale.update(freight_fen=0).where(AfterSale.id == case.id).execute()
