"""What WeChat's answers about a transfer mean for its bill (付款结果).

A bill is paid only by SUCCESS in a query or a verified notification. Every other final state gives
the money back once. See ``docs/algorithms/withdrawal.md``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain import audit, gate, payments
from domain.notices import notify_owner
from domain.outbox import enqueue
from domain.payments import query_delay
from domain.payments.ports import Notification, TransferResult, TransferState
from domain.payouts import notices
from domain.payouts.bills import change_state, end_bill, lock_bill, log_step
from domain.payouts.notices import BillNotice
from domain.payouts.rules.states import FINAL, SENT
from kernel import clock
from kernel.errors import Invalid
from models import Payee, PayoutBill

SUBJECT = "payout"


def receive_transfer(result: TransferResult) -> str:
    """Book WeChat's report about a transfer; returns the outcome.

    ``unknown``: no bill has the number. ``differs``: it contradicts our row; nothing is booked and
    the owner is notified. ``alive``: the bill has ended here but not at WeChat; the owner is
    notified and the transfer is cancelled there. ``resend``: WeChat does not know the number, or
    its confirm sheet is missing here. ``same``: nothing changed. Otherwise the bill's new state.
    """
    found = PayoutBill.get_or_none(PayoutBill.out_bill_no == result.out_bill_no)
    if found is None:
        return "unknown"
    row = lock_bill(int(found.id))
    if row.request is None:
        return "unknown"
    if row.state in FINAL:
        return _after_the_end(row, result)
    wrong = _difference(row, result)
    if wrong is not None:
        notify_of_problem(row, notices.TransferDiffers(bill_id=row.id, field=wrong))
        return "differs"
    schedule_query(row)
    return _BY_STATE[result.state](row, result)


def receive_transfer_notice(notice: Notification) -> str:
    """Store a verified notification, then book it like a query's answer (回调)."""
    result = notice.result
    if not isinstance(result, TransferResult):
        raise Invalid("notice_not_a_transfer")
    if not payments.store_notice(notice):
        return "same"
    outcome = receive_transfer(result)
    payments.record_notice_outcome(notice.id, outcome)
    return outcome


def book_cancel_answer(result: TransferResult) -> str:
    """Log the cancel call of a bill that ended here; the owner is notified if it was paid."""
    row = PayoutBill.get(PayoutBill.out_bill_no == result.out_bill_no)
    facts = {"state": result.state.value}
    log_step(row.id, row.state, row.state, "system", "taken_back_there", facts)
    return _after_the_end(row, result) if result.state.is_final else "same"


def record_no_result(bill_id: int, code: str) -> None:
    """Record a call without a result; the bill stays ``paying`` and is queried."""
    row = lock_bill(bill_id)
    if row.state not in SENT:
        return
    PayoutBill.update(fail_reason=code[:60]).where(PayoutBill.id == row.id).execute()
    schedule_query(row)
    log_step(row.id, row.state, row.state, "system", "no_result", {"code": code})


def fail_refused_bill(bill_id: int, code: str) -> str:
    """Fail a bill that WeChat refused and, when queried, does not know; the money goes back.

    While an earlier call is open, which may still arrive, the bill stays ``paying`` and becomes
    *uncertain* until WeChat reports a state. Returns the bill's state.
    """
    row = lock_bill(bill_id)
    if row.state != "paying":
        return str(row.state)
    if gate.has_open_calls(SUBJECT, bill_id):
        _mark_uncertain(row, code)
        return "paying"
    end_bill(row, "fail", "wechat", code)
    return "returned"


def record_uncertain(bill_id: int, code: str) -> None:
    """Mark a bill as uncertain: WeChat does not know it and the gate refuses to send it again.

    Only a bill with an open call is uncertain, since that call may still move the money.
    """
    row = lock_bill(bill_id)
    if row.state == "paying" and gate.has_open_calls(SUBJECT, bill_id):
        _mark_uncertain(row, code)


def record_unanswered_query(bill_id: int) -> None:
    """Record a query without an answer; the next one is scheduled later."""
    schedule_query(lock_bill(bill_id))


def schedule_query(row: PayoutBill) -> None:
    """Set the time of a bill's next query, after a pause that grows with each query."""
    PayoutBill.update(
        queries=PayoutBill.queries + 1, next_query_at=clock.now() + query_delay(row.queries)
    ).where((PayoutBill.id == row.id) & PayoutBill.state.in_(SENT)).execute()


def notify_of_problem(row: PayoutBill, notice: BillNotice) -> None:
    """Record a problem of a bill that a person must act on, and notify the owner."""
    facts = {name: value for name, value in asdict(notice).items() if name != "bill_id"}
    audit.record_event(notice.KEY, "payout", row.id, facts=facts)
    notify_owner(notice)


