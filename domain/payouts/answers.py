"""What WeChat's answers about a transfer mean for its bill (付款结果).

Only SUCCESS of a query or a verified notification pays; every other end gives the money back once.
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
from domain.payouts.bills import end, lock_bill, log_step, move
from domain.payouts.notices import BillNotice
from domain.payouts.rules.states import FINAL, SENT
from kernel import clock
from kernel.errors import Invalid
from models import Payee, PayoutBill

SUBJECT = "payout"


def receive_transfer(result: TransferResult) -> str:
    """Book what WeChat says about a transfer; answers what came of it.

    ``unknown`` number; ``differs`` from our row: nothing is booked and the owner is told;
    ``alive``: it is final here and not at WeChat, which is alarmed and taken back there;
    ``resend``: WeChat knows no such number, or we lack what opens its confirm sheet; ``same``;
    else the new state.
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
        alarm(row, notices.TransferDiffers(bill_id=row.id, field=wrong))
        return "differs"
    schedule(row)
    return _BY_STATE[result.state](row, result)


def receive_transfer_notice(notice: Notification) -> str:
    """A verified notification is kept as it came, then booked like a query's answer (回调)."""
    result = notice.result
    if not isinstance(result, TransferResult):
        raise Invalid("notice_not_a_transfer")
    if not payments.keep_notice(notice):
        return "same"
    outcome = receive_transfer(result)
    payments.note_outcome(notice.id, outcome)
    return outcome


def cancelled_there(result: TransferResult) -> str:
    """A bill that ended here is being taken back at WeChat: noted, and alarmed if it was paid."""
    row = PayoutBill.get(PayoutBill.out_bill_no == result.out_bill_no)
    log_step(row.id, row.state, row.state, "system", f"taken back there: {result.state.value}")
    return _after_the_end(row, result) if result.state.is_final else "same"


def no_result(bill_id: int, code: str) -> None:
    """The call brought no state: the bill stays ``paying`` and is asked after."""
    row = lock_bill(bill_id)
    if row.state not in SENT:
        return
    PayoutBill.update(fail_reason=code[:60]).where(PayoutBill.id == row.id).execute()
    schedule(row)
    log_step(row.id, row.state, row.state, "system", f"no result: {code}")


def refused_for_good(bill_id: int, code: str) -> str:
    """WeChat refused and, asked, knows no such number: the money goes back.

    Only if no earlier call is open, which could still arrive: then the bill stays ``paying`` and
    is *uncertain* until WeChat names a state. Answers the bill's state.
    """
    row = lock_bill(bill_id)
    if row.state != "paying":
        return str(row.state)
    if gate.has_open_calls(SUBJECT, bill_id):
        _mark_uncertain(row, code)
        return "paying"
    end(row, "fail", "wechat", code)
    return "returned"


def stands_still(bill_id: int, code: str) -> None:
    """WeChat knows no such number and it may not be sent again now.

    With a call open nobody can say whether the money moves: the bill is uncertain.
    """
    row = lock_bill(bill_id)
    if row.state == "paying" and gate.has_open_calls(SUBJECT, bill_id):
        _mark_uncertain(row, code)


def asked(bill_id: int) -> None:
    """A question went unanswered: the next one comes a little later."""
    schedule(lock_bill(bill_id))


def schedule(row: PayoutBill) -> None:
    """The next question to WeChat comes after a pause that grows with each one."""
    PayoutBill.update(
        queries=PayoutBill.queries + 1, next_query_at=clock.now() + query_delay(row.queries)
    ).where((PayoutBill.id == row.id) & PayoutBill.state.in_(SENT)).execute()


def alarm(row: PayoutBill, notice: BillNotice) -> None:
    """Something about a bill needs a person at once: kept, and the owner is told."""
    facts = {name: value for name, value in asdict(notice).items() if name != "bill_id"}
    audit.record_event(notice.KEY, "payout", row.id, facts=facts)
    notify_owner(notice)


