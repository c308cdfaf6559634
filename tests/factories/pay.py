"""A small WeChat Pay in memory, with its own book and programmable faults."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.payments.ports import (
    Notification,
    PaymentResult,
    PrepayRequest,
    RefundRequest,
    RefundResult,
    RefundState,
    TradeState,
)
from kernel import clock
from kernel.errors import Refused, Retryable, Unknown
from tests.factories.members import APPID

MCHID = "1900000001"


@dataclass
class FakePay:
    """The methods of PayPort that payments and refunds need.

    ``faults[method]`` is a queue for the next calls: ``before`` (5xx without effect), ``after``
    (5xx with effect), ``busy`` (certainly not done), ``paying`` (202: the buyer is paying), or the
    code of a refusal.
    """

    mchid: str = MCHID
    appid: str = APPID
    trades: dict[str, PaymentResult] = field(default_factory=dict)
    refunds: dict[str, RefundResult] = field(default_factory=dict)
    faults: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[tuple[str, str]] = field(default_factory=list)
    refund_state: RefundState = RefundState.SUCCESS
    before_close: Callable[[str], None] | None = None

    def pay(self, out_trade_no: str, amount_fen: int | None = None) -> PaymentResult:
        """The buyer pays on their phone."""
        trade = self.trades[out_trade_no]
        assert trade.state is TradeState.NOTPAY, trade.state
        paid = replace(
            trade,
            state=TradeState.SUCCESS,
            success_at=clock.now(),
            transaction_id=f"42{out_trade_no[-20:]}",
            amount_fen=trade.amount_fen if amount_fen is None else amount_fen,
        )
        self.trades[out_trade_no] = paid
        return paid

    def notice(self, result: Any, number: int = 1) -> Notification:
        """A verified notification about a result."""
        kind = "REFUND.SUCCESS" if isinstance(result, RefundResult) else "TRANSACTION.SUCCESS"
        return Notification(f"notice-{number}", kind, clock.now(), "{}", result)

    def paid_fen(self) -> int:
        """The fen that buyers have paid in, by WeChat's book."""
        return sum(t.amount_fen for t in self.trades.values() if t.state is TradeState.SUCCESS)

    def refunded_fen(self) -> int:
        """The fen that were refunded, by WeChat's book."""
        done = [r for r in self.refunds.values() if r.state is RefundState.SUCCESS]
        return sum(r.refund_fen for r in done)

    async def prepay_jsapi(self, order: PrepayRequest, openid: str) -> str:
        return await self._do("prepay", order.out_trade_no, lambda: self._take(order, openid))

    async def prepay_native(self, order: PrepayRequest) -> str:
        return await self._do("prepay", order.out_trade_no, lambda: self._take(order, "native"))

    async def prepay_h5(self, order: PrepayRequest, client_ip: str, return_url: str = "") -> str:
        return await self._do("prepay", order.out_trade_no, lambda: self._take(order, client_ip))

    def jsapi_params(self, prepay_id: str) -> dict[str, str]:
        return {"package": f"prepay_id={prepay_id}"}

    async def query_payment(self, out_trade_no: str) -> PaymentResult:
        absent = PaymentResult(TradeState.ABSENT, out_trade_no, self.mchid)
        return await self._do(
            "query_payment", out_trade_no, lambda: self.trades.get(out_trade_no, absent)
        )

    async def close_payment(self, out_trade_no: str) -> None:
        if self.before_close is not None:
            self.before_close(out_trade_no)
        await self._do("close_payment", out_trade_no, lambda: self._close(out_trade_no))

    async def refund(self, request: RefundRequest) -> RefundResult:
        return await self._do("refund", request.out_refund_no, lambda: self._refund(request))

    async def query_refund(self, out_refund_no: str) -> RefundResult:
        absent = RefundResult(RefundState.ABSENT, out_refund_no, mchid=self.mchid)
        return await self._do(
            "query_refund", out_refund_no, lambda: self.refunds.get(out_refund_no, absent)
        )

    async def _do(self, method: str, number: str, effect: Callable[[], Any]) -> Any:
        self.calls.append((method, number))
        fault = self.faults[method].popleft() if self.faults[method] else ""
        if fault == "before":
            raise Unknown("http_500")
        if fault == "busy":
            raise Retryable("FREQUENCY_LIMITED")
        if fault == "paying":
            raise Retryable("USERPAYING")
        if fault == "after":
            effect()
            raise Unknown("timeout")
        if fault:
            raise Refused(fault)
        return effect()

    def _take(self, order: PrepayRequest, openid: str) -> str:
        known = self.trades.get(order.out_trade_no)
        if known is not None and known.state is TradeState.SUCCESS:
            raise Refused("ORDER_PAID")
        if known is not None and known.state is TradeState.CLOSED:
            raise Refused("ORDER_CLOSED")
        if known is not None and known.amount_fen != order.amount_fen:
            raise Refused("INVALID_REQUEST")
        self.trades[order.out_trade_no] = PaymentResult(
            TradeState.NOTPAY,
            order.out_trade_no,
            self.mchid,
            self.appid,
            currency="CNY",
            amount_fen=order.amount_fen,
            payer_openid=openid,
        )
        return f"wx{len(self.calls)}"

    def _close(self, out_trade_no: str) -> None:
        trade = self.trades.get(out_trade_no)
        if trade is None:
            raise Refused("ORDER_NOT_EXIST")
        if trade.state is TradeState.SUCCESS:
            raise Refused("ORDER_PAID")
        self.trades[out_trade_no] = replace(trade, state=TradeState.CLOSED)

    def _refund(self, request: RefundRequest) -> RefundResult:
        known = self.refunds.get(request.out_refund_no)
        if known is not None and known.state is not RefundState.ABNORMAL:
            return known
        trade = self.trades[request.out_trade_no]
        others = [
            r.refund_fen
            for r in self.refunds.values()
            if r.out_trade_no == request.out_trade_no and r.out_refund_no != request.out_refund_no
        ]
        if sum(others) + request.refund_fen > trade.amount_fen:
            raise Refused("INVALID_REQUEST")
        assert request.total_fen == trade.amount_fen
        result = RefundResult(
            self.refund_state,
            request.out_refund_no,
            request.out_trade_no,
            self.mchid,
            refund_id=f"50{len(self.refunds)}",
            refund_fen=request.refund_fen,
            total_fen=request.total_fen,
            currency="CNY",
            success_at=clock.now(),
        )
        self.refunds[request.out_refund_no] = result
        return result
