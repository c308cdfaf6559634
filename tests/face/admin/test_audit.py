"""Two views: what people did, and what the system did by itself; a thing's page shows both."""

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

CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def rows(page: str) -> list[list[str]]:
    """The table's cells as text."""
    return [
        [" ".join(TAG.sub(" ", cell).split()) for cell in CELL.findall(row)]
        for row in page.split("<tr>")[2:]
    ]


@pytest.fixture
def events(db: Any) -> None:
    """What a night leaves: refunds by silence, a refusal of WeChat's, a grant ended in WeChat."""
    with context.acting("periodic:cases.due"):
        audit.record_either("refund.begin", "payment", 5, after={"refund_id": 6, "cause": "case"})
    with context.acting("outbox:payments.refund"):
        audit.record_event("refund.abnormal", "refund", 6, facts={"why": "NOT_ENOUGH"})
    audit.record_event("grant.closed", "payee", 7, facts={"reason": "本人关闭"}, source="wechat")
    audit.record("order.note", "order", 3, after={"note": "急"}, actor="staff:boss")


async def test_the_log_of_people_has_nobody_elses_act(desk: Desk, events: None) -> None:
    _, page = await desk.get("/admin/audit")
    assert "商家备注" in page
    for text in ("退款异常", "发起退款", "微信里关闭免确认收款"):
        assert text not in page


async def test_the_systems_events_are_read_beside_it(desk: Desk, events: None) -> None:
    _, log = await desk.get("/admin/audit")
    assert 'href="/admin/audit/system"' in log
    _, page = await desk.get("/admin/audit/system")
    assert [row[1:] for row in rows(page)] == [
        ["微信里关闭免确认收款", "收款人 7", "原因：本人关闭", "微信"],
        ["退款异常", "退款 6", "微信答复：商户号余额不足", "提交退款"],
        ["发起退款", "付款 5", "事由：售后，退款编号：6", "售后到期"],
    ]
    assert "商家备注" not in page


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
        assert len(rows(page)) == 3
    else:
        assert [row[1] for row in rows(page)] == shown
        assert ("没有符合条件的记录" in page) == (not shown)


async def test_events_have_pages_that_keep_the_filter(desk: Desk) -> None:
    for n in range(31):
        audit.record_event("refund.abnormal", "refund", n)
        audit.record_event("commission.void", "order", n)
    _, page = await desk.get("/admin/audit/system?event=refund.abnormal")
    assert len(rows(page)) == 30
    (further,) = re.findall(r'rel="next" href="([^"]+)"', page)
    _, page = await desk.get(further.replace("&amp;", "&"))
    assert [row[1:3] for row in rows(page)] == [["退款异常", "退款 0"]]
    assert 'rel="next"' not in page


async def test_who_may_not_read_the_log_reads_no_events(desk: Desk, events: None) -> None:
    hire("lisa", "service")
    desk.sign_in("lisa")
    for path in ("/admin/audit", "/admin/audit/system"):
        status, page = await desk.get(path)
        assert status == 403
        assert "退款异常" not in page


async def test_an_orders_page_shows_both_and_marks_the_systems(desk: Desk) -> None:
    bought = paid_order()
    audit.record("order.note", "order", bought.order_id, actor="staff:boss")
    audit.record_event("order.payment_returned", "order", bought.order_id, source="wechatpay")
    _, page = await desk.get(f"/admin/orders/{bought.order_no}")
    shown = " ".join(TAG.sub(" ", page[page.index("操作记录") :]).split())
    assert re.search(r"系统.*付款自动退回|付款自动退回.*系统", shown)
    assert re.search(r"Boss.*商家备注|商家备注.*Boss", shown)


async def test_a_distributors_page_shows_both(desk: Desk, shop: Shop) -> None:
    audit.record_event("withdrawal.adopt", "distributor", shop.distributor_id)
    _, page = await desk.get(f"/admin/distributors/{shop.distributor_id}")
    shown = page[page.index("操作记录") :]
    assert "按账单补记提现" in shown
    assert "系统" in shown


def test_the_kind_of_an_offer_was_shown_by_its_code() -> None:
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
