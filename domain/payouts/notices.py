"""Notices about payouts, payees, freezes and grants, to payees and the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.notices import Code, Fen, MemberNotice, Number, Occasion, OwnerNotice, Reason
from models import PayoutBill

_BRAKES, _BILLS, _FREEZE = "/admin/brakes", "/admin/withdrawals", "/m/d/freeze"
_ANSWER: Occasion = "ticket"


@dataclass(frozen=True, kw_only=True)
class PayeeFrozen(MemberNotice):
    """The person's commission is frozen: reason and day of review (冻结)."""

    KEY: ClassVar[str] = "payee_frozen"
    PAGE: ClassVar[str] = _FREEZE
    OCCASION: ClassVar[Occasion | None] = _ANSWER
    reason: Reason
    until: date


@dataclass(frozen=True, kw_only=True)
class PayeeLifted(MemberNotice):
    """The freeze was lifted (解冻)."""

    KEY: ClassVar[str] = "payee_lifted"
    PAGE: ClassVar[str] = _FREEZE
    OCCASION: ClassVar[Occasion | None] = _ANSWER
    reason: Reason = ""
    cause: Code = ""


@dataclass(frozen=True, kw_only=True)
class PayeeAppealRefused(MemberNotice):
    """An appeal was answered and the freeze stands (申诉答复)."""

    KEY: ClassVar[str] = "payee_appeal_refused"
    PAGE: ClassVar[str] = _FREEZE
    OCCASION: ClassVar[Occasion | None] = _ANSWER
    reason: Reason
    until: date


@dataclass(frozen=True, kw_only=True)
class PayeeApproved(MemberNotice):
    """The payee's licence was approved (收款主体通过)."""

    KEY: ClassVar[str] = "payee_approved"
    PAGE: ClassVar[str] = "/m/d/identity"
    OCCASION: ClassVar[Occasion | None] = _ANSWER


@dataclass(frozen=True, kw_only=True)
class PayeeRefused(MemberNotice):
    """The payee's licence was refused (收款主体未通过)."""

    KEY: ClassVar[str] = "payee_refused"
    PAGE: ClassVar[str] = "/m/d/identity"
    OCCASION: ClassVar[Occasion | None] = _ANSWER
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class GrantActive(MemberNotice):
    """Small withdrawals are paid without confirming from now on (免确认收款开启)."""

    KEY: ClassVar[str] = "grant_active"
    PAGE: ClassVar[str] = "/m/d/withdraw"
    OCCASION: ClassVar[Occasion | None] = _ANSWER


@dataclass(frozen=True, kw_only=True)
class GrantClosed(MemberNotice):
    """Withdrawals are confirmed again; ``cause`` payee_type: the type changed (免确认收款关闭)."""

    KEY: ClassVar[str] = "grant_closed"
    PAGE: ClassVar[str] = "/m/d/withdraw"
    OCCASION: ClassVar[Occasion | None] = _ANSWER
    cause: Code = ""


@dataclass(frozen=True, kw_only=True)
class GrantDiffers(OwnerNotice):
    """WeChat's answer about a standing authorisation contradicts our row; it is not used."""

    KEY: ClassVar[str] = "grant_differs"
    PAGE: ClassVar[str] = "/admin/payees"
    detail: Number


@dataclass(frozen=True, kw_only=True)
class PayeeAppealed(OwnerNotice):
    """A person appealed against a freeze (申诉)."""

    KEY: ClassVar[str] = "payee_appealed"
    PAGE: ClassVar[str] = "/admin/payees"
    member_id: int


@dataclass(frozen=True, kw_only=True)
class PayoutsStopped(OwnerNotice):
    """All payouts were stopped (暂停一切付款)."""

    KEY: ClassVar[str] = "payouts_stopped"
    PAGE: ClassVar[str] = _BRAKES
    why: Reason = ""
    actor: str = ""
    cause: Code = ""


@dataclass(frozen=True, kw_only=True)
class PayoutBraked(OwnerNotice):
    """A ceiling or the share of sales was reached; further payouts wait (付款达到上限)."""

    KEY: ClassVar[str] = "payout_braked"
    PAGE: ClassVar[str] = _BRAKES
    code: Code
    limit_fen: Fen | None = None
    already_fen: Fen | None = None


@dataclass(frozen=True, kw_only=True)
class TransferDiffers(OwnerNotice):
    """WeChat's answer about a transfer contradicts our row; nothing was booked."""

    KEY: ClassVar[str] = "transfer_differs"
    PAGE: ClassVar[str] = _BILLS
    bill_id: int
    field: Code

    @property
    def bill_no(self) -> Number:
        """The bill's number at WeChat."""
        return _bill_no(self.bill_id)


@dataclass(frozen=True, kw_only=True)
class TransferStatesContradict(OwnerNotice):
    """A transfer was paid here and failed at WeChat, or the reverse."""

    KEY: ClassVar[str] = "transfer_contradicts"
    PAGE: ClassVar[str] = _BILLS
    bill_id: int
    state: Code
    ours: Code

    @property
    def bill_no(self) -> Number:
        """The bill's number at WeChat."""
        return _bill_no(self.bill_id)


@dataclass(frozen=True, kw_only=True)
class TransferNotFinal(OwnerNotice):
    """A transfer whose bill ended here is not final at WeChat; it is cancelled there."""

    KEY: ClassVar[str] = "transfer_alive"
    PAGE: ClassVar[str] = _BILLS
    bill_id: int
    state: Code

    @property
    def bill_no(self) -> Number:
        """The bill's number at WeChat."""
        return _bill_no(self.bill_id)


@dataclass(frozen=True, kw_only=True)
class PayoutUncertain(OwnerNotice):
    """A bill is uncertain: a call about it is open and may still move money (付款不确定)."""

    KEY: ClassVar[str] = "payout_uncertain"
    PAGE: ClassVar[str] = _BILLS
    bill_id: int
    code: Code
    fen: Fen

    @property
    def bill_no(self) -> Number:
        """The bill's number at WeChat."""
        return _bill_no(self.bill_id)


BillNotice = TransferDiffers | TransferStatesContradict | TransferNotFinal | PayoutUncertain


def _bill_no(bill_id: int) -> str:
    return str(PayoutBill.get_by_id(bill_id).out_bill_no)
