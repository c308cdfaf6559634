"""Prepared SQL of running campaigns (`bench broadcast`)."""

from __future__ import annotations

from typing import Any

from peewee import Case, fn

from kernel.store import prepared
from models import Delivery, PromotionNotice, PushCampaign, SubscriptionGrant

_COUNTED = ("sending", "sent", "delivered", "unknown")


@prepared
def queued(campaign_id: Any, limit: Any) -> Any:
    """A campaign's next queued messages."""
    return (
        Delivery.select(Delivery.id, Delivery.member, Delivery.openid)
        .where((Delivery.campaign == campaign_id) & (Delivery.state == "queued"))
        .order_by(Delivery.id)
        .limit(limit)
    )


@prepared
def keep_results(delivery_ids: Any, msg_ids: Any, state: Any, error: Any, before: Any) -> Any:
    """Set the state of messages with the same result, each with its own number."""
    msg_id = Case(Delivery.id, tuple(zip(delivery_ids, msg_ids, strict=True)))
    mine = Delivery.id.in_(delivery_ids) & (Delivery.state == before)
    return Delivery.update(state=state, msg_id=msg_id, error=error).where(mine)


@prepared
def mark_sending(delivery_ids: Any, client_id: Any, at: Any) -> Any:
    """Mark messages as sending."""
    values = {"state": "sending", "client_msg_id": client_id, "at": at}
    return Delivery.update(**values).where(Delivery.id.in_(delivery_ids))


@prepared
def remaining_grants(ids: Any, template_id: Any) -> Any:
    """How many notices of a template each of these members still accepts."""
    return SubscriptionGrant.select(SubscriptionGrant.member, SubscriptionGrant.remaining).where(
        (SubscriptionGrant.template_id == template_id) & SubscriptionGrant.member.in_(ids)
    )


@prepared
def noticed_since(ids: Any, since: Any) -> Any:
    """Promotional notices to each of these members since an instant."""
    return (
        PromotionNotice.select(PromotionNotice.member, fn.COUNT(PromotionNotice.id).alias("sent"))
        .where(PromotionNotice.member.in_(ids) & (PromotionNotice.at > since))
        .group_by(PromotionNotice.member)
    )


@prepared
def promoted_since(ids: Any, since: Any) -> Any:
    """Promotions that were or may have been sent to each of these members since an instant."""
    is_counted = Case(None, [(Delivery.state.in_(_COUNTED), 1)], 0)
    return (
        Delivery.select(Delivery.member, fn.SUM(is_counted).alias("sent"))
        .join(PushCampaign, on=(Delivery.campaign == PushCampaign.id))
        .where(Delivery.member.in_(ids) & (Delivery.at > since))
        .where(PushCampaign.is_promotion == True)  # noqa: E712
        .group_by(Delivery.member)
    )
