"""What stands against a deletion: open orders, cases, refunds, withdrawals, money, debts."""

from __future__ import annotations

from typing import Any

from domain import distribution, ledger, orders
from domain.aftersales import OPEN as OPEN_CASES
from domain.ledger import member_account
from domain.rights.views import Leaving, Obstacle
from models import AfterSale, Order, Payment, Refund, Withdrawal

OPEN_ORDERS = ("awaiting_payment", "closing", "paid", "partly_shipped", "shipped")
OPEN_REFUNDS = ("created", "processing", "abnormal")
ENDED_WITHDRAWALS = ("paid", "rejected", "returned")


def leaving(member_id: int) -> Leaving:
    """What stands against a member's deletion now, and what it would cost them."""
    available, pending = distribution.money_left(member_id)
    money = Obstacle("money_left", fen=available, pending_fen=pending)
    found = (
        Obstacle("order_open", _orders(member_id, OPEN_ORDERS)),
        Obstacle("case_open", _cases(member_id)),
        Obstacle("refund_open", _refunds(member_id)),
        Obstacle("withdrawal_open", _withdrawals(member_id)),
        Obstacle("debt", fen=-ledger.balance(member_account("debt", member_id))),
        money,
    )
    standing = tuple(each for each in found if each.count or each.fen or each.pending_fen)
    return Leaving(standing, available, pending, _orders(member_id, ("received",)))


def standing_against(member_id: int, *, gives_up: bool) -> list[Obstacle]:
    """The obstacles that remain if the person gives up the money, or does not."""
    found = leaving(member_id).obstacles
    return [each for each in found if not (gives_up and each.code == "money_left")]


def _orders(member_id: int, states: tuple[str, ...]) -> int:
    mine = ((Order.member == member_id) | (Order.recipient == member_id)) & Order.state.in_(states)
    return int(Order.select().where(mine).count())


def _cases(member_id: int) -> int:
    mine = (AfterSale.member == member_id) & AfterSale.state.in_(OPEN_CASES)
    return int(AfterSale.select().where(mine).count())


def _refunds(member_id: int) -> int:
    bought: Any = Order.select(Order.id).where(Order.member == member_id)
    of_orders = Payment.payable_kind.in_(orders.payable_kinds()) & Payment.payable_id.in_(bought)
    waiting = Refund.select().join(Payment).where(of_orders & Refund.state.in_(OPEN_REFUNDS))
    return int(waiting.count())


def _withdrawals(member_id: int) -> int:
    mine = (Withdrawal.member == member_id) & Withdrawal.state.not_in(ENDED_WITHDRAWALS)
    number = int(Withdrawal.select().where(mine).count())
    is_on_its_way = ledger.balance(member_account("withdrawing", member_id)) > 0
    return max(number, int(is_on_its_way))
