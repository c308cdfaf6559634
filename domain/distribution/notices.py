"""Notices about customers, commission and withdrawals, to distributors and the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import (
    Code,
    Fen,
    MemberNotice,
    Number,
    Occasion,
    OwnerNotice,
    Reason,
    RowNumber,
    Title,
)
from domain.orders import order_no_of

_SELLING, _ENTRIES, _WITHDRAWALS = "/m/d/", "/m/d/entries", "/m/d/withdrawals"


@dataclass(frozen=True, kw_only=True)
class FirstVisit(MemberNotice):
    """A new visitor opened the distributor's link; never sent as a template message."""

    KEY: ClassVar[str] = "first_visit"
    PAGE: ClassVar[str] = _SELLING
    visitors_today: int
    product_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewCustomer(MemberNotice):
    """A member became the distributor's customer; who, only they may say (新客户)."""

    KEY: ClassVar[str] = "new_customer"
    PAGE: ClassVar[str] = "/m/d/customers"
    customer_id: int
    cause: Code


@dataclass(frozen=True, kw_only=True)
class CommissionPending(MemberNotice):
    """An order was paid; its commission is pending (佣金待结算)."""

    KEY: ClassVar[str] = "commission_pending"
    PAGE: ClassVar[str] = _ENTRIES
    OCCASION: ClassVar[Occasion | None] = "commission"
    order_id: int
    fen: Fen
    level: int

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class CommissionReleased(MemberNotice):
    """Commission was released and may be withdrawn (佣金已结算).

    Not sent at once, since the job that releases may run at night.
    """

    KEY: ClassVar[str] = "commission_released"
    PAGE: ClassVar[str] = _ENTRIES
    AT_ONCE: ClassVar[bool] = False
    OCCASION: ClassVar[Occasion | None] = "commission"
    fen: Fen
    lines: int
    order_no: Number = ""


@dataclass(frozen=True, kw_only=True)
class CommissionClawedBack(MemberNotice):
    """Commission was taken back after a refund: line, fen and accounts (扣回)."""

    KEY: ClassVar[str] = "commission_taken_back"
    PAGE: ClassVar[str] = _ENTRIES
    OCCASION: ClassVar[Occasion | None] = "commission"
    order_id: int
    title: Title
    fen: Fen
    case_id: int | None = None
    pending_fen: Fen = 0
    available_fen: Fen = 0
    withdrawing_fen: Fen = 0
    debt_fen: Fen = 0

    @property
    def order_no(self) -> Number:
        """The order's number."""
        return order_no_of(self.order_id)


@dataclass(frozen=True, kw_only=True)
class WithdrawalAwaiting(MemberNotice):
    """A transfer waits for the payee's confirmation in WeChat (待确认收款)."""

    KEY: ClassVar[str] = "withdrawal_awaiting"
    PAGE: ClassVar[str] = "/m/pay/transfer/{withdrawal_id}"
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen


@dataclass(frozen=True, kw_only=True)
class WithdrawalPaid(MemberNotice):
    """A withdrawal was paid, less tax and fee (提现到账)."""

    KEY: ClassVar[str] = "withdrawal_paid"
    PAGE: ClassVar[str] = _WITHDRAWALS
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    tax_fen: Fen = 0
    fee_fen: Fen = 0


@dataclass(frozen=True, kw_only=True)
class WithdrawalReturned(MemberNotice):
    """A transfer failed; ``reason`` is WeChat's code (提现退回)."""

    KEY: ClassVar[str] = "withdrawal_returned"
    PAGE: ClassVar[str] = "/m/d/withdrawals/{withdrawal_id}"
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    state: Code
    reason: Code = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawalRejected(MemberNotice):
    """A withdrawal was rejected before it was sent, with the reason (提现驳回)."""

    KEY: ClassVar[str] = "withdrawal_rejected"
    PAGE: ClassVar[str] = _WITHDRAWALS
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorApproved(MemberNotice):
    """An application was approved (申请通过)."""

    KEY: ClassVar[str] = "distributor_approved"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"


@dataclass(frozen=True, kw_only=True)
class DistributorRejected(MemberNotice):
    """An application was rejected, with the reason (申请未通过)."""

    KEY: ClassVar[str] = "distributor_rejected"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorSuspended(MemberNotice):
    """The distributor was suspended and their commission frozen (暂停推广)."""

    KEY: ClassVar[str] = "distributor_suspended"
    PAGE: ClassVar[str] = "/m/d/freeze"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorRestored(MemberNotice):
    """The suspension was lifted (恢复推广)."""

    KEY: ClassVar[str] = "distributor_restored"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorNameRefused(MemberNotice):
    """The chosen display name was refused, with the reason (推广名称未通过)."""

    KEY: ClassVar[str] = "distributor_name_refused"
    PAGE: ClassVar[str] = "/m/d/settings"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawalPaused(OwnerNotice):
    """A refund took from an unsent withdrawal, which now waits for a person (提现暂缓)."""

    KEY: ClassVar[str] = "withdrawal_on_hold"
    PAGE: ClassVar[str] = "/admin/withdrawals/{withdrawal_id}"
    withdrawal_id: RowNumber
    taken_fen: Fen
