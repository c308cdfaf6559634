"""What the owner is told about campaigns, and members about promotions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.notices import Code, Fen, MemberNotice, OwnerNotice, Text, Title
from models import PushCampaign


@dataclass(frozen=True, kw_only=True)
class CampaignStopped(OwnerNotice):
    """A campaign stopped by itself: ``block_share``, or WeChat's code (群发自动停止)."""

    KEY: ClassVar[str] = "campaign_stopped"
    PAGE: ClassVar[str] = "/admin/push/{campaign_id}"
    campaign_id: int
    why: Code
    blocked: int = 0
    settled: int = 0

    @property
    def title(self) -> Title:
        """The campaign's name."""
        return str(PushCampaign.get_by_id(self.campaign_id).title)


@dataclass(frozen=True, kw_only=True)
class PromotionBegan(MemberNotice):
    """Goods in the member's cart cost less for a while (购物车商品有优惠).

    It is a promotion: a campaign carries its text, under every rule of promotions.
    """

    KEY: ClassVar[str] = "promotion_began"
    PAGE: ClassVar[str] = "/m/cart"
    label: Text
    titles: Title
    from_fen: Fen
    until: datetime


@dataclass(frozen=True, kw_only=True)
class PromotionUntold(OwnerNotice):
    """Who has its goods in the cart was not told: the campaign waits for a person (待人工发送)."""

    KEY: ClassVar[str] = "promotion_untold"
    PAGE: ClassVar[str] = "/admin/push/{campaign_id}"
    campaign_id: int
    why: Code

    @property
    def title(self) -> Title:
        """The campaign's name."""
        return str(PushCampaign.get_by_id(self.campaign_id).title)
