"""Ends of a bill by a person's decision: cancelled, written off, paid with the wages."""

from __future__ import annotations

from domain import audit, gate
from domain.gate import Problem
from domain.payouts import brakes
from domain.payouts.answers import SUBJECT
from domain.payouts.bills import change_state, end_bill, lock_bill, log_step
from domain.payouts.sources import source_of
from kernel import clock
from kernel.errors import Conflict, Invalid
from models import PayoutBill


def cancel_unknown_transfer(bill_id: int, actor: str) -> str:
    """Cancel a bill that WeChat does not know and that has no open call (撤回).

    Raises Conflict('transfer_uncertain') while a call is open, Conflict('state_moved').
    """
    row = lock_bill(bill_id)
    if row.state != "paying":
        raise Conflict("state_moved", state=row.state, event="cancel")
    if gate.has_open_calls(SUBJECT, bill_id):
        raise Conflict("transfer_uncertain")
    audit.record_either("payout.take_back", "payout", bill_id, actor=actor)
    return end_bill(row, "cancel", actor, "ABSENT")


def confirm_not_arrived(bill_id: int, actor: str, days: str) -> bool:
    """Confirm that an uncertain transfer never arrived; True after the second person (核销).

    ``days`` names WeChat's bills that were read and lack it. The caller has checked that they
    reach two days past the last call. Raises Conflict('not_uncertain', 'same_person').
    """
    row = lock_bill(bill_id)
    if row.state != "paying" or row.uncertain_at is None:
        raise Conflict("not_uncertain")
    if row.given_up_by == actor:
        raise Conflict("same_person")
    audit.record("payout.give_up", "payout", bill_id, actor=actor,
                 after={"days": days, "first": row.given_up_by})  # fmt: skip
    if row.given_up_by is None:
        PayoutBill.update(given_up_by=actor[:64]).where(PayoutBill.id == row.id).execute()
        log_step(row.id, row.state, row.state, actor, "in_no_bill", {"days": days})
        return False
    gate.close_calls(SUBJECT, bill_id, "in no bill")
    end_bill(row, "fail", actor, "NEVER_ARRIVED", {"days": days})
    return True


def settle_payroll(bill_ids: list[int], actor: str, voucher: str) -> int:
    """Book employees' bills as paid with their wages, against the bank (工资代发).

    Each passes the gate like a transfer. Returns how many. Raises Invalid('voucher_missing'),
    Conflict with what prevents a bill; none is booked then.
    """
    if not voucher.strip():
        raise Invalid("voucher_missing", "voucher")
    brakes.check_ledger_if_due()
    for bill_id in bill_ids:
        passed = gate.enter_gate("bank", bill_id, actor)
        if isinstance(passed, Problem):
            raise Conflict(passed.code, **passed.facts)
        _book_payroll_bill(bill_id, int(passed.request), actor, voucher.strip())
        gate.leave_gate(passed, "booked")
    return len(bill_ids)


def _book_payroll_bill(bill_id: int, gross_fen: int, actor: str, voucher: str) -> None:
    row, now = PayoutBill.get_by_id(bill_id), clock.now()
    fee = source_of(row.source).amount_to_pay(int(row.source_id)).fee_fen
    change_state(row, "send", actor, voucher, sent_at=now, gross_fen=gross_fen, fee_fen=fee,
                 net_fen=gross_fen - fee)  # fmt: skip
    change_state(row, "pay", actor, voucher, paid_at=now)
    audit.record("payout.payroll", "payout", bill_id, actor=actor, after={"voucher": voucher})
