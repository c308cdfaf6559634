"""Paying: only the server decides whether an order is paid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel import clock
from models import Order, Payment, Sku
from tests.face.shoppers import DESKTOP, PHONE, Seen, Shopper
from tests.factories.orders import Bought, placed_order
from tests.factories.pay import FakePay
from tests.harness.markup import count_of, script_data_of, texts_of, values_of, words_of

REFRESH = "meta[http-equiv=refresh]"


def till(seen: Seen) -> dict[str, Any]:
    """What the page gives to the script that pays."""
    found: dict[str, Any] = script_data_of(seen.text, "pay")
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
async def test_inside_wechat_the_page_has_the_parameters_of_the_payment(lin: Shopper) -> None:
    bought = bought_by(lin)
    seen = await lin.get(f"/m/pay/{bought.order_no}?now=1")
    data = till(seen)
    assert data["params"]["package"].startswith("prepay_id=")
    assert data["auto"] is True
    assert data["check"] == f"/m/pay/{bought.order_no}/state"
    again = till(await lin.get(f"/m/pay/{bought.order_no}"))
    assert (again["params"], again["auto"]) == (data["params"], False)
    assert Payment.select().count() == 1


async def test_pages_of_an_unfinished_payment_poll_its_state(lin: Shopper) -> None:
    bought = bought_by(lin)
    pages = (f"/m/orders/{bought.order_no}", f"/m/pay/{bought.order_no}?now=1")
    for page in pages:
        assert count_of((await lin.get(page)).text, "#look") == 0
    for page in pages:
        check = script_data_of((await lin.get(page)).text, "look")
        assert check == {"check": f"/m/pay/{bought.order_no}/state"}
    assert till(await lin.get(pages[1]))["auto"] is False
    Order.update(state="paid").where(Order.id == bought.order_id).execute()
    assert count_of((await lin.get(pages[0])).text, "#look") == 0


@pytest.mark.row("D3")
async def test_on_a_phone_outside_wechat_a_link_leads_to_h5_payment(
    lin: Shopper, pay: FakePay
) -> None:
    bought = bought_by(lin)
    lin.agent = PHONE
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert Payment.get().channel == "h5"
    assert values_of(seen.text, ".weui-btn_primary", "href") == [Payment.get().pay_url]
    assert till(seen)["watch"] is True


@pytest.mark.row("D3")
async def test_on_a_computer_a_code_is_shown(lin: Shopper) -> None:
    bought = bought_by(lin)
    lin.agent = DESKTOP
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert values_of(seen.text, ".poster img", "src") == [f"/m/pay/{bought.order_no}/code.svg"]
    code = await lin.get(f"/m/pay/{bought.order_no}/code.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.headers["Cache-Control"] == "no-store"
    svg = code.text
    assert "<svg" in svg
    assert [row.channel for row in Payment.select()] == ["native"]


async def test_the_state_comes_from_wechat(
    lin: Shopper, pay: FakePay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.trade.paying.ASKS_MOST", 9)
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    waiting = await lin.get(f"/m/pay/{bought.order_no}/result")
    assert texts_of(waiting.text, ".result h1") == ["正在确认付款结果"]
    assert count_of(waiting.text, REFRESH) == 1
    pay.pay(number_of(bought))
    answer = await state_of(lin, bought)
    assert answer == {"state": "paid", "url": f"/m/pay/{bought.order_no}/result"}
    assert bought.row.state == "paid"
    assert texts_of((await lin.get(answer["url"])).text, ".result h1") == ["付款成功"]


async def test_polls_within_a_period_query_wechat_once(
    lin: Shopper, pay: FakePay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.trade.paying.ASK_WECHAT_EACH", 3600)
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    for _ in range(10):
        assert (await state_of(lin, bought))["state"] == "pending"
    assert [name for name, _ in pay.calls].count("query_payment") <= 2


async def test_the_waiting_page_stops_reloading_after_six_times(lin: Shopper) -> None:
    bought = bought_by(lin)
    seen = await lin.get(f"/m/pay/{bought.order_no}/result?n=6")
    assert count_of(seen.text, REFRESH) == 0
    assert texts_of(seen.text, ".result .weui-btn_primary") == ["刷新结果"]


async def test_while_wechat_is_unreachable_the_order_is_kept(lin: Shopper, pay: FakePay) -> None:
    bought = bought_by(lin)
    pay.faults["prepay"].append("busy")
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert seen.status == 503
    assert "订单已为您保留" in words_of(seen.text, ".notice p")
    assert bought.row.state == "awaiting_payment"
    assert (await lin.get(f"/m/pay/{bought.order_no}")).status == 200
    pay.faults["query_payment"].append("busy")
    assert (await state_of(lin, bought))["state"] == "pending"


@pytest.mark.parametrize("end", ["", "/code.svg", "/state", "/result"])
async def test_an_order_of_another_member_is_not_found(
    lin: Shopper, wang: Shopper, end: str
) -> None:
    bought = bought_by(wang)
    seen = await lin.get(f"/m/pay/{bought.order_no}{end}")
    assert seen.status == 404
    assert Payment.select().count() == 0
    assert bought.row.state == "awaiting_payment"


async def test_cancelling_releases_the_stock(lin: Shopper) -> None:
    bought = bought_by(lin, quantity=2)
    await lin.get(f"/m/pay/{bought.order_no}")
    done = await lin.post(f"/m/orders/{bought.order_no}/cancel")
    assert done.location == f"/m/orders/{bought.order_no}"
    sku = Sku.get_by_id(bought.product.sku_id)
    assert (bought.row.state, sku.held, sku.stock) == ("cancelled", 0, 100)
    page = await lin.get(done.location)
    assert "您取消了订单" in words_of(page.text, ".timeline li")
    assert (await lin.get(f"/m/pay/{bought.order_no}")).location.endswith("/result")
    result = await lin.get(f"/m/pay/{bought.order_no}/result")
    assert texts_of(result.text, ".result h1") == ["订单已关闭"]


async def test_a_paid_order_is_not_cancelled(lin: Shopper, pay: FakePay) -> None:
    bought = bought_by(lin)
    await lin.get(f"/m/pay/{bought.order_no}")
    pay.pay(number_of(bought))
    done = await lin.post(f"/m/orders/{bought.order_no}/cancel")
    assert bought.row.state == "paid"
    assert "没有取消" in words_of((await lin.get(done.location)).text, ".toast")


@pytest.mark.parametrize("token", ["", "0" * 40])
async def test_a_wrong_csrf_token_cancels_nothing(lin: Shopper, token: str) -> None:
    bought = bought_by(lin)
    refused = await lin.post(f"/m/orders/{bought.order_no}/cancel", _csrf=token)
    assert refused.status == 403
    assert words_of(refused.text, ".result .note").startswith("页面已过期")
    assert bought.row.state == "awaiting_payment"


async def test_an_order_of_another_member_is_not_cancelled(lin: Shopper, wang: Shopper) -> None:
    bought = bought_by(wang)
    assert (await lin.post(f"/m/orders/{bought.order_no}/cancel")).status == 404
    assert bought.row.state == "awaiting_payment"


async def test_after_its_time_limit_an_order_takes_no_new_payment(lin: Shopper) -> None:
    bought = bought_by(lin)
    Order.update(pay_by_at=clock.now()).where(Order.id == bought.order_id).execute()
    seen = await lin.get(f"/m/pay/{bought.order_no}")
    assert seen.location == f"/m/pay/{bought.order_no}/result"
    assert Payment.select().count() == 0
