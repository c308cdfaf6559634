"""What happens to a case after it was opened: answers, returns, refunds, replacements."""

from __future__ import annotations

from typing import Any

from domain import after_restore_hold, audit, orders, payments, settings
from domain.aftersales import notices, rules
from domain.aftersales.steps import (
    begin_refunding,
    case_lines,
    change_state,
    end_case_without_refund,
    end_refunded_case,
    lock_case,
)
from domain.notices import notify, notify_owner
from domain.payments import RefundAbnormal, RefundRetried, RefundSucceeded
from kernel import clock, context, typed
from kernel.errors import Invalid, NotFound
from models import AfterSale


def approve_case(case_id: int, note: str = "") -> str:
    """Approve a case: refund it, or let the buyer send the goods back (同意售后)."""
    after_restore_hold.raise_if_held()
    case = lock_case(case_id)
    note = typed.words(note, 200, "note")
    audit.record("case.approve", "case", case_id, after={"note": note})
    return _approve(case, note)


def reject_case(case_id: int, why: str) -> None:
    """Reject a case with a reason; what it claimed is free again (拒绝售后)."""
    if not why.strip():
        raise Invalid("reason_missing", "why")
    case = lock_case(case_id)
    note = typed.words(why, 200, "why")
    _reject(case, note, context.actor.get())
    audit.record("case.reject", "case", case_id, after={"why": note})


def withdraw_case(case_no: str, member_id: int) -> None:
    """Withdraw the buyer's request (撤销售后). Raises NotFound for another's, Conflict."""
    case = lock_case(case_id_of(case_no, member_id))
    end_case_without_refund(case, "withdraw", "withdrawn", f"member:{member_id}")


def send_back(case_no: str, member_id: int, company: str, tracking_no: str) -> None:
    """Record that the buyer sent the goods back (寄回商品). Raises NotFound, Invalid, Conflict."""
    case = lock_case(case_id_of(case_no, member_id))
    company, number = orders.checked_tracking(company, tracking_no)
    change_state(
        case,
        "send_back",
        actor=f"member:{member_id}",
        return_company=company,
        return_tracking_no=number,
    )


def receive_returned_goods(case_id: int, *, restock: bool) -> str:
    """Record that the goods are back; a return is refunded at once, an exchange waits (收到退货).

    ``restock`` says whether the goods are fit for sale. Returns the state.
    """
    after_restore_hold.raise_if_held()
    case = lock_case(case_id)
    audit.record("case.take_back", "case", case_id, after={"restock": restock})
    return _receive_returned_goods(case, restock=restock)


def send_replacement(case_id: int, company: str, tracking_no: str) -> None:
    """Send the replacement of an exchange; the case ends, its claim is free again (换货发出)."""
    case = lock_case(case_id)
    rules.next_state(case.state, "exchange")
    if case.kind != "exchange":
        raise Invalid("case_kind_bad", "kind")
    orders.refuse_unproven_buyer(orders.order_by_id(case.order_id))
    company, number = orders.checked_tracking(company, tracking_no)
    orders.record_replaced(case.order_id, _pieces_of_case(case.id), case.case_no)
    end_case_without_refund(
        case, "exchange", "replaced", sent_company=company, sent_tracking_no=number
    )
    audit.record("case.replace", "case", case_id, after={"tracking_no": number})


def refund_instead(case_id: int, why: str = "") -> None:
    """Refund goods that were taken back for an exchange (改为退款). ``why`` is for the logs."""
    after_restore_hold.raise_if_held()
    case = lock_case(case_id)
    why = typed.words(why, 200, "why")
    begin_refunding(case, "refund", "instead_of_exchange", said=why)
    audit.record("case.refund_instead", "case", case_id, after={"why": why})


