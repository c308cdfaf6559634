"""States of payments and refunds, comparison of results, and pauses between queries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.payments.payables import PayableRef
from domain.payments.ports import PaymentResult, RefundResult
from kernel.errors import Conflict

Channel = Literal["jsapi", "native", "h5"]
Cause = Literal["case", "late", "duplicate", "wrong_amount", "found"]
"""Why money is refunded: a case, a payment not taken, or found at WeChat after a restore."""
CURRENCY = "CNY"
# WeChat's prepay_id is valid for two hours, the address of an H5 payment for five minutes.
PREPAY_VALID_FOR = {"jsapi": timedelta(minutes=110), "native": timedelta(minutes=110)}
H5_VALID_FOR = timedelta(minutes=4)

# (state, event) -> state; every other pair raises. See ``docs/algorithms/orders.md``.
PAYMENT_STATES = {
    ("created", "opened"): "open",
    ("open", "opened"): "open",
    ("created", "closed"): "closed",
    ("open", "closed"): "closed",
    ("created", "paid"): "paid",
    ("open", "paid"): "paid",
    ("closed", "paid"): "paid",  # it was paid before WeChat closed it, or our state was wrong
}
REFUND_STATES = {
    ("created", "accepted"): "processing",
    ("processing", "accepted"): "processing",
    ("created", "succeeded"): "succeeded",
    ("processing", "succeeded"): "succeeded",
    ("abnormal", "succeeded"): "succeeded",
    ("created", "failed"): "abnormal",
    ("processing", "failed"): "abnormal",
    ("abnormal", "retried"): "created",
    ("abnormal", "settled_by_hand"): "settled_by_hand",
}
REFUND_WAITS = ("held_after_restore", "refunds_stopped", "refund_per_hour", "refund_per_day")
"""Why a refund is not sent yet: our own hold, stop or ceilings; nothing is asked at WeChat."""
MISMATCH = "mismatch"
"""The code of an answer that contradicts our row; its fact ``field`` names what differs."""
_FIELDS = ("mchid", "appid", "out_trade_no", "out_refund_no", "currency", "amount")
UNMATCHED = (
    "unknown_number", *(f"{MISMATCH}_{field}" for field in _FIELDS),
    "unknown", "differs",  # of transfers and of grants
)  # fmt: skip
"""Outcomes of notifications that match none of our rows; a person should look at them."""
SETTLED_TWICE = "succeeded_after_by_hand"
"""WeChat made a refund that had been settled by hand; a person must look at it."""
CLOSED_ALREADY = frozenset({"ORDER_CLOSED", "ORDER_NOT_EXIST"})

REFUND_TO_CHANGE_MINUTES = 20
REFUND_TO_CARD_DAYS = 3
"""How long WeChat Pay takes to refund: minutes to 零钱, working days to a bank card."""

_SECONDS = (5, 10, 30, 60, 120, 300, 600, 1800)


@dataclass(frozen=True)
class PaymentTicket:
    """An attempt to pay, as the flows use it."""

    id: int
    payable: PayableRef
    out_trade_no: str
    channel: str
    mchid: str
    appid: str
    openid: str | None
    amount_fen: int
    description: str
    state: str
    expires_at: datetime
    prepay_id: str | None = None
    pay_url: str | None = None
    opened_at: datetime | None = None

    @property
    def attach(self) -> str:
        """The payable's number; WeChat keeps it with the payment, and a restore reads it."""
        return self.payable.no

    def can_reuse(self, now: datetime) -> bool:
        """True while WeChat's prepay_id or address is still valid."""
        return (
            self.state == "open"
            and self.opened_at is not None
            and now - self.opened_at < PREPAY_VALID_FOR.get(self.channel, H5_VALID_FOR)
        )


@dataclass(frozen=True)
class RefundTicket:
    """A refund, as the flows use it."""

    id: int
    out_refund_no: str
    out_trade_no: str
    amount_fen: int
    total_fen: int
    cause: str
    payable_no: str
    reason: str  # the words that a former release sent; '' since
    state: str


def states_allowing(table: dict[tuple[str, str], str], event: str) -> list[str]:
    """The states in which an event is allowed, for the WHERE of a conditional UPDATE."""
    return [state for state, name in table if name == event]


def next_state(table: dict[tuple[str, str], str], state: str, event: str) -> str:
    """The state after an event. Raises Conflict('state_refused')."""
    try:
        return table[state, event]
    except KeyError:
        raise Conflict("state_refused", state=state, event=event) from None


def split_refund(amount_fen: int, left: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Split a refund over payments, the oldest first, each up to what it has left (分摊退款).

    ``left`` are (payment_id, fen left), oldest first; the parts have the same shape. Raises
    Conflict('refund_above_payment') if together they have less.
    """
    parts: list[tuple[int, int]] = []
    rest = amount_fen
    for payment_id, fen in left:
        part = min(rest, fen)
        if part > 0:
            parts.append((payment_id, part))
            rest -= part
    if rest:
        raise Conflict("refund_above_payment", amount_fen=amount_fen, missing_fen=rest)
    return parts


def query_delay(queries: int) -> timedelta:
    """The pause before the next query: 5 s after the first, 30 minutes in the end."""
    return timedelta(seconds=_SECONDS[min(max(queries, 0), len(_SECONDS) - 1)])


def payment_mismatch(
    result: PaymentResult, mchid: str, appid: str, out_trade_no: str
) -> str | None:
    """The first field of a result that contradicts our row, or None; any amount above 0 passes."""
    if result.mchid != mchid:
        return "mchid"
    if result.appid != appid:
        return "appid"
    if result.out_trade_no != out_trade_no:
        return "out_trade_no"
    if result.currency != CURRENCY:
        return "currency"
    return "amount" if result.amount_fen <= 0 else None


def refund_mismatch(result: RefundResult, mchid: str, ticket: RefundTicket) -> str | None:
    """The first field of a refund's result that contradicts our row, or None."""
    if result.mchid and result.mchid != mchid:
        return "mchid"
    if result.out_refund_no != ticket.out_refund_no:
        return "out_refund_no"
    if result.out_trade_no and result.out_trade_no != ticket.out_trade_no:
        return "out_trade_no"
    if result.currency and result.currency != CURRENCY:
        return "currency"
    return "amount" if result.refund_fen != ticket.amount_fen else None
