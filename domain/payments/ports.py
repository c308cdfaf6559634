"""What payments needs from the outside: WeChat Pay (微信支付) as a protocol and its results.

Every call may raise ``Retryable`` (not done), ``Refused`` (definitely not done) or ``Unknown``
(query, then send the same number again). An out-number is written to the database before the
first call and never changed while the result is unknown. Codes come in one spelling, e.g.
``ORDER_PAID``, ``NOT_ENOUGH``, ``ORDER_NOT_EXIST``, whichever WeChat used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class TradeState(StrEnum):
    """State of a payment at WeChat. ABSENT is ours: WeChat knows no such number."""

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
        """Whether money arrived: a payment that was refunded later had arrived, too."""
        return self in (TradeState.SUCCESS, TradeState.REFUND)


class RefundState(StrEnum):
    """State of a refund at WeChat. ABSENT is ours: WeChat knows no such number."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    ABSENT = "ABSENT"


class TransferState(StrEnum):
    """State of a merchant transfer (商家转账). ABSENT is ours: WeChat knows no such number."""

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
        """Whether WeChat will never change it again."""
        return self in (TransferState.SUCCESS, TransferState.FAIL, TransferState.CANCELLED)


class GrantState(StrEnum):
    """State of a payee's standing authorisation (免确认收款授权). ABSENT is ours."""

    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TAKING_EFFECT = "TAKING_EFFECT"
    CLOSED = "CLOSED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class PrepayRequest:
    """An order (下单) as WeChat must see it; one number, always the same facts."""

    out_trade_no: str
    amount_fen: int
    description: str
    notify_url: str
    expires_at: datetime
    attach: str = ""


@dataclass(frozen=True)
class PaymentResult:
    """A payment as WeChat tells it, by query or by notification. Compare before believing."""

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
    """A refund (退款). A failed one is repeated under the same number only."""

    out_refund_no: str
    out_trade_no: str
    refund_fen: int
    total_fen: int
    notify_url: str
    reason: str = ""


@dataclass(frozen=True)
class RefundResult:
    """A refund as WeChat tells it. ``mchid`` is empty where WeChat's reply does not name it."""

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
    """A merchant transfer (商家转账), kept by the caller to be sent again unchanged.

    ``user_name`` is the payee's real name, needed from ¥2000 and not allowed below ¥0.30;
    ``report_infos`` are the scene's fixed (label, text) pairs. ``authorization_id`` is the
    standing authorisation under which it is sent; an ordinary transfer has none.
    ``user_recv_perception`` is what the payee reads as its reason, empty for WeChat's own word;
    None, in requests kept before it was part of them, stands for the configured one.
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
    """Leave to pay a person without their confirming each time; one number, the same facts.

    ``display_name`` tells the person which account of the shop's is meant;
    ``user_recv_perception`` is as in a transfer.
    """

    out_authorization_no: str
    openid: str
    scene_id: str
    display_name: str
    notify_url: str
    user_recv_perception: str | None = None


@dataclass(frozen=True)
class GrantResult:
    """A standing authorisation as WeChat tells it. ``package_info`` opens its sheet."""

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
    """A transfer as WeChat tells it.

    ``package_info`` opens the payee's confirm sheet; only the create call brings it, and sending
    the same request again brings it back. ``amount_fen`` is None where the reply has no amount.
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
    """A notification (回调通知) whose signature, age and seal were checked.

    ``result`` is None for an event type that nobody here knows. ``plain`` is the decrypted JSON,
    to be stored raw. Nothing is compared with our rows yet.
    """

    id: str
    event_type: str
    created_at: datetime
    plain: str
    result: PaymentResult | RefundResult | TransferResult | GrantResult | None


@dataclass(frozen=True)
class TradeLine:
    """One line of the trade bill (交易账单): a refund if it has ``out_refund_no``."""

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


@dataclass(frozen=True)
class SetAside:
    """A record of a bill that can't be read; a person looks at it. ``bill``: trade or fund."""

    bill: str
    line: int
    """Of the file, from 1."""
    raw: str
    reason: str


@dataclass(frozen=True)
class TradeBill:
    """WeChat's trade bill of one Shanghai day, checked against its SHA-1 and its totals line.

    What can't be read is in ``aside``; the rest holds.
    """

    day: date
    sha1: str
    lines: tuple[TradeLine, ...]
    aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class FundLine:
    """One movement of the merchant's balance (资金流水); ``in_fen`` or ``out_fen`` is 0."""

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
        """The account that payments are made in."""

    async def prepay_jsapi(self, order: PrepayRequest, openid: str) -> str:
        """Place an order to be paid inside WeChat; returns its prepay_id, good for 2 hours."""

    async def prepay_h5(self, order: PrepayRequest, client_ip: str, return_url: str = "") -> str:
        """Place an order to be paid from another browser; returns the URL to go to."""

    async def prepay_native(self, order: PrepayRequest) -> str:
        """Place an order to be paid by scanning; returns the text for the QR code."""

    def jsapi_params(self, prepay_id: str) -> dict[str, str]:
        """The signed arguments for the page's pay sheet (getBrandWCPayRequest)."""

    def transfer_params(self, package_info: str) -> dict[str, str]:
        """The arguments for the page's transfer confirm sheet (requestMerchantTransfer)."""

    async def query_payment(self, out_trade_no: str) -> PaymentResult:
        """What became of a payment; state ABSENT if WeChat knows no such number."""

    async def close_payment(self, out_trade_no: str) -> None:
        """Close an unpaid order; again is fine.

        Refused('ORDER_PAID') if money came first, Retryable('USERPAYING') while somebody pays.
        """

    async def refund(self, request: RefundRequest) -> RefundResult:
        """Ask for a refund; the same number again asks nothing new."""

    async def query_refund(self, out_refund_no: str) -> RefundResult:
        """What became of a refund; state ABSENT if WeChat knows no such number."""

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Pay out to an openid; the same request again returns its present state."""

    async def query_transfer(self, out_bill_no: str) -> TransferResult:
        """What became of a transfer; state ABSENT if WeChat knows no such number."""

    async def cancel_transfer(self, out_bill_no: str) -> TransferResult:
        """Take back a transfer that its payee has not confirmed; ends later, so query."""

    async def transfer_granted(self, request: TransferRequest) -> TransferResult:
        """Pay out under a standing authorisation: nobody confirms it, nobody can take it back."""

    async def ask_grant(self, request: GrantRequest) -> GrantResult:
        """Ask for a standing authorisation; the person answers within 24 hours."""

    async def query_grant(self, out_authorization_no: str) -> GrantResult:
        """What became of an authorisation; state ABSENT if WeChat knows no such number."""

    async def close_grant(self, out_authorization_no: str) -> GrantResult:
        """End an authorisation; again is fine."""

    async def trade_bill(self, day: date) -> TradeBill:
        """The trade bill of a day. Retryable until WeChat made it; an empty day has no lines.

        Refused('bill_shape') if it can't be read as a whole.
        """

    async def fund_bill(self, day: date) -> FundBill:
        """The fund-flow bill of a day, on the basic account."""

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify, check the age of, and decrypt a notification. Raises Refused('notify_…')."""
