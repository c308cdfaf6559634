"""Campaigns and their results per person, for the merchant (群发记录)."""

from __future__ import annotations

from typing import Any

from peewee import fn

from domain import members
from domain.push.campaigns import campaign
from domain.push.views import CampaignView, DeliveryView
from models import Delivery, PushCampaign


def campaigns(
    state: str | None = None, before: int | None = None, limit: int = 50
) -> list[CampaignView]:
    """Campaigns, newest first."""
    query = PushCampaign.select()
    if state is not None:
        query = query.where(PushCampaign.state == state)
    if before is not None:
        query = query.where(PushCampaign.id < before)
    rows = list(query.order_by(PushCampaign.id.desc()).limit(limit))
    counts = _counts([row.id for row in rows])
    return [_view(row, counts.get(row.id, {})) for row in rows]


def campaign_page(campaign_id: int) -> CampaignView:
    """One campaign with its progress. Raises NotFound."""
    return _view(campaign(campaign_id), _counts([campaign_id]).get(campaign_id, {}))


def deliveries(
    campaign_id: int, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[DeliveryView]:
    """What became of a campaign for each person (发送明细)."""
    query = Delivery.select().where(Delivery.campaign == campaign_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = list(query.order_by(Delivery.id.desc()).limit(limit))
    people = members.profiles(row.member_id for row in rows)
    return [
        DeliveryView(
            row.id, row.member_id, people[row.member_id].masked_name, row.state, row.error, row.at
        )
        for row in rows
    ]


def _counts(ids: list[int]) -> dict[int, dict[str, int]]:
    query: Any = (
        Delivery.select(Delivery.campaign, Delivery.state, fn.COUNT(Delivery.id))
        .where(Delivery.campaign.in_(ids))
        .group_by(Delivery.campaign, Delivery.state)
        .tuples()
    )
    found: dict[int, dict[str, int]] = {}
    for campaign_id, state, count in query:
        found.setdefault(int(campaign_id), {})[str(state)] = int(count)
    return found


def _view(row: PushCampaign, counts: dict[str, int]) -> CampaignView:
    return CampaignView(
        id=row.id, title=row.title, carrier=row.carrier, is_promotion=row.is_promotion,
        content=row.content, audience=row.audience, state=row.state,
        audience_size=row.audience_size, stop_reason=row.stop_reason, created_by=row.created_by,
        created_at=row.created_at, send_at=row.send_at, started_at=row.started_at,
        finished_at=row.finished_at, counts=counts,
    )  # fmt: skip
