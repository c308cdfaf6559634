"""Random sequences of events neither create nor lose a fen of commission."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from peewee import fn

from domain import distribution, ledger, payouts, settings
from domain.payments.ports import TransferResult, TransferState
from kernel.errors import DomainError
from models import Commission, Withdrawal
from tests.factories.distribution import (
    balances,
    line_of,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    pay_sale,
    place_sale,
    ready_for_payouts,
    receive_sale,
    refund_line,
)
from tests.factories.transfers import begin_sending

STEPS = 120


class Shop:
    """A distributor and the one above; each method is one possible event."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        text = "已阅读相关法律与处罚案例，知悉风险并自愿开启。"
        distribution.sign_levels(2, "林老板", text, "staff:1")
        settings.change(
            settings.Distribution,
            {
                "withdraw_per_day": 10,
                "withdraw_fee_bp": 60,
                "line_cap_bp": 10_000,
            },
        )
        self.people = [make_distributor("阿慧"), make_distributor("小林")]
        distribution.bind(self.people[1], self.people[0], cause="link")
        self.buyer = make_customer(self.people[1])
        make_rule(60, 25, mode="pool", pool_bp=5000)
        ready_for_payouts()
        self.orders: list[int] = []
        self.refunded: dict[int, int] = {}
        self.cases = 0

    def sell(self) -> None:
        paid = self.chance.randint(1_000, 60_000)
        self.orders.append(pay_sale(place_sale(self.buyer, paid_fen=paid)))

    def receive(self) -> None:
        if self.orders:
            receive_sale(self.chance.choice(self.orders))

    def wait(self) -> None:
        pass_time(days=self.chance.randint(1, 9))
        distribution.release_due()

    def refund(self) -> None:
        if not self.orders:
            return
        order = self.chance.choice(self.orders)
        paid, before = line_of(order).paid_fen, self.refunded.get(order, 0)
        self.refunded[order] = self.chance.choice([paid, self.chance.randint(before, paid)])
        self.cases += 1
        refund_line(order, self.refunded[order], self.cases)

    def ask(self) -> None:
        who = self.chance.choice(self.people)
        most = max(100, min(balances(who)["available"], 15_000))
        distribution.request_withdrawal(who, self.chance.randint(100, most))

    def reject(self) -> None:
        for row in self._in("requested", "approved"):
            distribution.reject_withdrawal(row.id, "staff:1", "随机")

    def send(self) -> None:
        payouts.check_ledger()
        for row in self._in("approved"):
            begin_sending(row.id)

    def answer(self) -> None:
        for row in self._in("paying", "awaiting_user"):
            state, why = self.chance.choice(
                [
                    (TransferState.SUCCESS, ""),
                    (TransferState.SUCCESS, ""),
                    (TransferState.SUCCESS, ""),
                    (TransferState.FAIL, "OVERDUE_CLOSE"),
                    (TransferState.FAIL, "ACCOUNT_FROZEN"),
                    (TransferState.WAIT_USER_CONFIRM, ""),
                    (TransferState.CANCELLED, ""),
                    (TransferState.ABSENT, ""),
                ]
            )
            result = TransferResult(
                state, row.out_bill_no, fail_reason=why, amount_fen=row.net_fen, openid=row.openid
            )
            for _ in range(self.chance.randint(1, 2)):
                payouts.receive_transfer(result)

    def unhold(self) -> None:
        for row in self._in("requested", "approved"):
            if row.is_on_hold:
                distribution.resume_withdrawal(row.id, "staff:1", "随机")

    def _in(self, *states: str) -> list[Any]:
        found = list(Withdrawal.select().where(Withdrawal.state.in_(states)))
        self.chance.shuffle(found)
        return found[:2]

    def check(self) -> None:
        """Assert that earned commission not taken back is in the accounts, or was paid."""
        assert ledger.check_fully().faults == []
        for who in self.people:
            earned = _sum(Commission.amount_fen - Commission.taken_fen, Commission.member == who)
            mine = Withdrawal.member == who
            payable = Withdrawal.gross_fen - Withdrawal.taken_fen
            paid = _sum(payable, mine & (Withdrawal.state == "paid"))
            found = balances(who)
            assert earned == sum(found.values()) + paid
            open_ones = mine & Withdrawal.state.not_in(("paid", "returned"))
            assert found["withdrawing"] == _sum(payable, open_ones)


def _sum(what: Any, where: Any) -> int:
    model = what.lhs.model
    return int(model.select(fn.COALESCE(fn.SUM(what), 0)).where(where).scalar())


@pytest.mark.parametrize("seed", range(6))
def test_commission_sums_are_exact_after_random_events(db: Any, seed: int) -> None:
    shop = Shop(seed)
    steps: list[Callable[[], None]] = [
        shop.sell, shop.sell, shop.receive, shop.receive, shop.receive, shop.wait, shop.wait,
        shop.refund, shop.ask, shop.ask, shop.ask, shop.reject, shop.send, shop.send,
        shop.answer, shop.answer, shop.unhold,
    ]  # fmt: skip
    done: set[str] = set()
    for _ in range(STEPS):
        step = shop.chance.choice(steps)
        try:
            with db.atomic():
                step()
        except DomainError:
            continue
        done.add(step.__name__)
        shop.check()
    assert done >= {"sell", "receive", "wait", "refund", "send", "answer"}
    assert {"paid", "returned"} & {row.state for row in Withdrawal.select()}
