"""Paying: the server alone says that an order is paid."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kernel import clock
from models import Order, Payment, Sku
from tests.face.shoppers import DESKTOP, PHONE, Seen, Shopper
from tests.factories.orders import Bought, placed_order
from tests.factories.pay import FakePay

_PAY = re.compile(r'id="pay">(.*?)</script>', re.DOTALL)


def till(seen: Seen) -> dict[str, Any]:
    """What the page hands to its script."""
    found: dict[str, Any] = json.loads(_PAY.findall(seen.text)[0])
    return found


def bought_by(shopper: Shopper, **more: Any) -> Bought:
    return placed_order(shopper.member_id, **more)


def number_of(bought: Bought) -> str:
    return str(Payment.get(Payment.payable_id == bought.order_id).out_trade_no)


async def state_of(shopper: Shopper, bought: Bought) -> dict[str, Any]:
    seen = await shopper.get(f"/m/pay/{bought.order_no}/state")
    assert seen.status == 200
    answer: dict[str, Any] = json.loads(seen.text)
    return answer


@pytest.mark.row("D3")
async def test_inside_wechat_the_sheet_gets_its_arguments(lin: Shopper) -> None:
    bought = bought_by(lin)
    seen = await lin.get(f"/m/pay/{bought.order_no}?now=1")
    data = till(seen)
    assert data["params"]["package"].startswith("prepay_id=")
    assert data["auto"] is True
    assert data["check"] == f"/m/pay/{bought.order_no}/state"
    again = till(await lin.get(f"/m/pay/{bought.order_no}"))
    assert (again["params"], again["auto"]) == (data["params"], False)
    assert Payment.select().count() == 1


async def test_pages_of_a_payment_that_was_left_look_whether_it_came(lin: Shopper) -> None:
    bought = bought_by(lin)
    look = f'id="look">{{"check": "/m/pay/{bought.order_no}/state"}}'
    pages = (f"/m/orders/{bought.order_no}", f"/m/pay/{bought.order_no}?now=1")
    for page in pages:
        assert 'id="look"' not in (await lin.get(page)).text
    for page in pages:
        assert look in (await lin.get(page)).text
    assert till(await lin.get(pages[1]))["auto"] is False
    Order.update(state="paid").where(Order.id == bought.order_id).execute()
    assert 'id="look"' not in (await lin.get(pages[0])).text


@pytest.mark.row("D3")
async def test_on_a_phone_outside_a_link_leads_to_the_h5_till(lin: Shopper, pay: FakePay) -> None:
    bought = bought_by(lin)
    lin.agent = PHONE
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert Payment.get().channel == "h5"
    assert Payment.get().pay_url in seen.text
    assert till(seen)["watch"] is True


@pytest.mark.row("D3")
async def test_on_a_computer_a_code_is_scanned(lin: Shopper) -> None:
    bought = bought_by(lin)
    lin.agent = DESKTOP
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert f"/m/pay/{bought.order_no}/code.svg" in seen.text
    code = await lin.get(f"/m/pay/{bought.order_no}/code.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.headers["Cache-Control"] == "no-store"
    assert "<svg" in code.text
    assert [row.channel for row in Payment.select()] == ["native"]


async def test_the_state_is_asked_of_wechat_not_of_the_page(
    lin: Shopper, pay: FakePay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.trade.paying.ASKS_MOST", 9)
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    waiting = await lin.get(f"/m/pay/{bought.order_no}/result")
    assert "正在确认付款结果" in waiting.text
    assert 'http-equiv="refresh"' in waiting.text
    pay.pay(number_of(bought))
    answer = await state_of(lin, bought)
    assert answer == {"state": "paid", "url": f"/m/pay/{bought.order_no}/result"}
    assert bought.row.state == "paid"
    assert "付款成功" in (await lin.get(answer["url"])).text


async def test_wechat_is_asked_seldom_however_often_the_page_polls(
    lin: Shopper, pay: FakePay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.trade.paying.ASK_WECHAT_EACH", 3600)
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    for _ in range(10):
        assert (await state_of(lin, bought))["state"] == "pending"
    assert [name for name, _ in pay.calls].count("query_payment") <= 2


async def test_the_waiting_page_stops_reloading(lin: Shopper) -> None:
    bought = bought_by(lin)
    seen = await lin.get(f"/m/pay/{bought.order_no}/result?n=6")
    assert 'http-equiv="refresh"' not in seen.text
    assert "刷新结果" in seen.text


async def test_while_wechat_is_away_the_order_is_kept(lin: Shopper, pay: FakePay) -> None:
    bought = bought_by(lin)
    pay.faults["prepay"].append("busy")
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert seen.status == 503
    assert "订单已为您保留" in seen.text
    assert bought.row.state == "awaiting_payment"
    assert (await lin.get(f"/m/pay/{bought.order_no}")).status == 200
    pay.faults["query_payment"].append("busy")
    assert (await state_of(lin, bought))["state"] == "pending"


@pytest.mark.parametrize("end", ["", "/code.svg", "/state", "/result"])
async def test_another_s_order_is_not_found(lin: Shopper, wang: Shopper, end: str) -> None:
    bought = bought_by(wang)
    seen = await lin.get(f"/m/pay/{bought.order_no}{end}")
    assert seen.status == 404
    assert Payment.select().count() == 0
    assert bought.row.state == "awaiting_payment"


async def test_cancelling_frees_the_goods(lin: Shopper) -> None:
    bought = bought_by(lin, quantity=2)
    await lin.get(f"/m/pay/{bought.order_no}")
    done = await lin.post(f"/m/orders/{bought.order_no}/cancel")
    assert done.location == f"/m/orders/{bought.order_no}"
    sku = Sku.get_by_id(bought.product.sku_id)
    assert (bought.row.state, sku.held, sku.stock) == ("cancelled", 0, 100)
    page = await lin.get(done.location)
    assert "您取消了订单" in page.text
    assert (await lin.get(f"/m/pay/{bought.order_no}")).location.endswith("/result")
    assert "订单已关闭" in (await lin.get(f"/m/pay/{bought.order_no}/result")).text


async def test_money_that_came_first_wins_over_cancelling(lin: Shopper, pay: FakePay) -> None:
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    pay.pay(number_of(bought))
    done = await lin.post(f"/m/orders/{bought.order_no}/cancel")
    assert bought.row.state == "paid"
    assert "没有取消" in (await lin.get(done.location)).text


@pytest.mark.parametrize("token", ["", "0" * 40])
async def test_a_wrong_token_cancels_nothing(lin: Shopper, token: str) -> None:
    bought = bought_by(lin)
    refused = await lin.post(f"/m/orders/{bought.order_no}/cancel", _csrf=token)
    assert refused.status == 403
    assert "页面已过期" in refused.text
    assert bought.row.state == "awaiting_payment"


async def test_another_s_order_is_not_cancelled(lin: Shopper, wang: Shopper) -> None:
    bought = bought_by(wang)
    assert (await lin.post(f"/m/orders/{bought.order_no}/cancel")).status == 404
    assert bought.row.state == "awaiting_payment"


async def test_an_order_whose_time_is_up_takes_no_new_payment(lin: Shopper) -> None:
    bought = bought_by(lin)
    Order.update(pay_by_at=clock.now()).where(Order.id == bought.order_id).execute()
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert seen.location == f"/m/pay/{bought.order_no}/result"
    assert Payment.select().count() == 0
