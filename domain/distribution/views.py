"""What queries of distribution return: facts and codes, without texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from domain.distribution.rules.commission import Phase
from domain.gate import Problem
from domain.payouts import StepView
from kernel.money import BP


@dataclass(frozen=True)
class DistributorView:
    """A distributor, for their own pages and the merchant's (分销商)."""

    member_id: int
    state: str  # applied, rejected, active, suspended, left
    display_name: str
    referral_code: str
    payee_type: str  # employee, individual, sole_trader, company
    grade_id: int | None
    grade_name: str | None
    identity_masked: str | None
    terms_version: str
    applied_at: datetime
    decided_at: datetime | None
    reason: str | None
    name_state: str = "free"  # free, review, approved, refused
    name_reason: str | None = None
    public_name: str = ""  # the name that others see
    is_frozen: bool = False

    @property
    def can_earn(self) -> bool:
        """True if orders placed now can earn commission for this person."""
        return self.state == "active" and not self.is_frozen


@dataclass(frozen=True)
class PeriodFigures:
    """Figures of a period; ``commission_fen`` is net of what was taken back."""

    visits: int = 0
    visitors: int = 0
    customers: int = 0
    orders: int = 0
    sales_fen: int = 0
    commission_fen: int = 0


@dataclass(frozen=True)
class SoldFigures:
    """Sales of a period; ``commission_fen`` is net of what was taken back."""

    orders: int
    sales_fen: int
    commission_fen: int


@dataclass(frozen=True)
class Place:
    """A distributor's sales of the calendar month, and their place among those who sold (名次).

    ``sellers`` counts the active distributors with sales; ``place`` is None without sales.
    """

    orders: int
    sales_fen: int
    place: int | None
    sellers: int


@dataclass(frozen=True)
class Figures:
    """A distributor's live figures (数据看板). ``debt_fen`` is positive."""

    today: PeriodFigures
    week: PeriodFigures
    month: PeriodFigures
    pending_fen: int
    available_fen: int
    withdrawing_fen: int
    withdrawn_fen: int
    debt_fen: int
    customers: int


@dataclass(frozen=True)
class CommissionView:
    """Commission of one line and level: fen, reason, dates (佣金明细).

    ``phase``: planned (order not paid), pending (not received), frozen, ready (waits for the next
    run), blocked (open after-sales case), released, void. ``why`` is the snapshot's rule.
    ``latest_run_at`` is the run that releases it if the buyer does not confirm the receipt of what
    was shipped; None before shipping.
    """

    id: int
    order_no: str
    title: str
    quantity: int
    level: int
    buyer: str
    base_fen: int
    amount_fen: int
    taken_fen: int
    phase: Phase
    created_at: datetime
    frozen_until: datetime | None
    run_at: datetime | None
    released_at: datetime | None
    why: dict[str, Any]
    latest_run_at: datetime | None = None

    @property
    def left_fen(self) -> int:
        """Fen that remain after refunds."""
        return self.amount_fen - self.taken_fen

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """The factors of the base: one rate, or the pool's rate and the level's share of it.

        () for a fixed amount per piece.
        """
        shares = self.why.get("shares") or [0]
        mine = shares[self.level - 1] if self.level <= len(shares) else 0
        if self.why.get("mode") == "levels":
            return (Fraction(mine, BP),)
        if self.why.get("mode") != "pool":
            return ()
        pool, share = Fraction(self.why.get("pool_bp", 0), BP), Fraction(mine, sum(shares) or 1)
        is_whole = (pool * share * BP).denominator == 1
        if share == 1 or (self.why.get("levels") == 1 and is_whole):
            return (pool * share,)
        return (pool, share)


@dataclass(frozen=True)
class CustomerCounts:
    """All customers of a distributor in figures: now, who may be seen, of the last 30 days.

    ``buyers``, ``orders`` and ``spent_fen`` are of all paid orders that the distributor sold.
    """

    all: int
    seen: int
    new: int
    buyers: int
    orders: int
    spent_fen: int


class CustomerView(NamedTuple):
    """A distributor's customer who agreed to be seen (我的客户), with what was noted of them.

    ``due_again_at`` is estimated from past orders.

    It is a tuple because a frozen dataclass takes four times as long to make, and a page makes
    twenty.
    """

    binding_id: int
    name: str
    avatar: str | None
    note: str
    bound_at: datetime | None
    expires_at: datetime | None
    last_visit_at: datetime | None
    orders: int
    spent_fen: int
    last_order_at: datetime | None
    due_again_at: datetime | None


@dataclass(frozen=True)
class BindingChange:
    """A row of a binding's history; ``refusal`` is set if nothing was changed."""

    at: datetime
    cause: str  # follow, scan, link, order, merchant, refused
    refusal: str | None
    policy: str
    from_name: str | None
    to_name: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class UplineView:
    """A member's upline with the reason and the history (为什么是我的推荐人)."""

    upline_name: str | None
    cause: str | None
    policy: str | None
    bound_at: datetime | None
    expires_at: datetime | None
    protected_until: datetime | None
    is_valid: bool
    history: list[BindingChange] = field(default_factory=list)


