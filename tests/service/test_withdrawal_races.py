"""Concurrent sends of one payout, and of a payout and a refund of the same money."""

from __future__ import annotations

import asyncio
from typing import Any

from domain import distribution, ledger
from domain.gate import Pass
from models import Withdrawal
from tests.factories.distribution import (
    balances,
    earn,
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    ready_for_payouts,
    refund_line,
    release_sale,
    sell,
    wallet,
)
from tests.factories.transfers import begin_sending


async def test_of_ten_concurrent_sends_one_sends_the_withdrawal(store: Any) -> None:
    lin = make_distributor()
    earn(lin, 10_000)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    answers = await asyncio.gather(*(store.write(begin_sending, wd) for _ in range(10)))
    assert sum(isinstance(a, Pass) for a in answers) == 1
    assert {a.code for a in answers if not isinstance(a, Pass)} == {"call_under_way"}
    assert balances(lin) == wallet(withdrawing=10_000)


async def test_a_refund_and_a_payout_of_the_same_money(store: Any) -> None:
    lin = make_distributor()
    make_rule(10_000, mode="fixed")
    order = sell(make_customer(lin), paid_fen=100_000)
    release_sale(order)
    pass_time(days=2)
    ready_for_payouts()
    wd = distribution.request_withdrawal(lin, 10_000)["withdrawal_id"]
    await asyncio.gather(store.write(refund_line, order, 60_000), store.write(begin_sending, wd))
    assert ledger.check_fully().is_clean
    row = Withdrawal.get()
    if row.state == "paying":
        assert balances(lin) == wallet(withdrawing=10_000, debt=-6_000)
    else:
        assert (row.state, row.is_on_hold, row.taken_fen) == ("approved", True, 6_000)
        assert balances(lin) == wallet(withdrawing=4_000)
