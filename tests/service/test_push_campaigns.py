"""Campaigns from draft to receipts: allowed recipients only, and no message twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import members, push, settings
from domain.push import sending
from domain.push.audience import people_after
from domain.push.views import CampaignForm
from kernel import clock
from kernel.chat import Event
from kernel.errors import Conflict, Invalid, Refused, Retryable, Unknown
from models import Delivery, OutboxRow, PushCampaign, SubscriptionGrant, WechatIdentity
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    pass_time,
    place_sale,
    sell,
)
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger

NOON = datetime(2031, 8, 6, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> None:
    """Set the clock to noon, outside the quiet hours."""
    clock.set_offset(clock.offset() + (NOON - clock.now()))


async def _no_pause(_: float) -> None:
    return None


def make_fan(name: str = "小王", *, agreed: bool = True, wrote: bool = True) -> int:
    """A follower who by default agreed to promotions and wrote lately."""
    member_id = make_member(name)
    openid = WechatIdentity.get(WechatIdentity.member == member_id).openid
    members.follow(APPID, openid)
    if wrote:
        members.record_message(APPID, openid)
    if agreed:
        members.agree_to_promotions(member_id)
    return member_id


def _openid(member_id: int) -> str:
    return str(WechatIdentity.get(WechatIdentity.member == member_id).openid)


def form(carrier: str = "service", **changes: Any) -> CampaignForm:
    """The form of a promotion to everybody by this carrier."""
    content: dict[str, Any] = {"text": "中秋新品到店，欢迎品鉴"}
    if carrier in ("template", "subscription"):
        content = {"template_id": "T1", "values": {"thing1": "新品到店"}, "url": "http://m/"}
        push.save_template("T1", carrier, "到店通知", [("thing1", "商品")], "staff:1")
    values: dict[str, Any] = {
        "title": "中秋新品",
        "carrier": carrier,
        "content": content,
        "audience": {"kind": "all"},
    }
    return CampaignForm(**(values | changes))


async def _run(store: Any, messenger: FakeMessenger, campaign_id: int) -> None:
    """Handle the campaign's outbox rows in order until none is left."""

    async def finish(verb: Any, *args: Any, **kwargs: Any) -> None:
        await store.write(verb, *args, **kwargs)

    for _ in range(50):
        row = (
            OutboxRow.select()
            .where(
                OutboxRow.kind.startswith("push.")
                & (OutboxRow.state == "due")
                & (OutboxRow.next_at <= clock.now())
            )
            .order_by(OutboxRow.id)
            .first()
        )
        if row is None:
            return
        if row.kind == "push.expand":
            await store.write(sending.insert_next_deliveries, campaign_id, row.payload["after"])
        elif row.kind == "push.send":
            await push.send_chunk(
                store,
                messenger,
                campaign_id,
                finish,
                pause=_no_pause,  # type: ignore[arg-type]
            )
        OutboxRow.update(state="done").where(OutboxRow.id == row.id).execute()
    raise AssertionError("the campaign never ends")


