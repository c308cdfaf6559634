"""The groups of settings, typed, with defaults and bounds.

Each group is one row of ``setting``; its key is the class's ``KEY``.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """The base of a group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    KEY: ClassVar[str]


class Trade(Switches):
    """Time limits and quantities of orders (交易设置)."""

    KEY: ClassVar[str] = "trade"
    pay_within_minutes: int = Field(default=30, ge=5, le=1440)
    receive_within_days: int = Field(default=10, ge=3, le=60)
    complete_after_days: int = Field(default=7, ge=7, le=60)
    refund_answer_hours: int = Field(default=48, ge=12, le=168)
    max_line_quantity: int = Field(default=99, ge=1, le=9999)
    max_cart_lines: int = Field(default=50, ge=1, le=200)


class Service(Switches):
    """What the shop promises to its buyers (服务承诺); by law at least seven days to return."""

    KEY: ClassVar[str] = "service"
    ship_within_hours: int = Field(default=48, ge=1, le=720)
    free_return_days: int = Field(default=7, ge=7, le=90)
    send_back_days: int = Field(default=7, ge=3, le=30)
    covers_breakage: bool = True
    question_answer_hours: int = Field(default=24, ge=1, le=168)
    complaint_answer_hours: int = Field(default=72, ge=1, le=360)
    application_answer_days: int = Field(default=3, ge=1, le=15)


class Storefront(Switches):
    """Words of the front page (首页文字)."""

    KEY: ClassVar[str] = "storefront"
    slogan: str = Field(default="一泉一坊，慢酿成酒", max_length=30)
    shelf_title: str = Field(default="坊里的酒", min_length=1, max_length=12)
    search_hint: str = Field(default="找一瓶酒", min_length=1, max_length=12)


class Freight(Switches):
    """A flat freight fee, free from an amount on (运费)."""

    KEY: ClassVar[str] = "freight"
    flat_fen: int = Field(default=1000, ge=0, le=100_000)
    free_from_fen: int | None = Field(default=9900, ge=0)
    remote_provinces: tuple[str, ...] = ("西藏自治区", "新疆维吾尔自治区")
    remote_extra_fen: int = Field(default=1500, ge=0, le=100_000)


class Returns(Switches):
    """The address for returns (退货地址); without one buyers have to ask."""

    KEY: ClassVar[str] = "returns"
    receiver: str = Field(default="", max_length=30)
    phone: str = Field(default="", max_length=20)
    address: str = Field(default="", max_length=120)

    @property
    def line(self) -> str:
        """The address as written on a parcel; '' without one."""
        parts = (self.receiver, self.phone, self.address)
        return " ".join(part for part in parts if part) if self.address else ""


class BindingPolicy(Switches):
    """How a visitor becomes a distributor's customer (绑定规则)."""

    KEY: ClassVar[str] = "binding"
    kind: Literal["forever", "days", "last_click", "new_members"] = "days"
    days: int = Field(default=365, ge=1, le=3650)
    protect_days: int = Field(default=30, ge=0, le=365)
    touch_days: int = Field(default=30, ge=1, le=90)


class Distribution(Switches):
    """Admission of distributors, freeze, caps and withdrawals (分销设置)."""

    KEY: ClassVar[str] = "distribution"
    admission: Literal["automatic", "reviewed", "appointed"] = "automatic"
    freeze_days: int = Field(default=7, ge=0, le=90)
    pay_self_purchase: bool = False
    missing_levels_go_to_seller: bool = False
    line_cap_bp: int = Field(default=5000, ge=0, le=10_000)
    withdraw_min_fen: int = Field(default=100, ge=30)
    withdraw_max_fen: int = Field(default=50_000, ge=100)
    withdraw_per_day: int = Field(default=3, ge=1, le=10)
    withdraw_fee_bp: int = Field(default=0, ge=0, le=1000)
    review_from_fen: int = Field(default=20_000, ge=0)
    tax_method: Literal["unset", "ordinary", "cumulative"] = "unset"


class PayoutBrakes(Switches):
    """Ceilings of payouts (付款刹车)."""

    KEY: ClassVar[str] = "brakes"
    second_person_from_fen: int = Field(default=20_000, ge=0)
    per_hour_fen: int = Field(default=500_000, ge=0)
    per_day_fen: int = Field(default=2_000_000, ge=0)
    per_person_day_fen: int = Field(default=100_000, ge=0)
    commission_share_bp: int = Field(default=5000, ge=0, le=10_000)
    granted_bill_fen: int = Field(default=20_000, ge=0)
    """A payout above this is confirmed by its payee even with a standing authorisation."""
    granted_person_day_fen: int = Field(default=50_000, ge=0)
    """The same for all payouts of a person in a day; with 0 no authorisation is offered."""


class RefundBrakes(Switches):
    """Ceilings of refunds, separate from payouts (退款刹车)."""

    KEY: ClassVar[str] = "refund_brakes"
    per_hour_fen: int = Field(default=5_000_000, ge=0)
    per_day_fen: int = Field(default=20_000_000, ge=0)


class PushRules(Switches):
    """Which messages may be sent, when and how often (推送规则)."""

    KEY: ClassVar[str] = "push"
    allow_template_promotion: bool = False
    weekly_cap: int = Field(default=2, ge=0, le=7)
    quiet_from_hour: int = Field(default=21, ge=0, le=23)
    quiet_to_hour: int = Field(default=9, ge=0, le=23)
    block_stop_bp: int = Field(default=100, ge=0, le=10_000)
    per_second: int = Field(default=50, ge=1, le=500)
    alert_member_ids: tuple[int, ...] = ()  # members who are notified when something stops


class StaffCeilings(Switches):
    """What one person may do by hand, alone, and in a day (员工操作上限)."""

    KEY: ClassVar[str] = "ceilings"
    refund_code_from_fen: int = Field(default=10_000, ge=0)
    """A manual refund from this amount on needs the one-time code again."""
    refund_single_fen: int = Field(default=50_000, ge=0)
    """A manual refund above this needs a second person."""
    refunds_person_day: int = Field(default=20, ge=0, le=10_000)
    refund_fen_person_day: int = Field(default=200_000, ge=0)
    refunds_shop_day: int = Field(default=100, ge=0, le=100_000)
    refund_fen_shop_day: int = Field(default=1_000_000, ge=0)
    rebindings_person_day: int = Field(default=3, ge=0, le=10_000)
    rebindings_shop_day: int = Field(default=10, ge=0, le=10_000)
    sends_person_day: int = Field(default=20_000, ge=0, le=10_000_000)
    """Recipients of the campaigns that one person starts in a day."""
    sends_shop_day: int = Field(default=50_000, ge=0, le=10_000_000)
    proposal_days: int = Field(default=3, ge=1, le=30)
