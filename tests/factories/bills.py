"""WeChat's bills for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain.payments.ports import FundBill, FundLine, SetAside, TradeBill, TradeLine
from domain.reconcile import pairing
from domain.reconcile.rules import Bill, Side
from kernel import clock
from kernel.errors import GatewayError
from models import BillLine
from tests.factories.orders import MCHID


def trade_line(number: str, fen: int, fee: int = 0, **more: Any) -> TradeLine:
    """A payment of the trade bill, or a refund with ``out_refund_no``."""
    return TradeLine(
        traded_at=clock.now(), mchid=MCHID, appid="wx", transaction_id="t", out_trade_no=number,
        openid="o", trade_type="JSAPI", trade_state="SUCCESS", currency="CNY", amount_fen=fen,
        fee_fen=fee, **more,
    )  # fmt: skip


def fund_line(number: str, fen: int) -> FundLine:
    """A transfer of the fund bill."""
    return FundLine(clock.now(), "t", "f", "商家转账", "转账", 0, fen, 0, number)


class Bills:
    """WeChat's bills of every day; ``faults`` are raised for a day and a bill."""

    mchid = MCHID

    def __init__(self) -> None:
        self.trades: dict[date, list[TradeLine]] = {}
        self.funds: dict[date, list[FundLine]] = {}
        self.aside: tuple[SetAside, ...] = ()
        self.faults: dict[tuple[date, str], GatewayError] = {}
        self.asked: list[tuple[date, str]] = []

    async def trade_bill(self, day: date) -> TradeBill:
        """The trades of a day, or its fault."""
        self._answer(day, "trade")
        return TradeBill(day, "", tuple(self.trades.get(day, ())), self.aside)

    async def fund_bill(self, day: date) -> FundBill:
        """The movements of a day, or its fault."""
        self._answer(day, "fund")
        return FundBill(day, "", tuple(self.funds.get(day, ())))

    def _answer(self, day: date, name: str) -> None:
        self.asked.append((day, name))
        if (day, name) in self.faults:
            raise self.faults[day, name]

    @property
    def days(self) -> list[date]:
        """The requested days, in order."""
        return list(dict.fromkeys(day for day, _ in self.asked))


def make_difference(number: str = "NOT_OURS", fen: int = 12_345) -> int:
    """Add an unknown payment to yesterday's trade bill; returns its line's id."""
    day = clock.business_day(clock.now()) - timedelta(days=1)
    bill = Bill("trade", (Side("payment", number, fen),))
    pairing.book_part(day, MCHID, bill)
    pairing.end_reading(day, MCHID, bill)
    return int(BillLine.get(BillLine.out_number == number).id)
