"""What queries of payouts return: facts and codes, without texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class PayeeView:
    """A payee (收款人). ``document`` is the name of an encrypted file."""

    member_id: int
    type: str  # employee, individual, sole_trader, company
    identity_masked: str | None
    identity_at: datetime | None
    document: str | None
    document_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by: str | None
    review_note: str | None
    is_frozen: bool
    needs_review: bool


@dataclass(frozen=True)
class GrantView:
    """A standing authorisation (免确认收款授权); ``package_info`` opens its confirm sheet."""

    id: int
    member_id: int
    state: str  # asked, active, closed, expired, refused
    out_authorization_no: str
    package_info: str | None
    asked_at: datetime
    active_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    ended_by: str | None

    @property
    def is_open(self) -> bool:
        """True while it is asked for or active."""
        return self.state in ("asked", "active")


@dataclass(frozen=True)
class StepView:
    """A step of a bill, or of the request that it pays."""

    at: datetime
    from_state: str | None
    to_state: str
    actor: str
    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BillView:
    """A bill (付款单). ``package_info`` opens WeChat's confirm sheet while it is awaiting_user."""

    id: int
    source: str
    source_id: int
    member_id: int
    out_bill_no: str
    channel: str
    state: str
    gross_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    tax: dict[str, Any]
    fail_reason: str | None
    package_info: str | None
    sent_at: datetime | None
    paid_at: datetime | None
    returned_at: datetime | None
    next_query_at: datetime | None
    uncertain_at: datetime | None
    given_up_by: str | None
    mchid: str | None
    note: str | None
    open_calls: int = 0
    steps: tuple[StepView, ...] = ()


@dataclass(frozen=True)
class PayeeIncomeView:
    """Gross and tax of a payee in a year, in fen (年度代扣)."""

    member_id: int
    name: str
    identity_masked: str | None
    year: int
    gross_fen: int
    tax_fen: int
