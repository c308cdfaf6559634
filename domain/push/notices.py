"""Notices about campaigns, to the owner, and about promotions, to members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.notices import Code, Fen, MemberNotice, OwnerNotice, Text, Title
from models import PushCampaign


@dataclass(frozen=True, kw_only=True)
class CampaignStopped(OwnerNotice):
    """A campaign stopped automatically, for block_share or WeChat's code (群发自动停止)."""

    KEY: ClassVar[str] = "campaign_stopped"
    PAGE: ClassVar[str] = "/admin/push/{campaign_id}"
    campaign_id: int
    why: Code
    blocked: int = 0
    settled: int = 0

    @property
    def title(self) -> Title:
        """The campaign's title."""
        return str(PushCampaign.get_by_id(self.campaign_id).title)


@dataclass(frozen=True, kw_only=True)
class PromotionBegan(MemberNotice):
    """Goods in the member's cart have a promotion (购物车商品有优惠).

    It is itself a promotion: a campaign carries its text, under all rules for promotions.
    """

    KEY: ClassVar[str] = "promotion_began"
    PAGE: ClassVar[str] = "/m/cart"
    label: Text
    titles: Title
    from_fen: Fen
    has_more: bool = False
    until: datetime


@dataclass(frozen=True, kw_only=True)
class PromotionNotAnnounced(OwnerNotice):
    """The campaign about a promotion was not started and waits for a person (待人工发送)."""

    KEY: ClassVar[str] = "promotion_untold"
    PAGE: ClassVar[str] = "/admin/push/{campaign_id}"
    campaign_id: int
    why: Code

    @property
    def title(self) -> Title:
        """The campaign's title."""
        return str(PushCampaign.get_by_id(self.campaign_id).title)
