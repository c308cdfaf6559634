"""The notice of a beginning promotion to members with its goods in the cart: once, if allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import audit, cart, members, settings
from domain.promotions.service import begin_due
from domain.push import flows, offering, wiring
from kernel import clock, context
from models import Delivery, OutboxRow, PushCampaign, WechatIdentity
from tests.factories.catalog import make_product
from tests.factories.distribution import pass_time
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger, Words
from tests.factories.offers import limited_price, stop

NOON = datetime(2031, 8, 6, 4, tzinfo=UTC)
NIGHT = datetime(2031, 8, 6, 14, tzinfo=UTC)  # 22:00 in Shanghai


@pytest.fixture(autouse=True)
def _wired() -> None:
    _at(NOON)
    offering.subscribe_all()


def _at(instant: datetime) -> None:
    clock.set_offset(clock.offset() + (instant - clock.now()))


def _fan(sku_id: int, name: str = "小王", *, agreed: bool = True, wrote: bool = True) -> int:
    """A follower with the goods in the cart who agreed to promotions and wrote lately."""
    member_id = make_member(name)
    openid = WechatIdentity.get(WechatIdentity.member == member_id).openid
    members.follow(APPID, openid)
    if wrote:
        members.record_message(APPID, openid)
    if agreed:
        members.agree_to_promotions(member_id)
    cart.add(cart.member_owner(member_id), sku_id)
    return member_id


class _Job:
    """A fake job whose last verb runs in a transaction of its own."""

    id = 1

    def __init__(self, store: Any) -> None:
        self._store = store

    async def done_in(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._store.write(verb, *args, **kwargs)


async def _run(store: Any, messenger: FakeMessenger) -> None:
    """Handle the due rows of push in order until none is left."""
    job: Any = _Job(store)
    handlers = wiring.handlers(store, messenger, Words())  # type: ignore[arg-type]

    async def no_pause(_: float) -> None:
        return None

    for _ in range(60):
        due = OutboxRow.kind.startswith("push.") & (OutboxRow.state == "due")
        row = (
            OutboxRow.select().where(due & (OutboxRow.next_at <= clock.now()))
            .order_by(OutboxRow.id).first()
        )  # fmt: skip
        if row is None:
            return
        if row.kind == "push.send":
            campaign_id = int(row.payload["campaign_id"])
            await flows.send_chunk(store, messenger, campaign_id, job.done_in, pause=no_pause)  # type: ignore[arg-type]
        else:
            await handlers[row.kind](row.payload, job)
        OutboxRow.update(state="done").where(OutboxRow.id == row.id).execute()
    raise AssertionError("it never ends")


def _told(messenger: FakeMessenger) -> set[int]:
    """The members who got a message."""
    openids = [openid for openid, _ in messenger.texts]
    assert len(openids) == len(set(openids))
    rows = WechatIdentity.select().where(WechatIdentity.openid.in_(openids))
    return {row.member_id for row in rows}


async def test_members_who_may_be_written_to_are_told_once(db: Any, store: Any) -> None:
    made, other = make_product("陈酿"), make_product()
    wang = _fan(made.sku_id)
    _fan(made.sku_id, "没同意", agreed=False)
    stopped = _fan(made.sku_id, "退订了")
    members.stop_promotions(stopped)
    _fan(made.sku_id, "两天没说话", wrote=False)
    _fan(other.sku_id, "车里是别的")
    cart.add(cart.session_owner(7), made.sku_id)
    limited_price(made.sku_id, tells_carts=True)
    messenger = FakeMessenger()
    for _ in range(3):
        begin_due()
        await _run(store, messenger)
    assert _told(messenger) == {wang}
    ((_, text),) = messenger.texts
    assert text.startswith(
        "promotion_began from_fen=26800 has_more=False label=限时价 titles=陈酿 until="
    )
    why = {row.error for row in Delivery.select().where(Delivery.state == "skipped")}
    assert why == {"not_agreed", "stopped", "window_closed"}


async def test_an_announcement_queued_twice_is_sent_once(db: Any, store: Any) -> None:
    made = make_product()
    wang = _fan(made.sku_id)
    offer_id = limited_price(made.sku_id, tells_carts=True)
    assert offering.announce_promotion(offer_id, "限时价") == 1
    assert offering.announce_promotion(offer_id, "限时价") == 0
    messenger = FakeMessenger()
    await _run(store, messenger)
    assert _told(messenger) == {wang}


def test_a_campaign_that_starts_automatically_is_no_act_of_its_author(db: Any) -> None:
    """``created_by`` is the author of the promotion, who does not act when it begins."""
    made = make_product()
    _fan(made.sku_id)
    with context.acting("staff:lisa"):
        offer_id = limited_price(made.sku_id, tells_carts=True)
    assert offering.announce_promotion(offer_id, "限时价") == 1
    campaign = PushCampaign.get()
    assert campaign.created_by == "staff:lisa"
    assert audit.history("campaign") == []
    started, drafted = audit.system_history("campaign", campaign.id)
    assert (drafted.action, started.action) == ("campaign.draft", "campaign.start")
    assert started.actor == "outbox:push.offer"
    assert started.after == {
        "carrier": "service", "audience": {"kind": "members", "count": 1},
        "asked_by": "staff:lisa",
    }  # fmt: skip


async def test_nobody_is_told_unless_the_merchant_chose_it(db: Any, store: Any) -> None:
    made = make_product()
    _fan(made.sku_id)
    limited_price(made.sku_id)
    messenger = FakeMessenger()
    begin_due()
    await _run(store, messenger)
    assert messenger.texts == []


@pytest.mark.parametrize("when", ["before carts are read", "before a message leaves"])
async def test_a_stopped_promotion_is_not_announced(db: Any, store: Any, when: str) -> None:
    made, messenger = make_product(), FakeMessenger()
    _fan(made.sku_id)
    _at(NIGHT)
    offer_id = limited_price(made.sku_id, tells_carts=True)
    begin_due()
    if when == "before a message leaves":
        await _run(store, messenger)
        assert messenger.texts == []  # quiet hours
        assert PushCampaign.get().state == "sending"
    stop(offer_id)
    pass_time(hours=12)
    await _run(store, messenger)
    assert messenger.texts == []
    if when == "before a message leaves":
        row = PushCampaign.get()
        assert (row.state, row.stop_cause) == ("stopped", "offer_over")
    else:
        assert not PushCampaign.select().exists()


async def test_a_promotion_that_ends_in_the_quiet_hours_is_not_announced(
    db: Any, store: Any
) -> None:
    made, messenger = make_product(), FakeMessenger()
    _fan(made.sku_id)
    _at(NIGHT)
    limited_price(made.sku_id, tells_carts=True, ends_at=clock.now() + timedelta(hours=3))
    begin_due()
    await _run(store, messenger)
    pass_time(hours=12)
    await _run(store, messenger)
    assert messenger.texts == []
    assert PushCampaign.get().stop_cause == "offer_over"


async def test_quiet_hours_delay_the_announcement(db: Any, store: Any) -> None:
    made, messenger = make_product(), FakeMessenger()
    wang = _fan(made.sku_id)
    _at(NIGHT)
    limited_price(made.sku_id, tells_carts=True)
    begin_due()
    await _run(store, messenger)
    assert messenger.texts == []
    pass_time(hours=12)
    await _run(store, messenger)
    assert _told(messenger) == {wang}


async def test_the_announcement_counts_towards_the_weekly_cap(db: Any, store: Any) -> None:
    settings.change(settings.PushRules, {"weekly_cap": 1})
    made, messenger = make_product(), FakeMessenger()
    _fan(made.sku_id)
    for _ in range(2):
        limited_price(made.sku_id, tells_carts=True)
        begin_due()
        await _run(store, messenger)
    assert len(messenger.texts) == 1
    assert Delivery.get(Delivery.state == "skipped").error == "capped"


async def test_an_announcement_above_the_daily_limit_waits_for_a_person(
    db: Any, store: Any
) -> None:
    settings.change(settings.StaffCeilings, {"sends_person_day": 0})
    context.actor.set("staff:operator")
    made, messenger = make_product(), FakeMessenger()
    _fan(made.sku_id)
    limited_price(made.sku_id, tells_carts=True)
    begin_due()
    await _run(store, messenger)
    assert messenger.texts == []
    campaign = PushCampaign.get()
    assert campaign.state == "draft"
    told = [row.payload for row in OutboxRow.select() if row.kind == "notify.owner"]
    assert [(t["purpose"], t["facts"]) for t in told] == [
        ("promotion_untold", {"campaign_id": campaign.id, "why": "second_person"})
    ]


def test_sold_out_goods_are_not_announced(db: Any) -> None:
    made = make_product(stock=0)
    offer_id = limited_price(made.sku_id, tells_carts=True)
    assert offering.promotion_notice(offer_id) is None
