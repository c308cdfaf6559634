"""Parallel promotions: nobody gets more than the weekly cap allows, and counts agree."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from domain import members, push, settings
from domain.push import CampaignForm, counting, sending
from domain.push.sending import Outcome
from kernel import clock
from models import Delivery, PushCampaign, WechatIdentity
from tests.factories.members import APPID, make_member
from tests.race.crowd import at_once

pytestmark = pytest.mark.slow
NOON = datetime(2031, 8, 6, 4, tzinfo=UTC)
FANS, CAMPAIGNS, CAP = 30, 6, 2


@pytest.fixture(autouse=True)
def _noon() -> None:
    """Set the clock to noon, outside of quiet hours."""
    clock.set_offset(clock.offset() + (NOON - clock.now()))


def _fan(number: int) -> int:
    member_id = make_member(f"粉丝{number}")
    openid = WechatIdentity.get(WechatIdentity.member == member_id).openid
    members.follow(APPID, openid)
    members.record_message(APPID, openid)
    members.agree_to_promotions(member_id)
    return member_id


def _started(number: int) -> int:
    content = {"text": "新品到店，欢迎品鉴"}
    form = CampaignForm(f"新品{number}", "service", content, {"kind": "all"})
    campaign_id = push.draft_campaign(form, "staff:operator")
    push.start_campaign(campaign_id, "staff:operator")
    sending.insert_next_deliveries(campaign_id, 0)
    return campaign_id


async def test_many_promotions_at_once_keep_to_the_weekly_cap(store: Any) -> None:
    def prepare() -> list[int]:
        settings.change(settings.PushRules, {"weekly_cap": CAP, "per_second": 100})
        for number in range(FANS):
            _fan(number)
        return [_started(number) for number in range(CAMPAIGNS)]

    campaigns = await store.write(prepare)
    chunks = await at_once(store, [partial(sending.claim_chunk, each) for each in campaigns])
    assert all(isinstance(chunk, sending.Chunk) for chunk in chunks), chunks
    taken = Counter(item.member_id for chunk in chunks for item in chunk.items)
    assert set(taken.values()) == {CAP}, taken
    assert len(taken) == FANS

    def kept() -> tuple[int, int]:
        said = Delivery.select().where(Delivery.error == "capped").count()
        return Delivery.select().where(Delivery.state == "sending").count(), said

    assert await store.read(kept) == (FANS * CAP, FANS * (CAMPAIGNS - CAP))
    assert await store.read(PushCampaign.select().count) == CAMPAIGNS


async def test_counts_agree_after_parallel_outcomes_and_receipts(store: Any) -> None:
    """Receipts of one chunk, outcomes of the next, and the job that merges counts run at once."""

    def prepare() -> tuple[int, list[str], list[Outcome]]:
        settings.change(settings.PushRules, {"per_second": FANS // 2})
        for number in range(FANS):
            _fan(number)
        campaign_id = _started(0)
        first = sending.claim_chunk(campaign_id)
        sending.record_outcomes(campaign_id, [_sent(item.delivery_id) for item in first.items])
        second = sending.claim_chunk(campaign_id)
        numbers = [f"m-{item.delivery_id}" for item in first.items]
        return campaign_id, numbers, [_sent(item.delivery_id) for item in second.items]

    campaign_id, numbers, outcomes = await store.write(prepare)
    receipts = [
        partial(push.receive_template_result, number, status)
        for number in numbers
        for status in ("success", "failed: system failed")
    ]
    others = [
        partial(sending.record_outcomes, campaign_id, outcomes),
        counting.merge_counts,
        counting.merge_counts,
    ]
    found = await at_once(store, [*others, *receipts, counting.merge_counts])
    assert [each for each in found if isinstance(each, BaseException)] == []
    assert await store.read(push.list_miscounts) == []
    counts = (await store.read(push.campaign_detail, campaign_id)).counts
    assert counts.pop("delivered", 0) + counts.pop("failed", 0) == FANS // 2
    assert counts == {"sent": FANS // 2}
    while await store.write(counting.merge_counts):
        continue
    assert await store.read(push.list_miscounts) == []


def _sent(delivery_id: int) -> Outcome:
    return Outcome(delivery_id, "sent", f"m-{delivery_id}")
