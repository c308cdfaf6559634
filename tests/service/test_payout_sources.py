"""A second source of payouts besides commission: the two are never confused.

The source exists in this file only. It shows that payouts depend on no source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from domain import distribution, ledger, payouts
from domain.ledger import Posting, merchant_account
from domain.payments.ports import TransferResult
from domain.payouts import AmountToPay, sources
from domain.reconcile import pairing, recovery
from kernel import clock
from models import PayoutBill
from tests.factories.distribution import earn, make_distributor, ready_for_payouts
from tests.factories.transfers import MCHID, TERMS, FakeTransfers
from tests.harness.straight import StraightStore

NUMBER = "PZ2611290000000001"


def _nothing(*_: Any) -> None:
    pass


def _adopt(_: TransferResult, __: str) -> int | str:
    return "no_prize"


def _unsent(after_id: int) -> list[tuple[int, str]]:
    return [] if after_id else [(7, NUMBER)]


PRIZE = payouts.Source(
    name="prize", prefix="PZ", booked_as="prize", lock=_nothing, note=_nothing, on_step=_nothing,
    amount_to_pay=lambda _: AmountToPay(500, 0), adopt=_adopt, unsent=_unsent,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _prizes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = dict(sources._SOURCES)
    payouts.register(PRIZE)
    yield
    sources._SOURCES.clear()
    sources._SOURCES.update(known)


def _prize_with_the_id_of_a_withdrawal() -> int:
    """Make a withdrawal, and a prize with the same id and an uncertain bill."""
    lin = make_distributor()
    earn(lin, 10_000)
    ready_for_payouts()
    asked = int(distribution.request_withdrawal(lin, 5_000)["withdrawal_id"])
    payee = payouts.payee_or_raise(lin)
    bill = payouts.make_bill(PRIZE, asked, payee, NUMBER, channel="wechat", openid="o1")
    PayoutBill.update(uncertain_at=clock.now()).where(PayoutBill.id == bill).execute()
    return asked


def test_an_uncertain_prize_is_not_shown_as_the_withdrawal_of_its_id(db: Any) -> None:
    _prize_with_the_id_of_a_withdrawal()
    assert [each.source for each in payouts.uncertain_bills()] == ["prize"]
    assert distribution.list_withdrawals(uncertain=True) == []


def test_an_entry_is_paired_by_the_number_of_the_bill_that_it_paid(db: Any) -> None:
    prize = _prize_with_the_id_of_a_withdrawal()
    paid = Posting("prize:7:net", merchant_account("fee_income"),
                   merchant_account("wechat_clearing", MCHID), 500, "prize")  # fmt: skip
    ledger.post([paid], "prize", prize)
    sides = pairing._entries_of(clock.business_day(clock.now()), MCHID)
    assert [(each.kind, each.out_number, each.amount_fen) for each in sides] == [
        ("transfer", NUMBER, 500)
    ]


async def test_after_a_restore_its_unsent_numbers_are_asked_about(db: Any) -> None:
    asked: list[str] = []

    class WeChat(FakeTransfers):
        async def query_transfer(self, out_bill_no: str) -> TransferResult:
            asked.append(out_bill_no)
            return await super().query_transfer(out_bill_no)

    done = recovery.Recovery(clock.business_day(clock.now()), clock.business_day(clock.now()))
    await recovery._query_unsent_numbers(StraightStore(db), cast("Any", WeChat()), TERMS, done)
    assert asked == [NUMBER]
    assert (done.asked, done.unanswered) == (1, [])