def _mark_uncertain(row: PayoutBill, code: str) -> None:
    PayoutBill.update(fail_reason=code[:60]).where(PayoutBill.id == row.id).execute()
    if row.uncertain_at is None:
        PayoutBill.update(uncertain_at=clock.now()).where(PayoutBill.id == row.id).execute()
        log_step(row.id, row.state, row.state, "system", "uncertain", {"code": code})
        notify_of_problem(row, notices.PayoutUncertain(bill_id=row.id, code=code, fen=row.net_fen))
    schedule_query(row)


def _difference(row: PayoutBill, result: TransferResult) -> str | None:
    """The first field of WeChat's answer that contradicts our row, or None."""
    if result.state is TransferState.ABSENT:
        return None
    pairs = (
        ("amount", result.amount_fen, row.net_fen),
        ("openid", result.openid, row.openid),
        ("mchid", result.mchid, row.mchid),
    )
    return next((name for name, theirs, ours in pairs if theirs and theirs != ours), None)


def _on_its_way(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    return "same"


def _to_confirm(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    if row.channel == "granted":
        return _unforeseen(row)
    has_sheet = bool(result.package_info or row.package_info)
    if row.state != "paying":
        return "same" if has_sheet else "resend"
    change_state(row, "await", "system")
    if Payee.get_by_id(row.payee_id).is_frozen:
        enqueue("payout.take_back", {"bill_id": int(row.id)})
    return "awaiting_user" if has_sheet else "resend"


def _unforeseen(row: PayoutBill) -> str:
    """An authorised transfer that waits for confirmation, which WeChat excludes: alarm once."""
    if row.note != "unforeseen":
        PayoutBill.update(note="unforeseen").where(PayoutBill.id == row.id).execute()
        notify_of_problem(row, notices.TransferDiffers(bill_id=row.id, field="state"))
    return "same"


def _succeeded(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    at = result.updated_at or clock.now()
    return change_state(row, "pay", "wechat", paid_at=at, next_query_at=None)


def _failed(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    event = "expire" if result.fail_reason == "OVERDUE_CLOSE" else "fail"
    return end_bill(row, event, "wechat", result.fail_reason or "FAIL")


def _cancelling(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    if row.state == "awaiting_user":
        return change_state(row, "ask_cancel", "wechat")
    return "same"


def _cancelled(row: PayoutBill, result: TransferResult) -> str:
    _store_package(row, result)
    return end_bill(row, "cancel", "wechat", "CANCELLED")


def _absent(row: PayoutBill, result: TransferResult) -> str:
    """WeChat does not know the number: the call never arrived, or not yet. The gate decides."""
    return "resend" if row.state == "paying" else "same"


def _store_package(row: PayoutBill, result: TransferResult) -> None:
    """Store WeChat's number and the key of the confirm sheet; an empty value overwrites nothing.

    Since WeChat knows the number, earlier open calls are closed and the bill is certain.
    """
    values: dict[str, Any] = {"fail_reason": None, "uncertain_at": None, "given_up_by": None}
    if result.transfer_bill_no:
        values["transfer_bill_no"] = result.transfer_bill_no
    if result.package_info:
        values["package_info"] = result.package_info
    PayoutBill.update(**values).where(PayoutBill.id == row.id).execute()
    gate.close_calls(SUBJECT, int(row.id), result.state.value)


def _after_the_end(row: PayoutBill, result: TransferResult) -> str:
    """Compare WeChat's state with that of an ended bill; a contradiction alarms the owner."""
    if result.state is TransferState.ABSENT:
        return "same"
    if not result.state.is_final:
        if row.state == "paid":
            return "same"  # an older answer that arrived after a newer one
        notify_of_problem(row, notices.TransferNotFinal(bill_id=row.id, state=result.state.value))
        enqueue("payout.cancel", {"bill_id": int(row.id)})
        return "alive"
    is_money_out = result.state is TransferState.SUCCESS
    if is_money_out != (row.state == "paid"):
        there = result.state.value
        notify_of_problem(
            row, notices.TransferStatesContradict(bill_id=row.id, state=there, ours=row.state)
        )
        return "differs"
    return "same"


_BY_STATE = {
    TransferState.ACCEPTED: _on_its_way,
    TransferState.PROCESSING: _on_its_way,
    TransferState.TRANSFERING: _on_its_way,
    TransferState.WAIT_USER_CONFIRM: _to_confirm,
    TransferState.SUCCESS: _succeeded,
    TransferState.FAIL: _failed,
    TransferState.CANCELING: _cancelling,
    TransferState.CANCELLED: _cancelled,
    TransferState.ABSENT: _absent,
}
