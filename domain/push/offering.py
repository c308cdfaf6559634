"""Campaigns to members who have a promotion's goods in the cart (活动通知).

Such a campaign is like any other promotion: agreement, 退订, weekly cap and quiet hours are
checked for each person when it is laid out and again when it is sent.
"""

from __future__ import annotations

from domain import cart, outbox, pricing, promotions
from domain.notices import ResolvedNotice, notify_owner, resolve_notice
from domain.promotions import OfferBegan, OfferStopped
from domain.push.campaigns import draft_campaign, start_campaign
from domain.push.notices import PromotionBegan, PromotionNotAnnounced
from domain.push.views import CampaignForm
from kernel import clock, events
from kernel.errors import DomainError
from kernel.store import savepoint
from models import PushCampaign

TOGETHER = 2_000
OVER = "offer_over"
NAMED = 3
TASK = "outbox:push.offer"
"""The task that makes and starts such a campaign, for the log of system events."""


def subscribe_all() -> None:
    """Subscribe to promotions that begin or are stopped."""
    events.subscribe(OfferBegan, on_began)
    events.subscribe(OfferStopped, on_stopped)


def on_began(event: OfferBegan) -> None:
    """Queue the search through carts, outside of the transaction in which the promotion began."""
    if promotions.offer_detail(event.offer_id).form.tells_carts:
        outbox.enqueue("push.offer", {"offer_id": event.offer_id})


def on_stopped(event: OfferStopped) -> None:
    """Stop the promotion's campaigns; what was not sent is not sent any more."""
    open_ones = PushCampaign.state.in_(("sending", "paused"))
    mine = PushCampaign.source == source_of(event.offer_id)
    PushCampaign.update(state="stopped", stop_cause=OVER, finished_at=clock.now()).where(
        mine & open_ones
    ).execute()


def promotion_notice(offer_id: int) -> ResolvedNotice | None:
    """The notice about a promotion; None if it is over or lowers no price of goods in stock."""
    found = promotions.offer_detail(offer_id)
    if found.phase != "running":
        return None
    goods = [sku for sku in promotions.goods_of(found.form) if sku.is_for_sale and sku.left > 0]
    lines = [pricing.line_of(sku, 1) for sku in goods]
    prices = {
        e.line.sku_id: e.price_fen
        for e in promotions.effects(found.form, lines, offer_id)
        if e.price_fen is not None
    }
    titles = list(dict.fromkeys(sku.title for sku in goods if sku.sku_id in prices))
    if not titles:
        return None
    return resolve_notice(
        PromotionBegan(
            label=found.form.label,
            titles="、".join(titles[:NAMED]),
            has_more=len(titles) > NAMED,
            from_fen=min(prices.values()),
            until=found.form.ends_at,
        )
    )


def announce_promotion(offer_id: int, text: str) -> int:
    """Make campaigns to all members with its goods in the cart; returns the number of members.

    They belong to the person who last changed the promotion, and count for that person's daily
    limit. Above the limit, or with forbidden words, they stay drafts and the owner is notified.
    """
    found = promotions.offer_detail(offer_id)
    source = source_of(offer_id)
    if (
        found.phase != "running"
        or PushCampaign.select().where(PushCampaign.source == source).exists()
    ):
        return 0
    people = cart.members_with_in_cart(sku.sku_id for sku in promotions.goods_of(found.form))
    for start in range(0, len(people), TOGETHER):
        audience = {"kind": "members", "member_ids": people[start : start + TOGETHER]}
        form = CampaignForm(found.form.title, "service", {"text": text}, audience)
        campaign_id = draft_campaign(form, found.updated_by, by=TASK)
        PushCampaign.update(source=source).where(PushCampaign.id == campaign_id).execute()
        try:
            with savepoint():
                start_campaign(campaign_id, found.updated_by, by=TASK)
        except DomainError as refused:
            notify_owner(PromotionNotAnnounced(campaign_id=campaign_id, why=refused.code))
    return len(people)


def is_over(source: str | None) -> bool:
    """True for a campaign whose promotion does not run any more."""
    if source is None or not source.startswith("offer:"):
        return False
    return promotions.offer_detail(int(source.removeprefix("offer:"))).phase != "running"


def source_of(offer_id: int) -> str:
    """The source that a promotion's campaigns have."""
    return f"offer:{offer_id}"
