"""WeChat Pay (微信支付) as a protocol, and its results.

Every call may raise ``Retryable`` (not done), ``Refused`` (definitely not done) or ``Unknown``
(query, then send the same number again). An out-number is written to the database before the
first call and never changed while the result is unknown. Error codes are spelled in one way
whatever WeChat's endpoint uses, e.g. ``ORDER_PAID``, ``NOT_ENOUGH``, ``ORDER_NOT_EXIST``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol


class TradeState(StrEnum):
    """State of a payment at WeChat. ABSENT is ours: WeChat does not know the number."""

    NOTPAY = "NOTPAY"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    REFUND = "REFUND"
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"
    ABSENT = "ABSENT"

    @property
    def is_paid(self) -> bool:
        """True if it was paid; a payment that was refunded later was paid, too."""
        return self in (TradeState.SUCCESS, TradeState.REFUND)


class RefundState(StrEnum):
    """State of a refund at WeChat. ABSENT is ours: WeChat does not know the number."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    ABSENT = "ABSENT"


class TransferState(StrEnum):
    """State of a merchant transfer (商家转账). ABSENT is ours: WeChat does not know the number."""

    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERING = "TRANSFERING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELING = "CANCELING"
    CANCELLED = "CANCELLED"
    ABSENT = "ABSENT"

    @property
    def is_final(self) -> bool:
        """True if WeChat never changes the state again."""
        return self in (TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED)


class GrantState(StrEnum):
    """State of a payee's standing authorisation (免确认收款授权). ABSENT is ours."""

    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TAKING_EFFECT = "TAKING_EFFECT"
    CLOSED = "CLOSED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class PrepayRequest:
    """A prepay request (下单); a number is always sent with the same content."""

    out_trade_no: str
    amount_fen: int
    description: str
    notify_url: str
    expires_at: datetime
    attach: str = ""


@dataclass(frozen=True)
class PaymentResult:
    """A payment as WeChat reports it; it must be compared with our row before it is booked."""

    state: TradeState
    out_trade_no: str
    mchid: str
    appid: str = ""
    transaction_id: str = ""
    amount_fen: int = 0
    payer_fen: int = 0
    currency: str = ""
    payer_openid: str = ""
    trade_type: str = ""
    bank_type: str = ""
    attach: str = ""
    success_at: datetime | None = None


@dataclass(frozen=True)
class RefundRequest:
    """A refund request (退款). A failed one is repeated under the same number only.

    The gateway makes the buyer's text from ``cause`` and ``payable_no``; ``reason`` is the text of
    a refund that a former release may have sent.
    """

    out_refund_no: str
    out_trade_no: str
    refund_fen: int
    total_fen: int
    notify_url: str
    cause: str
    payable_no: str
    reason: str = ""


@dataclass(frozen=True)
class RefundResult:
    """A refund as WeChat reports it. ``mchid`` is empty where WeChat's reply has none."""

    state: RefundState
    out_refund_no: str
    out_trade_no: str = ""
    mchid: str = ""
    refund_id: str = ""
    transaction_id: str = ""
    refund_fen: int = 0
    total_fen: int = 0
    currency: str = ""
    channel: str = ""
    received_account: str = ""
    success_at: datetime | None = None


@dataclass(frozen=True)
class TransferRequest:
    """A merchant transfer (商家转账); the caller stores it and sends it again unchanged.

    ``user_name`` is the payee's real name, required from ¥2000 and not allowed below ¥0.30.
    ``report_infos`` are the scene's fixed (label, text) pairs. ``authorization_id`` is the
    standing authorisation under which it is sent, '' for an ordinary transfer.
    ``user_recv_perception`` is the reason that the payee reads, '' for WeChat's default; None, in
    requests stored before the field existed, means the configured one.
    """

    out_bill_no: str
    openid: str
    amount_fen: int
    remark: str
    notify_url: str
    scene_id: str
    report_infos: tuple[tuple[str, str], ...]
    user_name: str | None = None
    user_recv_perception: str | None = None
    authorization_id: str = ""


@dataclass(frozen=True)
class GrantRequest:
    """A request to pay a person without their confirming each transfer (免确认收款授权).

    A number is always sent with the same content. ``display_name`` shows the person their account
    in the shop. ``user_recv_perception`` is as in ``TransferRequest``.
    """

    out_authorization_no: str
    openid: str
    scene_id: str
    display_name: str
    notify_url: str
    user_recv_perception: str | None = None


@dataclass(frozen=True)
class GrantResult:
    """A standing authorisation as WeChat reports it. ``package_info`` opens its confirm sheet."""

    state: GrantState
    out_authorization_no: str
    authorization_id: str = ""
    package_info: str = ""
    openid: str = ""
    mchid: str = ""
    appid: str = ""
    scene_id: str = ""
    close_reason: str = ""
    authorized_at: datetime | None = None


@dataclass(frozen=True)
class TransferResult:
    """A transfer as WeChat reports it.

    ``package_info`` opens the payee's confirm sheet. Only the create call returns it, and does so
    again for the same request. ``amount_fen`` is None where the reply has no amount.
    """

    state: TransferState
    out_bill_no: str
    transfer_bill_no: str = ""
    package_info: str = ""
    fail_reason: str = ""
    amount_fen: int | None = None
    openid: str = ""
    mchid: str = ""
    appid: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Notification:
    """A notification (回调通知) whose signature, age and encryption were verified.

    ``result`` is None for an unknown event type. ``plain`` is the decrypted JSON, which is stored
    as it is. Nothing has been compared with our rows yet.
    """

    id: str
    event_type: str
    created_at: datetime
    plain: str
    result: PaymentResult | RefundResult | TransferResult | GrantResult | None