NoCommissionReason = Literal[
    "yours", "never_met", "not_bound", "bound_to_other", "bound_later", "binding_ended",
    "suspended", "own_purchase", "no_rule", "level_not_paid", "nothing_paid", "not_paid_yet",
]  # fmt: skip


@dataclass(frozen=True)
class NoCommissionView:
    """Why an order paid a distributor no commission (为什么这单不是我的).

    ``yours`` and ``not_paid_yet`` say that it does.
    """

    code: NoCommissionReason
    order_no: str
    placed_at: datetime | None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LevelCommission:
    """What one level earns per piece at the present price, in fen; SKUs may differ."""

    level: int
    from_fen: int
    to_fen: int
    rate_bp: int | None

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """The rate as a factor of the price; () without one."""
        return () if self.rate_bp is None else (Fraction(self.rate_bp, BP),)


@dataclass(frozen=True)
class CommissionPreview:
    """What a product pays now, shown before it is shared (推广前可见).

    ``until_at`` is when an announced change comes into force, or None.
    """

    product_id: int
    mode: str  # none, off, pool, levels, fixed
    levels: tuple[LevelCommission, ...]
    until_at: datetime | None

    @property
    def mine(self) -> LevelCommission | None:
        """What the selling distributor earns."""
        return self.levels[0] if self.levels else None


@dataclass(frozen=True)
class WithdrawalPreview:
    """Gross, fee, tax and net of a withdrawal before it is requested (提现试算)."""

    gross_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    available_fen: int
    payee_type: str
    tax_method: str
    tax_version: str
    tax_facts: dict[str, Any]
    needs_review: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class WithdrawalView:
    """A withdrawal (提现单). ``package_info`` opens WeChat's confirm sheet while awaiting_user."""

    id: int
    member_id: int
    name: str
    out_bill_no: str
    channel: str
    state: str
    gross_fen: int
    taken_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    tax: dict[str, Any]
    is_on_hold: bool
    hold_reason: str | None
    hold_told: str | None
    hold_cause: str | None
    fail_reason: str | None
    package_info: str | None
    approved_by: str | None
    second_by: str | None
    needs_second: bool
    requested_at: datetime
    approved_at: datetime | None
    sent_at: datetime | None
    paid_at: datetime | None
    returned_at: datetime | None
    steps: tuple[StepView, ...] = ()
    next_query_at: datetime | None = None
    is_noticed: bool = True
    bill_id: int | None = None
    uncertain_at: datetime | None = None
    given_up_by: str | None = None
    open_calls: int = 0
    is_granted: bool = False  # it was sent without the payee's confirmation (免确认收款)

    @property
    def payable_fen(self) -> int:
        """The gross less what refunds took."""
        return self.gross_fen - self.taken_fen

    @property
    def is_confirmable(self) -> bool:
        """True if its owner can confirm it in WeChat now."""
        return self.state == "awaiting_user" and bool(self.package_info)


@dataclass(frozen=True)
class DistributorRow:
    """A distributor in the merchant's list, with balances and customers."""

    distributor: DistributorView
    name: str
    customers: int
    pending_fen: int
    available_fen: int
    debt_fen: int


@dataclass(frozen=True)
class RuleView:
    """A commission rule in the merchant's list; ``target`` is the title of its target."""

    id: int
    scope: str
    target_id: int
    target: str
    grade_id: int | None
    grade_name: str | None
    mode: str
    pool_bp: int
    shares: tuple[int, ...]
    is_active: bool
    effective_at: datetime
    created_at: datetime
    by: str


@dataclass(frozen=True)
class LevelSignatureView:
    """A number of paid levels and the signature for it."""

    levels: int
    signed_name: str | None
    signed_by: str | None
    signed_at: datetime | None
    text: str | None


@dataclass(frozen=True)
class OwedFigures:
    """The number of distributors and what the merchant owes them, in fen."""

    distributors: int
    applications: int
    pending_fen: int
    available_fen: int
    withdrawing_fen: int
    debt_fen: int


@dataclass(frozen=True)
class MerchantFigures(OwedFigures):
    """What distribution owes, and what waits for a person."""

    withdrawals_to_review: int
    withdrawals_on_hold: int
    payouts_stopped: bool
    stopped_why: str


@dataclass(frozen=True)
class BindResult:
    """The result of an attempt to bind; ``refusal`` is one of rules.binding.REFUSALS."""

    upline_id: int | None
    is_bound: bool
    refusal: str | None = None


@dataclass(frozen=True)
class TouchResult:
    """The distributor whose link was opened; None for an unknown or inactive code."""

    referrer_id: int | None
    is_first: bool = False
    binding: BindResult | None = None
