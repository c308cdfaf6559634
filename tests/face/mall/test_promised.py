"""Pages, chat answers and rules all use the merchant's own promises from the settings."""

from __future__ import annotations

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
from tests.harness.markup import is_nowhere, texts_of, values_of, words_of

CHANGED = {
    "ship_within_hours": 31, "free_return_days": 16, "send_back_days": 12,
    "question_answer_hours": 19, "complaint_answer_hours": 57, "application_answer_days": 13,
}  # fmt: skip


@pytest.fixture
def changed(db: object) -> None:
    """Settings with other times than the defaults."""
    settings.change(Service, CHANGED)
    settings.change(Trade, {"refund_answer_hours": 41, "pay_within_minutes": 77})
    front = {"slogan": "山里来的酒", "shelf_title": "本店的酒", "search_hint": "想喝什么"}
    settings.change(Storefront, front)


def hours_until(instant: datetime) -> int:
    return round((instant - clock.now()).total_seconds() / 3600)


async def test_every_page_shows_the_promises_of_the_settings(changed: None, lin: Shopper) -> None:
    assert lin.member_id is not None
    product = make_product(price_fen=5900)
    make_address(lin.member_id)
    order = paid_order(lin.member_id, product=product)
    trio = [(".promise", each) for each in ("31 小时内发货", "16 天无理由退货", "破损包赔")]
    pages = {
        "/m/": [*trio, (".brandbar small", "山里来的酒"), (".section-head h2", "本店的酒")],
        f"/m/p/{product.product_id}": [
            *trio, (".ask", "31 小时内发出"), (".ask + .ask + .ask", "16 日内"),
        ],
        f"/m/checkout?sku={product.sku_id}&qty=1": trio,
        "/m/cart": [(".empty p", "31 小时内发出")],
        f"/m/orders/{order.order_no}": [(".state p", "31 小时内发货")],
        "/m/complaint": [(".choice", "19 小时内答复"), (".choice + .choice", "57 小时内处理")],
    }  # fmt: skip
    for path, said in pages.items():
        seen = await lin.get(path)
        for place, each in said:
            assert each in words_of(seen.text, place), (path, each)
        for other in ("24", "48", "72"):
            assert is_nowhere(seen.text, f"{other}小时"), path
            assert is_nowhere(seen.text, f"{other} 小时"), path
    for path in ("/m/", "/m/category"):
        hints = values_of((await lin.get(path)).text, "input[type=search]", "placeholder")
        assert hints == ["想喝什么"], path


async def test_a_promise_that_is_switched_off_is_on_no_page(lin: Shopper) -> None:
    product = make_product(price_fen=5900)
    settings.change(Service, {"covers_breakage": False})
    for path in ("/m/", f"/m/p/{product.product_id}"):
        seen = await lin.get(path)
        assert len(texts_of(seen.text, ".promise li")) > 1, path
        assert is_nowhere(seen.text, "破损包赔"), path


async def test_the_chat_names_the_same_times(changed: None, chat: Chat, me: int) -> None:
    said = [(await chat.say(words)).text for words in ("多久发货", "投诉", "留言")]
    assert "31 小时内发货" in said[0]
    assert "57 小时内答复" in said[1]
    assert "19 小时内答复" in said[2]


def test_a_return_is_possible_for_the_promised_days(changed: None, wired: None) -> None:
    """The page once promised 16 days while the rule refused after seven."""
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


def test_a_complaint_is_due_at_the_promised_time(changed: None) -> None:
    service_desk.open_ticket(make_member(), "瓶子碎了", "complaint")
    assert hours_until(ServiceTicket.get().due_at) == 57


def test_fewer_days_than_the_law_requires_are_refused(db: object) -> None:
    with pytest.raises(Invalid, match="setting_bad"):
        settings.change(Service, {"free_return_days": 6})
    assert promises.current().free_return_days == 7