@dataclass(frozen=True)
class TradeLine:
    """A line of the trade bill (交易账单); it is a refund if ``out_refund_no`` is set."""

    traded_at: datetime
    mchid: str
    appid: str
    transaction_id: str
    out_trade_no: str
    openid: str
    trade_type: str
    trade_state: str
    currency: str
    amount_fen: int
    fee_fen: int
    refund_id: str = ""
    out_refund_no: str = ""
    refund_fen: int = 0
    refund_state: str = ""


UNREADABLE = "bill_shape"
"""The code with which a bill that can't be read at all is refused."""
Unreadable = Literal[
    "line_break", "no_backtick", "columns", "duplicate", "amount_unreadable", "no_column",
    "no_time", "no_direction", "no_totals", "count_unreadable", "count_differs", "total_differs",
    "most_unreadable", "not_text",
]  # fmt: skip
"""Why a bill, or a line of it, can't be read."""


@dataclass(frozen=True)
class SetAside:
    """A line of a bill that can't be read, for a person; ``bill`` is ``trade`` or ``fund``."""

    bill: str
    line: int
    """The line's number in the file, from 1."""
    raw: str
    reason: Unreadable
    facts: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class TradeBill:
    """WeChat's trade bill of one Shanghai day, checked against its SHA-1 and its totals line.

    Lines that can't be read are in ``aside``; the others are valid.
    """

    day: date
    sha1: str
    lines: tuple[TradeLine, ...]
    aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class FundLine:
    """A movement of the merchant's balance (资金流水); ``in_fen`` or ``out_fen`` is 0."""

    booked_at: datetime
    transaction_id: str
    flow_id: str
    business: str
    kind: str
    in_fen: int
    out_fen: int
    balance_fen: int
    voucher: str
    note: str = ""


@dataclass(frozen=True)
class FundBill:
    """WeChat's fund-flow bill of one Shanghai day, checked like the trade bill."""

    day: date
    sha1: str
    lines: tuple[FundLine, ...]
    aside: tuple[SetAside, ...] = ()


class PayPort(Protocol):
    """WeChat Pay v3 for one merchant number."""

    @property
    def mchid(self) -> str:
        """The merchant number (商户号) that every result must name."""

    @property
    def appid(self) -> str:
        """The appid of the account that is paid through."""

    async def prepay_jsapi(self, order: PrepayRequest, openid: str) -> str:
        """Prepay for a payment inside WeChat; returns the prepay_id, valid for 2 hours."""

    async def prepay_h5(self, order: PrepayRequest, client_ip: str, return_url: str = "") -> str:
        """Prepay for a payment from another mobile browser; returns the URL to open."""

    async def prepay_native(self, order: PrepayRequest) -> str:
        """Prepay for a payment by scanning; returns the text of the QR code."""

    def jsapi_params(self, prepay_id: str) -> dict[str, str]:
        """The signed arguments of the page's pay sheet (getBrandWCPayRequest)."""

    def transfer_params(self, package_info: str) -> dict[str, str]:
        """The arguments of the page's transfer confirm sheet (requestMerchantTransfer)."""

    async def query_payment(self, out_trade_no: str) -> PaymentResult:
        """Query a payment; state ABSENT if WeChat does not know the number."""

    async def close_payment(self, out_trade_no: str) -> None:
        """Close an unpaid payment; may be repeated.

        Raises Refused('ORDER_PAID') if it was paid, Retryable('USERPAYING') while the buyer is
        paying.
        """

    async def refund(self, request: RefundRequest) -> RefundResult:
        """Request a refund; the same number never refunds twice."""

    async def query_refund(self, out_refund_no: str) -> RefundResult:
        """Query a refund; state ABSENT if WeChat does not know the number."""

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Transfer to an openid; the same request again returns the present state."""

    async def query_transfer(self, out_bill_no: str) -> TransferResult:
        """Query a transfer; state ABSENT if WeChat does not know the number."""

    async def cancel_transfer(self, out_bill_no: str) -> TransferResult:
        """Cancel a transfer that the payee has not confirmed; the result comes later, by query."""

    async def transfer_granted(self, request: TransferRequest) -> TransferResult:
        """Transfer under a standing authorisation: without confirmation, and not cancellable."""

    async def ask_grant(self, request: GrantRequest) -> GrantResult:
        """Request a standing authorisation; the person has 24 hours to confirm it."""

    async def query_grant(self, out_authorization_no: str) -> GrantResult:
        """Query an authorisation; state ABSENT if WeChat does not know the number."""

    async def close_grant(self, out_authorization_no: str) -> GrantResult:
        """Close an authorisation; may be repeated."""

    async def trade_bill(self, day: date) -> TradeBill:
        """The trade bill of a day; a day without trades has no lines.

        Raises Retryable until WeChat has made the bill, Refused('bill_shape') if it can't be read;
        its facts are ``why``, an ``Unreadable``, and ``of_bill``, that one's facts.
        """

    async def fund_bill(self, day: date) -> FundBill:
        """The fund-flow bill of a day for the basic account; raises as ``trade_bill``."""

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify and decrypt a notification. Raises Refused('notify_…')."""