def apply_timeout(case_id: int) -> bool:
    """Do what follows when a case's time is over; False if it is not due (超时处理).

    An unconfirmed parcel is never paid here: the owner is notified, and again every 3 days.
    """
    case = lock_case(case_id)
    has_left = any(not x.quantity or x.quantity > x.unshipped for x in case_lines(case.id))
    event = rules.timeout_event(case.state, case.kind, case.reason, has_left=has_left)
    if event is None or case.due_at is None or case.due_at > clock.now():
        return False
    if event in ("approve_refund", "approve_return"):
        _approve(case, "", "system", "timeout")
    elif event == "reject":
        _reject(case, "", "system", "goods_sent")
    elif event == "withdraw":
        end_case_without_refund(case, "withdraw", "timeout", "system")
    elif event in ("escalate", "remind"):
        change_state(case, event, "timeout", actor="system")
        notify_owner(notices.ReturnUnconfirmed(ticket_no=case.case_no))
    else:
        begin_refunding(case, event, "timeout", "system")
    return True


def update_case_by_refunds(event: RefundSucceeded | RefundAbnormal | RefundRetried) -> None:
    """Set a case's state by its refunds: ended when all are done, abnormal while one is.

    An order paid in several payments has several refunds, each with its own result.
    """
    if event.case_id is None:
        return
    case = lock_case(event.case_id)
    refunds = payments.refunds_of_case(case.id)
    is_stuck = any(refund.state == "abnormal" for refund in refunds)
    if all(refund.is_done for refund in refunds):
        if isinstance(event, RefundSucceeded) and event.is_by_hand:
            end_refunded_case(case, "settle_by_hand", "settled_by_hand")
        else:
            end_refunded_case(case, "succeed", "refunded", "system")
    elif is_stuck and case.state == "refunding":
        change_state(case, "fail", getattr(event, "why", ""), actor="system")
    elif not is_stuck and case.state == "abnormal":
        change_state(case, "retry")


def case_id_of(case_no: str, member_id: int | None = None) -> int:
    """The id of a case; with a member, only one of their own. Raises NotFound."""
    where = AfterSale.case_no == case_no
    if member_id is not None:
        where &= AfterSale.member == member_id
    row = AfterSale.get_or_none(where)
    if row is None:
        raise NotFound("case_missing")
    return int(row.id)


def _approve(
    case: Any, note: str, actor: str | None = None, decision: rules.Decision | None = None
) -> str:
    who = actor or context.actor.get()
    decided = {"decided_by": who, "decision_note": note, "decision": decision}
    AfterSale.update(**decided).where(AfterSale.id == case.id).execute()
    if case.kind == "refund_only":
        begin_refunding(case, "approve_refund", decision or "", actor, said=note)
    else:
        change_state(case, "approve_return", decision or "", said=note, actor=actor)
        address = settings.get(settings.Returns).line
        notify(
            case.member_id,
            notices.CaseReturn(
                ticket_no=case.case_no,
                reason=note,
                address=address,
                days=settings.get(settings.Service).send_back_days,
            ),
        )
    return str(AfterSale.get_by_id(case.id).state)


def _reject(case: Any, note: str, actor: str, decision: rules.Decision | None = None) -> None:
    end_case_without_refund(
        case, "reject", decision or "", actor, said=note, decision_note=note, decided_by=actor,
        decision=decision,
    )  # fmt: skip
    told = notices.CaseRejected(ticket_no=case.case_no, reason=note, decision=decision or "")
    notify(case.member_id, told)


def _receive_returned_goods(case: Any, *, restock: bool) -> str:
    after = change_state(case, "take_back", "restock" if restock else "")
    if restock:
        orders.record_restocked(case.order_id, _pieces_of_case(case.id), case.case_no)
    if case.kind == "return":
        begin_refunding(after, "refund", "goods_back")
    return str(AfterSale.get_by_id(case.id).state)


def _pieces_of_case(case_id: int) -> list[tuple[int, int]]:
    return [(line.line_id, line.quantity) for line in case_lines(case_id)]
