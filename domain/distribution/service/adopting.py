"""After a restore: transfers that WeChat knows and the restored book does not (提现补记).

A transfer that was sent after the backup is booked as the withdrawal that it was, under WeChat's
number. What the wallet then lacks becomes debt, so that nobody is paid twice.
"""

from __future__ import annotations

from typing import Any

from domain import audit, ledger, members, settings
from domain.distribution.rules.states import UNSENT
from domain.distribution.service.admission import lock_wallets
from domain.distribution.service.payouts import PayoutTerms, transfer_body
from domain.distribution.service.tax import tax_of
from domain.distribution.service.transfers import receive_transfer
from domain.distribution.service.withdrawal_rows import locked, log_step, move, payee_year
from domain.ledger import Posting, member_account
from domain.payments.ports import TransferResult
from kernel import clock
from kernel.money import rate_of
from models import Distributor, PayeeYear, Withdrawal

ACTOR = "restore"
GROSS_MOST = 3  # fee and tax never take more than two thirds


def unsent_numbers(after_id: int = 0, limit: int = 200) -> list[tuple[int, str]]:
    """Withdrawals that the book has not sent; the former installation may have."""
    chosen = Withdrawal.state.in_(UNSENT) & (Withdrawal.channel == "wechat")
    rows = Withdrawal.select().where(chosen & (Withdrawal.id > after_id))
    return [(int(r.id), str(r.out_bill_no)) for r in rows.order_by(Withdrawal.id).limit(limit)]


def adopt_transfer(result: TransferResult, terms: PayoutTerms, appid: str) -> str:
    """Book a transfer that WeChat knows; answers what came of it.

    A new state of the withdrawal, or why a person must look: ``no_amount``, ``no_member``,
    ``no_payee``, ``amount_unexplained``.
    """
    found = Withdrawal.get_or_none(Withdrawal.out_bill_no == result.out_bill_no)
    if found is None:
        if not result.amount_fen or not result.openid:
            return "no_amount"
        found = _made(result, appid)
        if isinstance(found, str):
            return found
    if found.state not in UNSENT:
        return receive_transfer(result)
    row = locked(int(found.id))
    if not _mark_sent(row, result, terms):
        return "amount_unexplained"
    return receive_transfer(result)


def _made(result: TransferResult, appid: str) -> Any:
    """The withdrawal as it must have been asked for, or why that can't be told."""
    member_id = members.member_by_openid(appid, result.openid)
    if member_id is None:
        return "no_member"
    payee = Distributor.get_or_none(Distributor.member == member_id)
    if payee is None:
        return "no_payee"
    lock_wallets({member_id})
    gross_fen = gross_of(payee, result.amount_fen or 0)
    if gross_fen is None:
        return "amount_unexplained"
    now = clock.now()
    row = Withdrawal.create(
        member=member_id,
        out_bill_no=result.out_bill_no,
        channel="wechat",
        gross_fen=gross_fen,
        net_fen=result.amount_fen,
        openid=result.openid,
        requested_at=result.created_at or now,
        tax={"payee_type": payee.payee_type},
        note="恢复备份后补记",
    )
    _hold_gross(row)
    log_step(row.id, None, "requested", ACTOR, "known from WeChat")
    audit.record("withdrawal.adopt", "withdrawal", row.id, actor=ACTOR,
                 after={"out_bill_no": row.out_bill_no, "gross_fen": gross_fen})  # fmt: skip
    row.state = "requested"
    return row


def gross_of(payee: Distributor, net_fen: int) -> int | None:
    """The gross whose fee and tax leave this net; None if there is none.

    Of two that do so the larger one: a fee rises just above round amounts, and those are asked.
    """
    low, high = net_fen, net_fen * GROSS_MOST
    while low < high:
        middle = (low + high + 1) // 2
        if _net_of(payee, middle) > net_fen:
            high = middle - 1
        else:
            low = middle
    return low if _net_of(payee, low) == net_fen else None


def _net_of(payee: Distributor, gross_fen: int) -> int:
    fee = rate_of(gross_fen, settings.get(settings.Distribution).withdraw_fee_bp)
    return gross_fen - fee - tax_of(payee, gross_fen, clock.now()).tax_fen


def _hold_gross(row: Withdrawal) -> None:
    """The gross leaves ``available``; what is not there any more is owed."""
    available = member_account("available", row.member_id)
    withdrawing = member_account("withdrawing", row.member_id)
    free = min(ledger.balance(available), row.gross_fen)
    postings = []
    if free:
        postings.append(Posting(f"wd:{row.id}:hold", available, withdrawing, free, "withdrawal"))
    if row.gross_fen > free:
        debt = member_account("debt", row.member_id)
        postings.append(
            Posting(f"wd:{row.id}:hold:d", debt, withdrawing, row.gross_fen - free,
                    "withdrawal_adopted")
        )  # fmt: skip
    ledger.post(postings, "withdrawal", row.id)


def _mark_sent(row: Withdrawal, result: TransferResult, terms: PayoutTerms) -> bool:
    """The withdrawal was sent with this net; tax is what fee and net leave of the gross."""
    gross = row.gross_fen - row.taken_fen
    fee = rate_of(gross, settings.get(settings.Distribution).withdraw_fee_bp)
    net = result.amount_fen or 0
    tax = gross - fee - net
    if not net or tax < 0 or (result.openid and result.openid != row.openid):
        return False
    sent_at = result.created_at or clock.now()
    if row.is_on_hold:
        Withdrawal.update(is_on_hold=False).where(Withdrawal.id == row.id).execute()
    if row.state == "requested":
        move(row, "approve", ACTOR, "WeChat has it", approved_at=sent_at, approved_by=ACTOR)
    year = payee_year(row.member_id, clock.business_day(sent_at).year)
    move(row, "send", ACTOR, "WeChat has it", sent_at=sent_at, fee_fen=fee, tax_fen=tax,
         net_fen=net, request=transfer_body(row, net, terms), queries=0,
         next_query_at=clock.now())  # fmt: skip
    PayeeYear.update(gross_fen=PayeeYear.gross_fen + gross, tax_fen=PayeeYear.tax_fen + tax).where(
        PayeeYear.id == year.id
    ).execute()
    return True
