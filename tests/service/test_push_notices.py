"""Notices to one member: by the open window, otherwise by a template, never twice."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain import members, outbox, push, settings
from domain.push import wiring
from domain.push.ports import Template
from kernel import clock
from kernel.errors import Invalid, Refused, Retryable, Unknown
from models import WechatIdentity
from tests.factories.distribution import make_customer, make_distributor, make_rule, sell
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger, Words

PAID: dict[str, Any] = {"withdrawal_id": 7, "fen": 1490}


def _fan(*, wrote: bool = True) -> tuple[int, str]:
    member_id = make_member()
    openid = str(WechatIdentity.get(WechatIdentity.member == member_id).openid)
    members.follow(APPID, openid)
    if wrote:
        members.record_message(APPID, openid)
    else:
        clock.set_offset(
            clock.offset() + timedelta(minutes=2)
        )  # after the minute that a follow opens
    return member_id, openid


def _template() -> None:
    push.save_template("T9", "template", "提现到账", [("thing1", "事项")], "staff:1", "withdrawal")


async def _tell(
    store: Any,
    messenger: FakeMessenger,
    member_id: int,
    purpose: str = "withdrawal_paid",
    **facts: Any,
) -> str:
    facts = PAID | facts if purpose == "withdrawal_paid" else facts
    payload = {"member_id": member_id, "purpose": purpose, "facts": facts}
    return await push.send_notice(store, messenger, Words(), payload, "n1")  # type: ignore[arg-type]


async def test_an_open_window_is_used_before_a_template(store: Any) -> None:
    member_id, openid = _fan()
    _template()
    messenger = FakeMessenger()
    assert await _tell(store, messenger, member_id, fen=100) == "window"
    assert messenger.texts == [
        (openid, "withdrawal_paid fee_fen=0 fen=100 tax_fen=0 withdrawal_id=7")
    ]
    assert messenger.templates == []


async def test_a_new_follower_is_told_within_the_first_minute(store: Any) -> None:
    member_id, openid = _fan(wrote=False)
    members.follow(APPID, openid)
    messenger = FakeMessenger()
    assert await _tell(store, messenger, member_id, fen=100) == "window"
    clock.set_offset(clock.offset() + timedelta(minutes=1))
    assert await _tell(store, messenger, member_id, fen=100) == "no_way"


@pytest.mark.parametrize("code", ["45015", "45047"])
async def test_a_template_is_used_if_wechat_says_that_the_window_is_closed(
    store: Any, code: str
) -> None:
    member_id, openid = _fan()
    _template()
    messenger = FakeMessenger(faults={openid: [Refused(code)]})
    assert await _tell(store, messenger, member_id) == "template"
    sent = messenger.templates[0]
    assert (sent.template_id, sent.client_id, dict(sent.values), sent.url) == (
        "T9",
        "n1",
        {"thing1": "事项"},
        "http://mall/withdrawal_paid",
    )


async def test_without_window_and_template_nothing_is_sent(store: Any) -> None:
    member_id, _ = _fan(wrote=False)
    messenger = FakeMessenger()
    assert await _tell(store, messenger, member_id) == "no_way"
    _template()
    assert await _tell(store, messenger, member_id, "first_visit", visitors_today=1) == "no_way"
    assert (messenger.texts, messenger.templates) == ([], [])
    assert await _tell(store, messenger, member_id) == "template"


async def test_a_member_who_unfollowed_is_not_written_to(store: Any) -> None:
    member_id, openid = _fan()
    members.unfollow(APPID, openid)
    messenger = FakeMessenger()
    assert await _tell(store, messenger, member_id) == "unreachable"
    assert messenger.texts == []


@pytest.mark.parametrize("wrote", [True, False])
async def test_an_unknown_outcome_is_not_repeated(store: Any, wrote: bool) -> None:
    member_id, openid = _fan(wrote=wrote)
    _template()
    messenger = FakeMessenger(faults={openid: [Unknown("timeout")]})
    assert await _tell(store, messenger, member_id) == "unknown"
    assert (messenger.texts, messenger.templates) == ([], [])


async def test_an_error_before_sending_is_raised_for_a_retry(store: Any) -> None:
    member_id, openid = _fan()
    messenger = FakeMessenger(faults={openid: [Retryable("-1")]})
    with pytest.raises(Retryable):
        await _tell(store, messenger, member_id)
    assert await _tell(store, messenger, member_id) == "window"


async def test_facts_name_orders_and_no_people_who_did_not_agree(store: Any) -> None:
    lin = make_distributor()
    openid = str(WechatIdentity.get(WechatIdentity.member == lin).openid)
    members.follow(APPID, openid)
    make_rule(1000)
    buyer = make_customer(lin)
    order = sell(buyer, paid_fen=10000)
    messenger = FakeMessenger()
    await _tell(store, messenger, lin, "commission_pending", order_id=order, fen=1000, level=1)
    await _tell(store, messenger, lin, "new_customer", customer_id=buyer, cause="scan")
    first, second = (text for _, text in messenger.texts)
    assert "order_no=FM" in first
    assert second == f"new_customer cause=scan customer_id={buyer}"


async def test_alarms_are_sent_to_the_configured_people(store: Any) -> None:
    member_id, openid = _fan()
    settings.change(settings.PushRules, {"alert_member_ids": (member_id,)})
    messenger = FakeMessenger()
    payload = {"purpose": "payouts_stopped", "facts": {"why": "核对"}}
    assert await push.send_owner_notice(store, messenger, Words(), payload, "n5") == 1  # type: ignore[arg-type]
    assert messenger.texts == [(openid, "payouts_stopped actor= cause= why=核对")]


async def test_templates_are_imported_and_missing_ones_switched_off(store: Any) -> None:
    _template()
    messenger = FakeMessenger(
        private=(
            Template(
                "T1", "发货通知", "商品：{{thing1.DATA}}\n单号：{{character_string2.DATA}}", ""
            ),
        )
    )
    assert await push.sync_templates(store, messenger) == 1  # type: ignore[arg-type]
    found = {t.template_id: t for t in push.list_templates()}
    assert found["T1"].fields == (("thing1", "商品"), ("character_string2", "单号"))
    assert (found["T1"].is_active, found["T9"].is_active) == (True, False)
    push.set_purpose("T1", "order_shipped", "staff:1")
    chosen = push.template_for("order_shipped")
    assert chosen is not None
    assert chosen.template_id == "T1"


def test_marketing_words_in_a_service_template_are_reported(db: Any) -> None:
    found = push.save_template("T2", "template", "优惠到账", [("thing1", "红包")], "staff:1")
    assert [w.word for w in found] == ["优惠", "红包"]


@pytest.mark.parametrize("code", ["48001", "45002", "99999"])
async def test_after_a_refusal_in_the_window_a_template_is_used_or_the_error_raised(
    store: Any, code: str
) -> None:
    member_id, openid = _fan()
    messenger = FakeMessenger(faults={openid: [Refused(code), Refused(code)]})
    with pytest.raises(Refused, match=code):
        await _tell(store, messenger, member_id)
    _template()
    assert await _tell(store, messenger, member_id) == "template"


@pytest.mark.parametrize("code", ["40164", "45009", "40001"])
async def test_a_notice_waits_while_the_account_cannot_send(store: Any, code: str) -> None:
    member_id, openid = _fan()
    messenger = FakeMessenger(faults={openid: [Refused(code)]})
    run = wiring.handlers(store, messenger, Words())["notify.member"]  # type: ignore[arg-type]
    payload = {"member_id": member_id, "purpose": "withdrawal_paid", "facts": PAID}
    with pytest.raises(outbox.Postpone):
        await run(payload, SimpleNamespace(id=7))
    await run(payload, SimpleNamespace(id=7))
    assert len(messenger.texts) == 1


@pytest.mark.parametrize("code", ["47003", "40037"])
async def test_a_refused_template_raises_an_error(store: Any, code: str) -> None:
    """Before, a row refused with 47003 was marked as done, and the notice was lost unnoticed."""
    member_id, openid = _fan(wrote=False)
    _template()
    messenger = FakeMessenger(faults={openid: [Refused(code)]})
    with pytest.raises(Refused, match=code):
        await _tell(store, messenger, member_id)
    assert (
        await _tell(store, messenger, member_id) == "template"
    )  # after the template was corrected


async def test_after_a_refused_template_a_granted_subscription_notice_is_used(store: Any) -> None:
    member_id, openid = _fan(wrote=False)
    _template()
    push.save_template("S1", "subscription", "提现到账", [("thing1", "事项")], "staff:1",
                       "withdrawal")  # fmt: skip
    push.add_grant(member_id, "S1")
    messenger = FakeMessenger(faults={openid: [Refused("47003")]})
    assert await _tell(store, messenger, member_id) == "subscription"
    assert [m.template_id for m in messenger.subscriptions] == ["S1"]
    assert push.grants_of(member_id) == {}
    messenger.faults[openid] = [Refused("47003")]
    with pytest.raises(Refused, match="47003"):
        await _tell(store, messenger, member_id)


@pytest.mark.parametrize(
    ("error", "left", "outcome"),
    [(Refused("43004"), {"S1": 1}, "refused:43004"), (Refused("43101"), {}, "refused:43101"),
     (Unknown("no_answer"), {}, "unknown")],
)  # fmt: skip
async def test_consent_is_returned_only_for_messages_certainly_not_sent(
    store: Any, error: Exception, left: dict[str, int], outcome: str
) -> None:
    member_id, openid = _fan(wrote=False)
    push.save_template("S1", "subscription", "提现到账", [("thing1", "事项")], "staff:1",
                       "withdrawal")  # fmt: skip
    push.add_grant(member_id, "S1")
    messenger = FakeMessenger(faults={openid: [error]})
    assert await _tell(store, messenger, member_id) == outcome
    assert push.grants_of(member_id) == left


async def test_a_template_with_a_missing_value_is_not_sent(store: Any) -> None:
    member_id, _ = _fan(wrote=False)
    _template()

    class Lacking(Words):
        def values(self, *_: Any) -> dict[str, str]:
            return {}

    payload = {"member_id": member_id, "purpose": "withdrawal_paid", "facts": PAID}
    messenger = FakeMessenger()
    with pytest.raises(Refused, match="template_unfit"):
        await push.send_notice(store, messenger, Lacking(), payload, "n1")  # type: ignore[arg-type]
    assert messenger.templates == []


async def test_a_refusal_for_one_owner_does_not_affect_the_other(store: Any) -> None:
    (one, openid), (two, other) = _fan(), _fan()
    settings.change(settings.PushRules, {"alert_member_ids": (one, two)})
    messenger = FakeMessenger(faults={openid: [Refused("45015")]})
    payload = {"purpose": "payouts_stopped", "facts": {"why": "核对"}}
    assert await push.send_owner_notice(store, messenger, Words(), payload, "n5") == 1  # type: ignore[arg-type]
    assert [who for who, _ in messenger.texts] == [other]


@pytest.mark.parametrize(
    ("purpose", "field"),
    [("order_shipped", ("amount1", "订单金额")), ("ticket", ("phone_number2", "联系电话")),
     ("commission", ("const1", "收益类型")), ("refund", ("car_number1", "车牌")),
     ("order_paid", ("number3", "购买数量"))],
)  # fmt: skip
def test_a_template_whose_field_no_notice_can_fill_is_not_chosen(
    db: Any, purpose: str, field: tuple[str, str]
) -> None:
    push.save_template("T3", "template", "通知", [("thing1", "事项"), field], "staff:1")
    with pytest.raises(Invalid) as refused:
        push.set_purpose("T3", purpose, "staff:1")
    assert (refused.value.code, refused.value.facts["fields"]) == ("template_unfit", field[1])
    push.set_purpose("T3", "promotion", "staff:1")  # a person fills in the fields of a promotion
    with pytest.raises(Invalid):
        push.save_template("T3", "subscription", "通知", [field], "staff:1", purpose)
