"""Stored notices: each one through every carrier, and rows of the former release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.notices import ChatNotices
from bot.speech import Speech
from domain import members, notices, outbox, push, service_desk
from domain.distribution.notices import CommissionReleased
from domain.notices import Notice
from domain.payments.notices import RefundBraked
from domain.push import planning
from kernel import clock
from kernel.errors import Invalid
from kernel.web.templates import Renderer
from models import Gift, OutboxRow, Payee, PayoutBill, PushCampaign, WechatIdentity
from tests.face.chat import config_with
from tests.factories.distribution import make_customer, make_distributor, make_rule, sell
from tests.factories.gifts import paid_gift, take
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger
from tests.factories.notices import declared, told
from tests.factories.orders import ship_all
from tests.factories.pickups import make_place, ready_pickup

pytestmark = pytest.mark.usefixtures("wired")
CONFIG = config_with()
WORDS = ChatNotices(Speech(Renderer(CONFIG), CONFIG.public_url))


@dataclass(frozen=True)
class Rows:
    """The rows that notices refer to, and the recipient."""

    member_id: int
    openid: str
    ids: dict[str, Any]
    special: dict[str, dict[str, int]]
    """The ids of orders of a kind of their own, by how the keys of their notices begin."""


def _make() -> Rows:
    member_id = make_distributor()
    openid = str(WechatIdentity.get(WechatIdentity.member == member_id).openid)
    members.follow(APPID, openid)
    make_rule(1000)
    buyer = make_customer(member_id)
    order_id = sell(buyer, paid_fen=10000)
    number = service_desk.open_ticket(buyer, "什么时候发货？")
    service_desk.answer_ticket(number, "今天下午发货。", "staff:1")
    payee = Payee.get_or_none() or Payee.create(owner_kind="member", owner_id=member_id,
                                                updated_at=clock.now())  # fmt: skip
    bill = PayoutBill.create(source="commission", source_id=1, payee=payee.id,
                             out_bill_no="WD26112900000001", made_at=clock.now())  # fmt: skip
    campaign = PushCampaign.create(title="双十一", carrier="service", content={}, audience={},
                                   created_by="staff:1", created_at=clock.now())  # fmt: skip
    ids = {
        "order_id": order_id, "customer_id": buyer, "ticket_no": number, "bill_id": bill.id,
        "campaign_id": campaign.id, "subject": "T9",
    }  # fmt: skip
    gift, pickup = paid_gift(), ready_pickup(make_place())
    take(gift)
    gift_id = Gift.get(Gift.order == gift.order_id).id
    special = {
        "gift": {"order_id": gift.order_id, "gift_id": gift_id, "parcel_id": ship_all(gift)},
        "pickup": {"order_id": pickup.order_id},
    }
    return Rows(member_id, openid, ids, special)


def _stored(notice: type[Notice], rows: Rows) -> dict[str, Any]:
    """A notice's facts as the registry stores them."""
    all_facts = told(notice).facts | rows.ids
    all_facts |= rows.special.get(notice.KEY.partition("_")[0], {})
    kept = {f.name for f in notices.facts_of(notice) if f.is_stored}
    made: Any = notice
    written = made(**{k: v for k, v in all_facts.items() if k in kept})
    return notices.stored_facts(written)


def _payload(notice: type[Notice], rows: Rows) -> dict[str, Any]:
    return {"member_id": rows.member_id, "purpose": notice.KEY, "facts": _stored(notice, rows)}


