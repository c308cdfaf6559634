"""What distributors and the owner are told about customers, commission and withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain import members
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
    Who,
)
from domain.orders import order_no_of

_SELLING, _ENTRIES, _WITHDRAWALS = "/m/d/", "/m/d/entries", "/m/d/withdrawals"


@dataclass(frozen=True, kw_only=True)
class FirstVisit(MemberNotice):
    """Somebody opened what they shared. Nobody gets a template message because somebody looked."""

    KEY: ClassVar[str] = "first_visit"
    PAGE: ClassVar[str] = _SELLING
    visitors_today: int
    product_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewCustomer(MemberNotice):
    """Somebody became their customer (新客户)."""

    KEY: ClassVar[str] = "new_customer"
    PAGE: ClassVar[str] = "/m/d/customers"
    customer_id: int
    cause: Code

    @property
    def who(self) -> Who:
        """The customer as this distributor may see them; '' for somebody who is gone."""
        people = members.profiles([self.customer_id])
        return next((person.masked_name for person in people.values()), "")


@dataclass(frozen=True, kw_only=True)
class CommissionPending(MemberNotice):
    """A friend paid; what they earn by it is pending (佣金待结算)."""

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
    """So much can be withdrawn from now on (佣金已结算). The job that settles may run at night."""

    KEY: ClassVar[str] = "commission_released"
    PAGE: ClassVar[str] = _ENTRIES
    AT_ONCE: ClassVar[bool] = False
    OCCASION: ClassVar[Occasion | None] = "commission"
    fen: Fen
    lines: int
    order_no: Number = ""


@dataclass(frozen=True, kw_only=True)
class CommissionTakenBack(MemberNotice):
    """Goods came back, and with them what was earned: which line, how much, from where (扣回)."""

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
    """A transfer waits for its payee to confirm it in WeChat (待确认收款)."""

    KEY: ClassVar[str] = "withdrawal_awaiting"
    PAGE: ClassVar[str] = "/m/pay/transfer/{withdrawal_id}"
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen


@dataclass(frozen=True, kw_only=True)
class WithdrawalPaid(MemberNotice):
    """The money arrived, after tax and fee (提现到账)."""

    KEY: ClassVar[str] = "withdrawal_paid"
    PAGE: ClassVar[str] = _WITHDRAWALS
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    tax_fen: Fen = 0
    fee_fen: Fen = 0


@dataclass(frozen=True, kw_only=True)
class WithdrawalReturned(MemberNotice):
    """A payout did not succeed; ``code`` is WeChat's, the text says what it means (提现退回)."""

    KEY: ClassVar[str] = "withdrawal_returned"
    PAGE: ClassVar[str] = "/m/d/withdrawals/{withdrawal_id}"
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    state: Code
    reason: Code = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawalRejected(MemberNotice):
    """A withdrawal was refused before it was sent, and why (提现驳回)."""

    KEY: ClassVar[str] = "withdrawal_rejected"
    PAGE: ClassVar[str] = _WITHDRAWALS
    OCCASION: ClassVar[Occasion | None] = "withdrawal"
    withdrawal_id: RowNumber
    fen: Fen
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorApproved(MemberNotice):
    """They may share and earn from now on (申请通过)."""

    KEY: ClassVar[str] = "distributor_approved"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"


@dataclass(frozen=True, kw_only=True)
class DistributorRejected(MemberNotice):
    """Their application was refused, and why (申请未通过)."""

    KEY: ClassVar[str] = "distributor_rejected"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorSuspended(MemberNotice):
    """They earn nothing new, and their money stands still (暂停推广)."""

    KEY: ClassVar[str] = "distributor_suspended"
    PAGE: ClassVar[str] = "/m/d/freeze"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorRestored(MemberNotice):
    """The suspension is over (恢复推广)."""

    KEY: ClassVar[str] = "distributor_restored"
    PAGE: ClassVar[str] = _SELLING
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class DistributorNameRefused(MemberNotice):
    """The name that they chose is not shown, and why (推广名称未通过)."""

    KEY: ClassVar[str] = "distributor_name_refused"
    PAGE: ClassVar[str] = "/m/d/settings"
    OCCASION: ClassVar[Occasion | None] = "ticket"
    reason: Reason = ""


@dataclass(frozen=True, kw_only=True)
class WithdrawalOnHold(OwnerNotice):
    """A refund took from a withdrawal that was not sent; it waits for a person (提现暂缓)."""

    KEY: ClassVar[str] = "withdrawal_on_hold"
    PAGE: ClassVar[str] = "/admin/withdrawals/{withdrawal_id}"
    withdrawal_id: RowNumber
    taken_fen: Fen
