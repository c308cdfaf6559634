"""What the shop promises is said by every page, answer and notice as the settings have it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from domain import aftersales, promises, service_desk, settings
from domain.aftersales import CaseForm
from domain.settings import Service, Storefront, Trade
from kernel import clock
from kernel.errors import Invalid
from models import AfterSale, Order, OrderLine, ServiceTicket
from tests.face.chat import Chat
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address, make_member
from tests.factories.orders import paid_order, received_order

CHANGED = {
    "ship_within_hours": 31, "free_return_days": 16, "send_back_days": 12,
    "question_answer_hours": 19, "complaint_answer_hours": 57, "application_answer_days": 13,
}  # fmt: skip


@pytest.fixture
def changed(db: object) -> None:
    """A merchant who promises other times than the shop comes with."""
    settings.change(Service, CHANGED)
    settings.change(Trade, {"refund_answer_hours": 41, "pay_within_minutes": 77})
    front = {"slogan": "山里来的酒", "shelf_title": "本店的酒", "search_hint": "想喝什么"}
    settings.change(Storefront, front)


def hours_until(instant: datetime) -> int:
    return round((instant - clock.now()).total_seconds() / 3600)


async def test_every_page_that_promises_says_what_the_merchant_set(
    changed: None, lin: Shopper
) -> None:
    assert lin.member_id is not None
    product = make_product(price_fen=5900)
    make_address(lin.member_id)
    order = paid_order(lin.member_id, product=product)
    trio = ("31 小时内发货", "16 天无理由退货", "破损包赔")
    pages = {
        "/m/": (*trio, "山里来的酒", "本店的酒", "想喝什么"),
        "/m/category": ("想喝什么",),
        f"/m/p/{product.product_id}": (*trio, "31 小时内发出", "16 日内"),
        f"/m/checkout?sku={product.sku_id}&qty=1": trio,
        "/m/cart": ("31 小时内发出",),
        f"/m/orders/{order.order_no}": ("31 小时内发货",),
        "/m/complaint": ("19 小时内答复", "57 小时内处理"),
    }
    for path, said in pages.items():
        text = (await lin.get(path)).text
        for each in said:
            assert each in text, (path, each)
        assert not re.search(r"(48|24|72) ?小时", text), path


async def test_what_is_not_promised_any_more_is_gone_from_the_pages(lin: Shopper) -> None:
    product = make_product(price_fen=5900)
    settings.change(Service, {"covers_breakage": False})
    for path in ("/m/", f"/m/p/{product.product_id}"):
        assert "破损包赔" not in (await lin.get(path)).text


async def test_the_chat_says_the_same(changed: None, chat: Chat, me: int) -> None:
    assert "31 小时内发货" in (await chat.say("多久发货")).text
    assert "57 小时内答复" in (await chat.say("投诉")).text
    assert "19 小时内答复" in (await chat.say("留言")).text


def test_the_rules_keep_what_is_promised(changed: None, wired: None) -> None:
    """The page said 16 days and the rule still refused after seven."""
    buyer = make_member()
    order = received_order(buyer)
    row = Order.get(Order.order_no == order.order_no)
    line = OrderLine.get(OrderLine.order == row.id)
    earlier = clock.now() - timedelta(days=15)
    Order.update(received_at=earlier).where(Order.id == row.id).execute()
    form = CaseForm(buyer, order.order_no, "return", ((line.id, 1),), "no_reason")
    made = aftersales.request_case(form)
    case = AfterSale.get(AfterSale.case_no == made["case_no"])
    assert hours_until(case.due_at) == 41


def test_a_complaint_is_due_when_it_was_promised(changed: None) -> None:
    service_desk.open_ticket(make_member(), "瓶子碎了", "complaint")
    assert hours_until(ServiceTicket.get().due_at) == 57


def test_the_law_is_the_least(db: object) -> None:
    with pytest.raises(Invalid, match="setting_bad"):
        settings.change(Service, {"free_return_days": 6})
    assert promises.current().free_return_days == 7