@pytest.fixture
def by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off the quiet hours and what ends a notice, so that none waits or is dropped."""
    monkeypatch.setattr(planning, "quiet_now", lambda: None)
    monkeypatch.setattr(planning, "_may_get", lambda *_: True)


async def test_every_notice_leaves_by_every_carrier_that_may_carry_it(
    store: Any, by_day: None
) -> None:
    rows = await store.write(_make)
    await store.write(members.record_message, APPID, rows.openid)
    everything = declared()
    assert len(everything) > 40
    for notice in everything:
        messenger = FakeMessenger()
        payload = _payload(notice, rows)
        how = await push.send_notice(store, messenger, WORDS, payload, "n1")  # type: ignore[arg-type]
        assert (how, len(messenger.texts)) == ("window", 1), notice.KEY
    clock.set_offset(timedelta(days=3))  # the window is closed
    for kind, carrier in (("template", "template"), ("subscription", "subscription")):
        await store.write(_choose, kind, rows.member_id)
        for notice in everything:
            messenger = FakeMessenger()
            payload = _payload(notice, rows)
            how = await push.send_notice(store, messenger, WORDS, payload, "n1")  # type: ignore[arg-type]
            assert how == (carrier if notice.OCCASION else "no_way"), notice.KEY
            sent = messenger.templates + messenger.subscriptions
            assert [set(m.values) for m in sent] == ([{"thing1", "time2"}] if sent else [])


def _choose(kind: str, member_id: int) -> None:
    """Choose a template of this kind for each occasion, and none of the other kind."""
    for occasion in (p for p in push.PURPOSES if p != "promotion"):
        other = "subscription" if kind == "template" else "template"
        fields = [("thing1", "事项"), ("time2", "时间")]
        push.save_template(f"{kind}-{occasion}", kind, "通知", fields, "staff:1", occasion)
        known = {each.template_id for each in push.list_templates()}
        if f"{other}-{occasion}" in known:
            push.save_template(
                f"{other}-{occasion}", other, "通知", fields, "staff:1", occasion, is_active=False
            )
        if kind == "subscription":
            for _ in range(30):
                push.add_grant(member_id, f"{kind}-{occasion}")


# Rows as the former release wrote them, each with the text that the chat must show.
BEFORE: list[tuple[str, dict[str, Any], str]] = [
    ("order_paid", {"order_id": 0, "fen": 10000}, "付款成功，订单 FM"),
    ("order_shipped", {"order_id": 0, "company": "顺丰", "tracking_no": "SF1"}, "顺丰 SF1"),
    ("order_refunded", {"order_id": 0, "fen": 500}, "已退款 ¥5.00"),
    ("first_visit", {"product_id": None, "visitors_today": 3}, "第 3 位访客"),
    ("new_customer", {"customer_id": 0, "cause": "scan"}, "一位新朋友成为您的客户"),
    ("commission_pending", {"order_id": 0, "fen": 1490, "level": 2}, "（第 2 级）"),
    ("commission_taken_back",
     {"order_id": 0, "title": "陈酿", "fen": 9, "case_id": 1, "pending_fen": 9,
      "available_fen": 0, "withdrawing_fen": 0, "debt_fen": 0}, "待结算扣 ¥0.09"),
    ("withdrawal_returned",
     {"withdrawal_id": 7, "state": "expired", "reason": "", "fen": 4000}, "¥40.00 没有完成"),
    ("distributor_approved", {"reason": ""}, "申请已通过"),
    ("payee_approved", {"reason": "齐全"}, "审核通过"),
    ("payee_frozen", {"reason": "核对", "until": "2026-12-14"}, "2026-12-14 前复核"),
    ("ticket_answered", {"ticket_no": ""}, "今天下午发货"),
    ("case_return", {"ticket_no": "AS1", "reason": "", "address": "泸州仓"}, "退货地址：泸州仓"),
    ("case_return", {"ticket_no": "AS1", "reason": "", "address": ""}, "退货地址请发送"),
    ("grant_closed", {}, "免确认收款已关闭"),
    ("payout_braked", {"code": "refund_per_day", "limit_fen": 100, "already_fen": 50},
     "退款达到每日上限 ¥1.00"),
    ("payout_braked", {"code": "commission_share", "commission_fen": 1, "sales_fen": 2},
     "比例超过警戒线"),
    ("transfer_differs", {"bill_id": 0, "withdrawal_id": 7, "field": "amount"}, "WD2611290000"),
    ("payout_uncertain", {"bill_id": 0, "withdrawal_id": 7, "code": "X", "fen": 100}, "¥1.00"),
    ("campaign_stopped", {"campaign_id": 0, "why": "block_share", "blocked": 3, "settled": 60},
     "60 条中 3 条"),
    ("wechat_refused",
     {"side": "account", "call": "/cgi-bin/token", "code": "40164", "subject": "",
      "detail": "invalid ip 203.0.113.9", "since": "2026-11-22T01:00:00+00:00", "count": 4},
     "2026-11-22 09:00 起，共 4 次"),
]  # fmt: skip


@pytest.mark.parametrize(("purpose", "facts", "said"), BEFORE, ids=[b[0] for b in BEFORE])
async def test_a_waiting_row_of_the_former_release_is_sent(
    store: Any, by_day: None, purpose: str, facts: dict[str, Any], said: str
) -> None:
    rows = await store.write(_make)
    await store.write(members.record_message, APPID, rows.openid)
    real = {name: rows.ids[name] for name in facts if name in rows.ids and name != "subject"}
    facts = facts | {k: v for k, v in real.items() if facts[k] in (0, "")}
    payload = {"member_id": rows.member_id, "purpose": purpose, "facts": facts}
    messenger = FakeMessenger()
    assert await push.send_notice(store, messenger, WORDS, payload, "n1") == "window"  # type: ignore[arg-type]
    assert said in messenger.texts[0][1]


@pytest.mark.parametrize(
    ("purpose", "facts", "code"),
    [("nobody_knows", {}, "notice_unknown"), ("order_paid", {"fen": 1}, "notice_lacks")],
)
async def test_a_row_without_a_known_notice_is_refused(
    store: Any, purpose: str, facts: dict[str, Any], code: str
) -> None:
    payload = {"member_id": await store.write(make_member), "purpose": purpose, "facts": facts}
    with pytest.raises(Invalid) as refused:
        await push.send_notice(store, FakeMessenger(), WORDS, payload, "n1")  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_a_notice_that_is_not_urgent_waits_for_the_morning(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await store.write(_make)
    await store.write(members.record_message, APPID, rows.openid)
    night = datetime(2026, 11, 29, 15, tzinfo=UTC)  # 23:00 in Shanghai
    clock.set_offset(night - clock.system_now())
    payload = _payload(CommissionReleased, rows)
    with pytest.raises(outbox.Postpone) as waits:
        await push.send_notice(store, FakeMessenger(), WORDS, payload, "n1")  # type: ignore[arg-type]
    assert waits.value.until.astimezone(clock.SHANGHAI).hour == 9
    clock.set_offset(night - clock.system_now() + timedelta(hours=10, minutes=1))
    messenger = FakeMessenger()
    assert await push.send_notice(store, messenger, WORDS, payload, "n1") != "unreachable"  # type: ignore[arg-type]


def test_the_owner_is_told_of_a_subject_once_a_day(db: Any) -> None:
    for _ in range(2):
        for code in ("refund_per_hour", "refund_per_day"):
            notices.notify_owner_daily(_braked(code))
    clock.set_offset(timedelta(hours=25))
    notices.notify_owner_daily(_braked("refund_per_day"))
    rows = [r.payload for r in OutboxRow.select() if r.kind == notices.OWNER]
    told_codes = [r["facts"]["code"] for r in rows]
    assert told_codes == ["refund_per_hour", "refund_per_day", "refund_per_day"]


def _braked(code: Any) -> RefundBraked:
    return RefundBraked(code=code, limit_fen=100, already_fen=50)