async def _send(store: Any, messenger: FakeMessenger, campaign: CampaignForm) -> int:
    campaign_id = push.draft_campaign(campaign, "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    await _run(store, messenger, campaign_id)
    return campaign_id


def _states(campaign_id: int) -> dict[str, int]:
    return push.campaign_detail(campaign_id).counts


def test_the_preview_counts_recipients_and_exclusions_by_carrier(db: Any) -> None:
    make_fan("小王")
    make_fan("阿慧", agreed=False)
    stopped = make_fan("老周")
    members.stop_promotions(stopped)
    make_fan("小林", wrote=False)
    make_member("路人")
    accepted = make_fan("小张")
    push.add_grant(accepted, "T1")
    found = push.preview_reach(form("template"))
    assert found.audience == 6
    assert found.of("template").refusal == "template_promotion_off"
    assert found.of("mass").reached == 3
    assert found.of("mass").excluded == {"not_agreed": 2, "stopped": 1}
    assert found.of("service").excluded == {"not_agreed": 2, "stopped": 1, "window_closed": 1}
    assert found.of("subscription").reached == 1
    assert found.risks == ("template_promotion_risks_account",)
    notice = push.preview_reach(form("template", is_promotion=False))
    assert notice.of("template").refusal is None
    assert (notice.of("template").reached, notice.of("template").excluded) == (
        5,
        {"not_following": 1},
    )


def test_words_of_the_lint_block_or_warn(db: Any) -> None:
    bad = form(content={"text": "顶级佳酿，分享得好礼"})
    campaign_id = push.draft_campaign(bad, "staff:1")
    found = push.preview_reach_of_campaign(campaign_id)
    assert [w.word for w in found.blocking] == ["顶级", "分享得好礼"]
    with pytest.raises(Invalid, match="words_blocked"):
        push.start_campaign(campaign_id, "staff:1")
    assert PushCampaign.get().state == "draft"
    assert OutboxRow.select().count() == 0
    warned = push.preview_reach(form("template", is_promotion=False, title="限时优惠"))
    assert [w.word for w in warned.warnings] == ["限时", "优惠"]
    assert warned.blocking == ()


def test_a_template_promotion_starts_only_with_the_owners_switch(db: Any) -> None:
    campaign_id = push.draft_campaign(form("template"), "staff:1")
    with pytest.raises(Invalid, match="template_promotion_off"):
        push.start_campaign(campaign_id, "staff:1")
    settings.change(settings.PushRules, {"allow_template_promotion": True})
    push.start_campaign(campaign_id, "staff:1")
    assert PushCampaign.get().state == "sending"
    with pytest.raises(Conflict):
        push.start_campaign(campaign_id, "staff:1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "x"}, "title_length"),
        ({"carrier": "pigeon"}, "carrier_unknown"),
        ({"audience": {"kind": "enemies"}}, "audience_unknown"),
        ({"audience": {"kind": "members", "member_ids": []}}, "audience_empty"),
        ({"content": {"text": " "}}, "text_missing"),
    ],
)
def test_a_bad_draft_is_refused(db: Any, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        push.draft_campaign(form(**changes), "staff:1")
    assert PushCampaign.select().count() == 0


async def test_a_campaign_reaches_allowed_members_and_records_why_not_others(store: Any) -> None:
    wang, hui = make_fan("小王"), make_fan("阿慧", wrote=False)
    messenger = FakeMessenger()
    campaign_id = await _send(store, messenger, form())
    assert messenger.texts == [(_openid(wang), "中秋新品到店，欢迎品鉴")]
    view = push.campaign_detail(campaign_id)
    assert (view.state, view.audience_size, view.counts) == ("done", 2, {"sent": 1, "skipped": 1})
    results = {d.member_id: (d.state, d.error) for d in push.list_deliveries(campaign_id)}
    assert results == {wang: ("sent", None), hui: ("skipped", "window_closed")}


async def test_a_member_who_unsubscribes_before_their_message_gets_none(store: Any) -> None:
    wang, hui = make_fan("小王"), make_fan("阿慧")
    settings.change(settings.PushRules, {"per_second": 1})
    campaign_id = push.draft_campaign(form(), "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    await store.write(sending.insert_next_deliveries, campaign_id, 0)
    members.stop_promotions(hui)
    OutboxRow.delete().execute()
    sending.insert_next_deliveries(campaign_id, hui)
    messenger = FakeMessenger()
    await _run(store, messenger, campaign_id)
    assert [openid for openid, _ in messenger.texts] == [_openid(wang)]
    assert _states(campaign_id) == {"sent": 1, "skipped": 1}


async def test_the_weekly_cap_holds_across_campaigns(store: Any) -> None:
    make_fan()
    settings.change(settings.PushRules, {"weekly_cap": 1})
    messenger = FakeMessenger()
    await _send(store, messenger, form())
    second = await _send(store, messenger, form())
    assert len(messenger.texts) == 1
    assert push.list_deliveries(second)[0].error == "capped"
    pass_time(days=7, minutes=1)
    WechatIdentity.update(last_message_at=clock.now()).execute()
    await _send(store, messenger, form())
    assert len(messenger.texts) == 2


async def test_promotions_wait_for_the_end_of_the_quiet_hours(store: Any) -> None:
    make_fan()
    pass_time(hours=10)
    WechatIdentity.update(last_message_at=clock.now()).execute()
    messenger = FakeMessenger()
    campaign_id = await _send(store, messenger, form())
    assert messenger.texts == []
    assert PushCampaign.get().state == "sending"
    waiting = OutboxRow.get((OutboxRow.kind == "push.send") & (OutboxRow.state == "due"))
    assert abs(waiting.next_at - datetime(2031, 8, 7, 1, tzinfo=UTC)) < timedelta(seconds=5)
    pass_time(hours=11, minutes=1)
    await _run(store, messenger, campaign_id)
    assert len(messenger.texts) == 1


async def test_each_of_a_hundred_messages_has_its_outcome_recorded(store: Any) -> None:
    people = [make_fan(f"会员{n}") for n in range(140)]
    errors = {3: Refused("40003"), 70: Unknown("timeout"), 71: Refused("43004"), 139: Unknown("x")}
    messenger = FakeMessenger(faults={_openid(people[n]): [e] for n, e in errors.items()})
    settings.change(settings.PushRules, {"per_second": 130})
    campaign_id = await _send(store, messenger, form("template", is_promotion=False))
    assert _states(campaign_id) == {"sent": 136, "failed": 2, "unknown": 2}
    kept = {d.member_id: d for d in Delivery.select()}
    for number, member_id in enumerate(people):
        error = errors.get(number)
        msg_id = None if error else f"msg-{_openid(member_id)}"
        assert kept[member_id].msg_id == msg_id
        assert kept[member_id].error == (error.code if error else None)
    assert [m.client_id for m in messenger.templates if m.openid == _openid(people[5])] == [
        f"d{kept[people[5]].id}"
    ]
    assert len({m.client_id for m in messenger.templates}) == 136


@pytest.mark.parametrize("days", [None, 30])
async def test_buyers_and_never_bought_are_complementary_audiences(
    store: Any, days: int | None
) -> None:
    lin = make_distributor("小林")
    bought, looked = make_customer(lin, "小王"), make_customer(lin, "阿慧")
    sell(bought)
    place_sale(looked)
    within = {"days": days} if days else {}

    def whose(kind: str, **more: Any) -> list[int]:
        return [p.member_id for p in people_after({"kind": kind} | more, 0)]

    assert whose("buyers", **within) == [bought]
    assert whose("never_bought", **within) == [lin, looked]
    assert whose("distributors") == [lin]
    assert whose("members", member_ids=[looked, lin]) == [lin, looked]
    assert [p.member_id for p in people_after({"kind": "all"}, lin)] == [bought, looked]
    pass_time(days=31)
    assert whose("buyers", **within) == ([] if days else [bought])


async def test_a_message_with_an_unknown_outcome_is_not_sent_again(store: Any) -> None:
    wang = make_fan()
    messenger = FakeMessenger(faults={"*": [Unknown("timeout")]})
    campaign_id = await _send(store, messenger, form())
    assert _states(campaign_id) == {"unknown": 1}
    assert messenger.texts == []
    assert push.list_deliveries(campaign_id)[0].member_id == wang


async def test_messages_of_a_broken_run_become_unknown_and_are_not_sent_again(store: Any) -> None:
    make_fan()
    campaign_id = push.draft_campaign(form(), "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    await store.write(sending.insert_next_deliveries, campaign_id, 0)
    chunk = await store.write(sending.claim_chunk, campaign_id)
    assert len(chunk.items) == 1
    OutboxRow.delete().execute()
    sending.queue_next_chunk(campaign_id, was_put_back=False)
    messenger = FakeMessenger()
    await _run(store, messenger, campaign_id)
    assert messenger.texts == []
    assert _states(campaign_id) == {"unknown": 1}


async def test_a_message_certainly_not_sent_is_retried_after_a_minute(store: Any) -> None:
    make_fan()
    messenger = FakeMessenger(faults={"*": [Retryable("45011")]})
    campaign_id = await _send(store, messenger, form())
    assert _states(campaign_id) == {"queued": 1}
    pass_time(minutes=2)
    await _run(store, messenger, campaign_id)
    assert _states(campaign_id) == {"sent": 1}
    assert PushCampaign.get().state == "done"


async def test_a_refusal_of_the_account_stops_the_campaign(store: Any) -> None:
    for _ in range(3):
        make_fan()
    settings.change(settings.PushRules, {"per_second": 1})
    messenger = FakeMessenger(faults={"*": [Refused("48001")]})
    campaign_id = await _send(store, messenger, form())
    view = push.campaign_detail(campaign_id)
    assert (view.state, view.stop_cause) == ("stopped", "48001")
    assert view.counts == {"failed": 1, "queued": 2}


async def test_a_stop_leaves_queued_messages_unsent(store: Any) -> None:
    make_fan()
    campaign_id = push.draft_campaign(form(), "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    await store.write(sending.insert_next_deliveries, campaign_id, 0)
    with pytest.raises(Invalid, match="reason_missing"):
        push.stop_campaign(campaign_id, "staff:1", "")
    push.stop_campaign(campaign_id, "staff:1", "内容有误")
    messenger = FakeMessenger()
    await _run(store, messenger, campaign_id)
    assert messenger.texts == []
    assert _states(campaign_id) == {"queued": 1}


async def test_a_paused_campaign_continues_after_the_last_message(store: Any) -> None:
    make_fan()
    campaign_id = push.draft_campaign(form(), "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    push.pause_campaign(campaign_id, "staff:1")
    messenger = FakeMessenger()
    await _run(store, messenger, campaign_id)
    assert messenger.texts == []
    push.resume_campaign(campaign_id, "staff:1")
    await _run(store, messenger, campaign_id)
    assert len(messenger.texts) == 1


async def test_receipts_are_counted_and_too_many_blocks_stop_the_campaign(store: Any) -> None:
    settings.change(settings.PushRules, {"allow_template_promotion": True, "per_second": 60})
    fans = [make_fan(f"粉丝{n}") for n in range(61)]
    messenger = FakeMessenger()
    campaign_id = push.draft_campaign(form("template"), "staff:1")
    push.start_campaign(campaign_id, "staff:1")

    async def finish(verb: Any, *args: Any, **kwargs: Any) -> None:
        await store.write(verb, *args, **kwargs)

    await store.write(sending.insert_next_deliveries, campaign_id, 0)
    await push.send_chunk(store, messenger, campaign_id, finish, pause=_no_pause)  # type: ignore[arg-type]
    assert len(messenger.templates) == 60
    assert len({m.client_id for m in messenger.templates}) == 60
    for n, fan in enumerate(fans[:60]):
        status = "failed:user block" if n in (10, 59) else "success"
        assert push.receive_template_result(f"msg-{_openid(fan)}", status)
    view = push.campaign_detail(campaign_id)
    assert (view.state, view.stop_cause) == ("stopped", "block_share")
    assert view.counts == {"delivered": 58, "blocked": 2, "queued": 1}
    told = [r.payload for r in OutboxRow.select() if r.kind == "notify.owner"]
    assert told[0]["facts"]["why"] == "block_share"
    assert not push.receive_template_result("msg-nobody", "success")


async def test_one_consent_allows_one_subscription_notice(store: Any) -> None:
    wang, hui = make_fan("小王"), make_fan("阿慧")
    push.add_grant(wang, "T1")
    messenger = FakeMessenger()
    await _send(store, messenger, form("subscription"))
    assert [m.openid for m in messenger.subscriptions] == [_openid(wang)]
    assert push.grants_of(wang) == {}
    second = await _send(store, messenger, form("subscription"))
    assert _states(second) == {"skipped": 2}
    assert hui not in {m.openid for m in messenger.subscriptions}


@pytest.mark.parametrize(("code", "left"), [("43101", 0), ("47003", 2)])
async def test_consent_is_returned_for_a_notice_that_was_not_sent(
    store: Any, code: str, left: int
) -> None:
    wang = make_fan()
    for _ in range(2):
        push.add_grant(wang, "T1")
    await _send(store, FakeMessenger(faults={"*": [Refused(code)]}), form("subscription"))
    assert SubscriptionGrant.get().remaining == left


async def test_a_mass_send_is_one_call_repeated_under_its_number(store: Any) -> None:
    fans = [make_fan(f"粉丝{n}", wrote=False) for n in range(3)]
    messenger = FakeMessenger(faults={"*": [Unknown("timeout")]})
    campaign_id = push.draft_campaign(form("mass"), "staff:1")
    push.start_campaign(campaign_id, "staff:1")
    with pytest.raises(Unknown):
        await _run(store, messenger, campaign_id)
    await _run(store, messenger, campaign_id)
    first, second = messenger.masses
    assert first.client_id == second.client_id
    assert first.openids == second.openids == tuple(_openid(f) for f in fans)
    assert _states(campaign_id) == {"sent": 3}
    assert push.receive_mass_result("mass-1", "send success")
    assert _states(campaign_id) == {"delivered": 3}


async def test_a_mass_send_needs_two_recipients(store: Any) -> None:
    make_fan()
    messenger = FakeMessenger()
    campaign_id = await _send(store, messenger, form("mass"))
    assert messenger.masses == []
    assert push.list_deliveries(campaign_id)[0].error == "mass_needs_two"


def test_events_of_subscriptions_and_receipts(db: Any) -> None:
    wang = make_fan()

    def said(kind: str, tag: str, **entry: str) -> Event:
        facts = {tag: {"List": {"TemplateId": "T1", **entry}}}
        return Event(_openid(wang), "gh", clock.now(), kind=kind, facts=facts)

    popup = said(
        "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", SubscribeStatusString="accept"
    )
    assert push.receive_event(popup, wang)
    assert push.receive_event(popup, wang)
    assert push.grants_of(wang) == {"T1": 2}
    change = said(
        "subscribe_msg_change_event", "SubscribeMsgChangeEvent", SubscribeStatusString="reject"
    )
    assert push.receive_event(change, wang)
    assert push.grants_of(wang) == {}
    early = Event(
        _openid(wang),
        "gh",
        clock.now(),
        kind="templatesendjobfinish",
        message_id="77",
        status="success",
    )
    assert push.receive_event(early, wang)
    row = OutboxRow.get(OutboxRow.kind == "push.receipt")
    assert row.payload == {"kind": "templatesendjobfinish", "msg_id": "77", "status": "success"}
    assert not push.receive_event(Event("o", "gh", clock.now(), kind="click"), wang)
    assert Delivery.select().count() == 0


@pytest.mark.parametrize("carrier", ["service", "mass"])
def test_a_promotion_is_no_longer_than_wechat_takes(db: Any, carrier: str) -> None:
    """2000 Chinese characters are 6000 bytes; WeChat answered 45002 for each recipient."""
    assert push.draft_campaign(form(carrier, content={"text": "字" * 682}), "staff:1")
    with pytest.raises(Invalid) as refused:
        push.draft_campaign(form(carrier, content={"text": "字" * 683}), "staff:1")
    assert (refused.value.code, refused.value.facts["limit"]) == ("text_too_long", 682)
