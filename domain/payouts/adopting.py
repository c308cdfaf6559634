"""After a restore: book transfers that WeChat knows and the database lost (付款补记).

A transfer sent after the backup becomes a bill again, under WeChat's number. Its source finds or
makes the request that it paid. See ADR 0041.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.payments.ports import TransferResult
from domain.payouts.answers import receive_transfer
from domain.payouts.bills import add_income, change_state, income_of, lock_bill
from domain.payouts.sending import PayoutTerms, transfer_body
from domain.payouts.sources import source_by_number, source_of
from domain.payouts.tax import tax_of
from kernel import clock
from kernel.store import savepoint
from models import Payee, PayoutBill

ACTOR = "restore"
GROSS_MOST = 3  # fee and tax together never exceed two thirds


def adopt_transfer(result: TransferResult, terms: PayoutTerms, appid: str) -> str:
    """Book a transfer that WeChat knows.

    Returns the bill's new state, or why a person must look at it: ``no_source``, ``no_amount``,
    ``no_member``, ``no_payee``, ``amount_unexplained``.
    """
    try:
        with savepoint():
            return _adopted(result, terms, appid)
    except _Unexplained:
        return "amount_unexplained"


def _adopted(result: TransferResult, terms: PayoutTerms, appid: str) -> str:
    found = PayoutBill.get_or_none(PayoutBill.out_bill_no == result.out_bill_no)
    if found is None:
        source = source_by_number(result.out_bill_no)
        if source is None:
            return "no_source"
        made = source.adopt(result, appid)
        if isinstance(made, str):
            return made
        found = PayoutBill.get_by_id(made)
    if found.state != "made":
        return receive_transfer(result)
    return _sent_and_answered(int(found.id), result, terms)


class _Unexplained(Exception):
    """No gross has this net after fee and tax; the savepoint undoes what was made."""


def _sent_and_answered(bill_id: int, result: TransferResult, terms: PayoutTerms) -> str:
    if not _mark_sent(lock_bill(bill_id), result, terms):
        raise _Unexplained
    return receive_transfer(result)


def gross_for_net(payee: Payee, net_fen: int, fee_of: Callable[[int], int]) -> int | None:
    """The gross in fen that leaves this net after fee and tax; None if there is none.

    ``fee_of`` is the fee of a gross. If two grosses fit, the larger one is returned: the fee rises
    just above round amounts, and people withdraw round amounts.
    """

    def net_of(gross_fen: int) -> int:
        tax = tax_of(payee, gross_fen, clock.now()).tax_fen
        return gross_fen - fee_of(gross_fen) - tax

    low, high = net_fen, net_fen * GROSS_MOST
    while low < high:
        middle = (low + high + 1) // 2
        if net_of(middle) > net_fen:
            high = middle - 1
        else:
            low = middle
    return low if net_of(low) == net_fen else None


def _mark_sent(row: PayoutBill, result: TransferResult, terms: PayoutTerms) -> bool:
    """Record that the bill was sent with this net; the tax is gross less fee less net."""
    wanted = source_of(row.source).amount_to_pay(int(row.source_id))
    net = result.amount_fen or 0
    tax = wanted.gross_fen - wanted.fee_fen - net
    if not net or tax < 0 or (result.openid and result.openid != row.openid):
        return False
    sent_at = result.created_at or clock.now()
    income_of(row.payee_id, clock.business_day(sent_at).year, row.tax_class)
    change_state(
        row,
        "send",
        ACTOR,
        "at_wechat",
        sent_at=sent_at,
        gross_fen=wanted.gross_fen,
        fee_fen=wanted.fee_fen,
        tax_fen=tax,
        net_fen=net,
        mchid=terms.mchid,
        request=transfer_body(row, net, terms),
        queries=0,
        next_query_at=clock.now(),
    )
    add_income(row, wanted.gross_fen, tax)
    return True
