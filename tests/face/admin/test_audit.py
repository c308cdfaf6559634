"""The logs of people's acts and of the system's events; the page of an order shows both."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin.diffs import diff
from admin.event_words import EVENT, part_of
from domain import audit
from kernel import context
from tests.face.desk import Desk, hire
from tests.face.shop_with_data import Shop
from tests.factories.orders import paid_order
from tests.harness.markup import count_of, is_nowhere, table_of, texts_of, values_of, words_of


@pytest.fixture
def events(db: Any) -> None:
    """A refund of a case that was due, one that WeChat refused, a grant closed in WeChat."""
    with context.acting("periodic:cases.due"):
        audit.record_either("refund.begin", "payment", 5, after={"refund_id": 6, "cause": "case"})
    with context.acting("outbox:payments.refund"):
        audit.record_event("refund.abnormal", "refund", 6, facts={"why": "NOT_ENOUGH"})
    audit.record_event("grant.closed", "payee", 7, facts={"reason": "本人关闭"}, source="wechat")
    audit.record("order.note", "order", 3, after={"note": "急"}, actor="staff:boss")


async def test_the_log_of_people_has_only_people_s_acts(desk: Desk, events: None) -> None:
    _, page = await desk.get("/admin/audit")
    assert table_of(page)[0][2] == "商家备注"
    for name in ("退款异常", "发起退款", "微信里关闭免确认收款"):
        assert name not in words_of(page)


async def test_the_system_s_events_stand_on_a_page_of_their_own(desk: Desk, events: None) -> None:
    _, log = await desk.get("/admin/audit")
    assert "/admin/audit/system" in values_of(log, ".views a", "href")
    _, page = await desk.get("/admin/audit/system")
    assert [row[1:] for row in table_of(page)] == [
        ["微信里关闭免确认收款", "收款人 7", "原因：本人关闭", "微信"],
        ["退款异常", "退款 6", "微信答复：商户号余额不足", "提交退款"],
        ["发起退款", "付款 5", "事由：售后，退款编号：6", "售后到期"],
    ]
    assert "商家备注" not in words_of(page)


@pytest.mark.parametrize(
    ("query", "shown"),
    [("kind=refund", ["退款异常"]), ("kind=payment&target=5", ["发起退款"]),
     ("event=grant.closed", ["微信里关闭免确认收款"]), ("kind=payment&target=9", []),
     ("kind=refund&event=refund.begin", []), ("kind=nonsense&event=nonsense", None)],
)  # fmt: skip
async def test_events_are_filtered(
    desk: Desk, events: None, query: str, shown: list[str] | None
) -> None:
    _, page = await desk.get(f"/admin/audit/system?{query}")
    if shown is None:
        assert len(table_of(page)) == 3
    else:
        assert [row[1] for row in table_of(page)] == shown
        assert texts_of(page, "#list .empty h2") == ([] if shown else ["没有符合条件的记录"])


async def test_the_next_page_of_events_keeps_the_filter(desk: Desk) -> None:
    for n in range(31):
        audit.record_event("refund.abnormal", "refund", n)
        audit.record_event("commission.void", "order", n)
    _, page = await desk.get("/admin/audit/system?event=refund.abnormal")
    assert len(table_of(page)) == 30
    (further,) = values_of(page, "a[rel=next]", "href")
    _, page = await desk.get(further)
    assert [row[1:3] for row in table_of(page)] == [["退款异常", "退款 0"]]
    assert count_of(page, "a[rel=next]") == 0


async def test_the_log_s_right_is_needed_for_both_logs(desk: Desk, events: None) -> None:
    hire("lisa", "service")
    desk.sign_in("lisa")
    for path in ("/admin/audit", "/admin/audit/system"):
        status, page = await desk.get(path)
        assert status == 403
        assert is_nowhere(page, "退款异常")


async def test_an_order_s_page_shows_both_and_names_the_system(desk: Desk) -> None:
    bought = paid_order()
    audit.record("order.note", "order", bought.order_id, actor="staff:boss")
    audit.record_event("order.payment_returned", "order", bought.order_id, source="wechatpay")
    _, page = await desk.get(f"/admin/orders/{bought.order_no}")
    shown = texts_of(page, ".timeline li")
    assert [act for act in shown if act.startswith("付款自动退回") and "系统" in act]
    assert [act for act in shown if act.startswith("商家备注") and act.endswith("Boss")]


async def test_a_distributor_s_page_shows_both(desk: Desk, shop: Shop) -> None:
    audit.record_event("withdrawal.adopt", "distributor", shop.distributor_id)
    _, page = await desk.get(f"/admin/distributors/{shop.distributor_id}")
    shown = texts_of(page, ".timeline li")
    assert [act for act in shown if act.startswith("按账单补记提现") and "系统" in act]


def test_the_kind_of_an_offer_has_a_name() -> None:
    assert diff("offer", {"kind": "limited_price"}) == "类型：限时价"


@pytest.mark.parametrize(
    ("source", "text"),
    [("periodic:orders.close", "关闭超时订单"), ("outbox:push.offer", "通知购物车会员"),
     ("wechatpay", "微信支付"), ("restore", "恢复备份"), ("system", "系统"),
     ("periodic:of.old", "of.old"), ("seed", "初始数据")],
)  # fmt: skip
def test_the_part_that_acted_is_said_in_chinese(source: str, text: str) -> None:
    assert part_of(source) == text


@pytest.mark.parametrize(
    ("kind", "facts", "text"),
    [
        ("staff", {"door": "password", "from": "origin"}, "入口：密码，来自：网络地址"),
        ("payment", {"field": "mchid"}, "字段：商户号"),
        ("payout", {"state": "SUCCESS", "ours": "returned"}, "状态：已到账，本店状态：已退回余额"),
        ("order", {"why": "suspended_or_frozen"}, "原因：分销商已暂停或冻结"),
        ("sku", {"code": "A1"}, "商家编码：A1"),
        ("campaign", {"asked_by": "staff:lisa"}, "设置人：lisa"),
    ],
)
def test_facts_of_events_are_said_in_chinese(kind: str, facts: Any, text: str) -> None:
    assert diff(kind, facts) == text


def test_every_event_has_a_name() -> None:
    assert all(re.search(r"[\u4e00-\u9fff]", name) for name in EVENT.values())