def _mark_uncertain(row: PayoutBill, code: str) -> None:
    PayoutBill.update(fail_reason=code[:60]).where(PayoutBill.id == row.id).execute()
    if row.uncertain_at is None:
        PayoutBill.update(uncertain_at=clock.now()).where(PayoutBill.id == row.id).execute()
        log_step(row.id, row.state, row.state, "system", f"uncertain: {code}")
        alarm(row, notices.PayoutUncertain(bill_id=row.id, code=code, fen=row.net_fen))
    schedule(row)


def _difference(row: PayoutBill, result: TransferResult) -> str | None:
    """What WeChat's answer names and our row contradicts."""
    if result.state is TransferState.ABSENT:
        return None
    pairs = (
        ("amount", result.amount_fen, row.net_fen),
        ("openid", result.openid, row.openid),
        ("mchid", result.mchid, row.mchid),
    )
    return next((name for name, theirs, ours in pairs if theirs and theirs != ours), None)


def _on_its_way(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    return "same"


def _to_confirm(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    if row.channel == "granted":
        return _unforeseen(row)
    has_sheet = bool(result.package_info or row.package_info)
    if row.state != "paying":
        return "same" if has_sheet else "resend"
    move(row, "await", "system")
    if Payee.get_by_id(row.payee_id).is_frozen:
        enqueue("payout.take_back", {"bill_id": int(row.id)})
    return "awaiting_user" if has_sheet else "resend"


def _unforeseen(row: PayoutBill) -> str:
    """A transfer under an authorisation never waits for its payee: a person looks, once."""
    if row.note != "waits: unforeseen":
        PayoutBill.update(note="waits: unforeseen").where(PayoutBill.id == row.id).execute()
        alarm(row, notices.TransferDiffers(bill_id=row.id, field="state"))
    return "same"


def _succeeded(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    at = result.updated_at or clock.now()
    return move(row, "pay", "wechat", paid_at=at, next_query_at=None)


def _failed(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    event = "expire" if result.fail_reason == "OVERDUE_CLOSE" else "fail"
    return end(row, event, "wechat", result.fail_reason or "FAIL")


def _cancelling(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    if row.state == "awaiting_user":
        return move(row, "ask_cancel", "wechat")
    return "same"


def _cancelled(row: PayoutBill, result: TransferResult) -> str:
    _keep(row, result)
    return end(row, "cancel", "wechat", "CANCELLED")


def _absent(row: PayoutBill, result: TransferResult) -> str:
    """Unknown there: it never arrived, or not yet. Only the gate decides whether it is sent."""
    return "resend" if row.state == "paying" else "same"


def _keep(row: PayoutBill, result: TransferResult) -> None:
    """Keep WeChat's number and the sheet's key; an empty one never overwrites.

    WeChat knows the number: what an earlier call left unclear is clear.
    """
    values: dict[str, Any] = {"fail_reason": None, "uncertain_at": None, "given_up_by": None}
    if result.transfer_bill_no:
        values["transfer_bill_no"] = result.transfer_bill_no
    if result.package_info:
        values["package_info"] = result.package_info
    PayoutBill.update(**values).where(PayoutBill.id == row.id).execute()
    gate.settle_calls(SUBJECT, int(row.id), result.state.value)


def _after_the_end(row: PayoutBill, result: TransferResult) -> str:
    """A repeated end is fine; money that moves after we ended it needs a person at once."""
    if result.state is TransferState.ABSENT:
        return "same"
    if not result.state.is_final:
        if row.state == "paid":
            return "same"  # an answer that was overtaken by a later one
        alarm(row, notices.TransferAlive(bill_id=row.id, state=result.state.value))
        enqueue("payout.cancel", {"bill_id": int(row.id)})
        return "alive"
    is_money_out = result.state is TransferState.SUCCESS
    if is_money_out != (row.state == "paid"):
        there = result.state.value
        alarm(row, notices.TransferContradicts(bill_id=row.id, state=there, ours=row.state))
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
