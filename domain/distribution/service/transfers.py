"""What WeChat's answers about a transfer mean for its withdrawal (付款结果).

Only SUCCESS of a query or a verified notification pays; every other end gives the money back once.
"""

from __future__ import annotations

from typing import Any

from domain import audit, ledger
from domain.distribution.rules.states import SENT
from domain.distribution.service.withdrawal_rows import give_back, locked, log_step, move
from domain.ledger import Posting, member_account, merchant_account
from domain.outbox import tell, tell_owner
from domain.payments.ports import Notification, TransferResult, TransferState
from domain.payments.rules import query_delay
from kernel import clock
from kernel.errors import Invalid
from kernel.store import insert_once
from models import PayNotice, Withdrawal

_FINAL = ("paid", "returned")


def receive_transfer(result: TransferResult) -> str:
    """Book what WeChat says about a transfer; answers what came of it.

    ``unknown`` number; ``differs`` from our row: nothing is booked and the owner is told;
    ``resend``: WeChat knows no such number, or we lack what opens its confirm sheet; ``same``;
    else the new state.
    """
    found = Withdrawal.get_or_none(Withdrawal.out_bill_no == result.out_bill_no)
    if found is None:
        return "unknown"
    row = locked(int(found.id))
    if row.request is None:
        return "unknown"
    if row.state in _FINAL:
        return _after_the_end(row, result)
    wrong = _difference(row, result)
    if wrong is not None:
        _alarm(row, "transfer_differs", {"field": wrong})
        return "differs"
    schedule(row)
    return _BY_STATE[result.state](row, result)


def receive_transfer_notice(notice: Notification) -> str:
    """A verified notification is kept as it came, then booked like a query's answer (回调)."""
    result = notice.result
    if not isinstance(result, TransferResult):
        raise Invalid("notice_not_a_transfer")
    if not insert_once(
        PayNotice, notice_id=notice.id, event_type=notice.event_type[:40],
        out_number=result.out_bill_no[:64], content=notice.plain, received_at=clock.now(),
    ):  # fmt: skip
        return "same"
    outcome = receive_transfer(result)
    PayNotice.update(outcome=outcome).where(PayNotice.notice_id == notice.id).execute()
    return outcome


def not_sent(withdrawal_id: int, code: str) -> None:
    """The call said it did nothing, for now: the row stays ``paying`` and is tried again."""
    row = locked(withdrawal_id)
    if row.state not in SENT:
        return
    Withdrawal.update(fail_reason=code[:60]).where(Withdrawal.id == row.id).execute()
    schedule(row)
    log_step(row.id, row.state, row.state, "system", f"no result: {code}")


def refused_for_good(withdrawal_id: int, code: str) -> None:
    """WeChat refused and, asked, knows no such number: nothing was sent, the money goes back."""
    row = locked(withdrawal_id)
    if row.state == "paying":
        _end(row, "fail", code)


def asked(withdrawal_id: int) -> None:
    """A question went unanswered: the next one comes a little later."""
    schedule(locked(withdrawal_id))


def schedule(row: Withdrawal) -> None:
    """The next question to WeChat comes after a pause that grows with each one."""
    Withdrawal.update(
        queries=Withdrawal.queries + 1, next_query_at=clock.now() + query_delay(row.queries)
    ).where((Withdrawal.id == row.id) & Withdrawal.state.in_(SENT)).execute()


def book_paid(row: Withdrawal, target: ledger.AccountRef) -> None:
    """Net goes to who paid it out; fee and tax are booked now and not before."""
    source = member_account("withdrawing", row.member_id)
    parts = (
        ("net", target, row.net_fen),
        ("fee", merchant_account("fee_income"), row.fee_fen),
        ("tax", merchant_account("tax_payable"), row.tax_fen),
    )
    postings = [
        Posting(f"wd:{row.id}:{key}", source, account, fen, "withdrawal_paid")
        for key, account, fen in parts
        if fen
    ]
    ledger.post(postings, "withdrawal", row.id)


def _difference(row: Withdrawal, result: TransferResult) -> str | None:
    """What WeChat's answer names and our row contradicts."""
    if result.state is TransferState.ABSENT:
        return None
    pairs = (
        ("amount", result.amount_fen, row.net_fen),
        ("openid", result.openid, row.openid),
        ("mchid", result.mchid, row.request["mchid"]),
    )
    return next((name for name, theirs, ours in pairs if theirs and theirs != ours), None)


def _on_its_way(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    return "same"


def _to_confirm(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    has_sheet = bool(result.package_info or row.package_info)
    if row.state != "paying":
        return "same" if has_sheet else "resend"
    move(row, "await", "system")
    tell(row.member_id, "withdrawal_awaiting", withdrawal_id=row.id, fen=row.net_fen)
    return "awaiting_user" if has_sheet else "resend"


def _succeeded(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    at = result.updated_at or clock.now()
    move(row, "pay", "wechat", paid_at=at, next_query_at=None)
    book_paid(row, merchant_account("wechat_clearing", row.request["mchid"]))
    tell(row.member_id, "withdrawal_paid", withdrawal_id=row.id, fen=row.net_fen,
         tax_fen=row.tax_fen, fee_fen=row.fee_fen)  # fmt: skip
    return "paid"


def _failed(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    event = "expire" if result.fail_reason == "OVERDUE_CLOSE" else "fail"
    return _end(row, event, result.fail_reason or "FAIL")


def _cancelling(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    if row.state == "awaiting_user":
        return move(row, "ask_cancel", "wechat")
    return "same"


def _cancelled(row: Withdrawal, result: TransferResult) -> str:
    _keep(row, result)
    return _end(row, "cancel", "CANCELLED")


def _absent(row: Withdrawal, result: TransferResult) -> str:
    """Unknown there: it never arrived, so the stored request goes out under the same number."""
    return "resend" if row.state == "paying" else "same"


def _end(row: Withdrawal, event: str, reason: str) -> str:
    state = move(row, event, "wechat", reason, fail_reason=reason[:60])
    give_back(row, "system")
    tell(row.member_id, "withdrawal_returned", withdrawal_id=row.id, state=state, reason=reason,
         fen=row.gross_fen - row.taken_fen)  # fmt: skip
    return state


def _keep(row: Withdrawal, result: TransferResult) -> None:
    """Keep WeChat's number and the sheet's key; an empty one never overwrites.

    A clear answer also ends what an earlier call left unclear.
    """
    values: dict[str, Any] = {"fail_reason": None}
    if result.transfer_bill_no:
        values["transfer_bill_no"] = result.transfer_bill_no
    if result.package_info:
        values["package_info"] = result.package_info
    Withdrawal.update(**values).where(Withdrawal.id == row.id).execute()


def _after_the_end(row: Withdrawal, result: TransferResult) -> str:
    """A repeated end is fine; money that left after we gave it back needs a person at once."""
    is_money_out = result.state is TransferState.SUCCESS
    if is_money_out != (row.state == "paid") and result.state.is_final:
        _alarm(row, "transfer_contradicts", {"state": str(result.state), "ours": row.state})
        return "differs"
    return "same"


def _alarm(row: Withdrawal, purpose: str, facts: dict[str, Any]) -> None:
    audit.record(purpose, "withdrawal", row.id, after=facts, actor="system")
    tell_owner(purpose, withdrawal_id=int(row.id), **facts)


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
