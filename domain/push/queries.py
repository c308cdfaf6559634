"""Reads of campaigns and their results per person, for the merchant (群发记录)."""

from __future__ import annotations

from domain import members
from domain.push.campaigns import campaign_or_raise
from domain.push.counting import counts_of
from domain.push.views import CampaignView, DeliveryView
from models import Delivery, PushCampaign

ID_MOST = 2**63 - 1


def list_campaigns(
    state: str | None = None, before: int | None = None, limit: int = 50
) -> list[CampaignView]:
    """Campaigns, newest first."""
    query = PushCampaign.select()
    if state is not None:
        query = query.where(PushCampaign.state == state)
    if before is not None:
        query = query.where(PushCampaign.id < before)
    rows = list(query.order_by(PushCampaign.id.desc()).limit(limit))
    counts = counts_of([row.id for row in rows])
    return [_view(row, counts.get(row.id, {})) for row in rows]


def campaign_detail(campaign_id: int) -> CampaignView:
    """One campaign with its progress. Raises NotFound."""
    return _view(campaign_or_raise(campaign_id), counts_of([campaign_id]).get(campaign_id, {}))


def list_deliveries(
    campaign_id: int, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[DeliveryView]:
    """A campaign's result for each person, newest first (发送明细)."""
    # Bounded by an id even for the last page: else MariaDB reads back through all newer campaigns.
    mine = (Delivery.campaign == campaign_id) & (Delivery.id < (before or ID_MOST))
    query = Delivery.select().where(mine)
    if state is not None:
        query = query.where(Delivery.state == state)
    rows = list(query.order_by(Delivery.id.desc()).limit(limit))
    people = members.member_views(row.member_id for row in rows)
    return [
        DeliveryView(
            row.id,
            row.member_id,
            people[row.member_id].masked_name,
            row.state,
            row.error,
            row.said,
            row.at,
        )
        for row in rows
    ]


def _view(row: PushCampaign, counts: dict[str, int]) -> CampaignView:
    return CampaignView(
        id=row.id, title=row.title, carrier=row.carrier, is_promotion=row.is_promotion,
        content=row.content, audience=row.audience, state=row.state,
        audience_size=row.audience_size, stop_reason=row.stop_reason, stop_cause=row.stop_cause,
        created_by=row.created_by,
        created_at=row.created_at, send_at=row.send_at, started_at=row.started_at,
        finished_at=row.finished_at, counts=counts,
    )  # fmt: skip
