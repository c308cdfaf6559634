"""Amounts that a merchant types are repeated before they are paid, or refused."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from domain import aftersales, distribution, ledger
from domain.distribution.service.clawback import EXPENSE
from domain.ledger import Posting, member_account
from kernel.money import yuan, yuan_grouped
from models import Order, Product, Refund, Sku
from tests.face.desk import Desk
from tests.face.shop_with_data import Shop
from tests.factories.catalog import make_product
from tests.factories.distribution import make_distributor
from tests.factories.orders import paid_order, received_order
from tests.harness.markup import facts_of, fields_of, texts_of, values_of, words_of

_keys = count(1)
WORDS = {"reason": "补偿", "_typed": "退款"}


def idem() -> str:
    return f"typed-money-{next(_keys):06d}"


async def _look(desk: Desk, bought: Any, **typed: str) -> tuple[int, str]:
    url = f"/admin/orders/{bought.order_no}/refund"
    return await desk.post(url, **WORDS, **typed, _idem=idem())


async def _refund(desk: Desk, bought: Any, **typed: str) -> str:
    """What the desk says; after a refusal the order's page keeps the amount that was typed."""
    url = f"/admin/orders/{bought.order_no}/refund"
    status, page = await desk.post_seen(url, **WORDS, **typed, _idem=idem())
    if status != 422:
        return await desk.said()
    if "amount" in typed:
        assert typed["amount"] in values_of(page, "input[name=amount]", "value")
    return next(iter(texts_of(page, ".notice-bad p")), "")


def _seen(page: str) -> list[str]:
    """The amounts that a page's forms say they showed."""
    return values_of(page, "input[name=_seen]", "value")


def _paid_back() -> list[int]:
    return [row.amount_fen for row in Refund.select().order_by(Refund.id)]


async def test_another_amount_for_unshipped_goods_is_refused(desk: Desk) -> None:
    bought = paid_order()
    line = bought.line_ids[0]
    said = await _refund(desk, bought, scope="part", amount="150", **{f"q{line}": "1"})
    assert said.startswith("未完成：选中的未发货商品只能按实付全额退 ¥")
    assert "不能退 ¥150.00；只退一部分钱，请勾选" in said
    assert _paid_back() == []
    said = await _refund(desk, bought, scope="part", amount="150", **{f"money{line}": "0"})
    assert said == "退款 ¥150.00 已发起，结果以微信支付为准"
    assert _paid_back() == [15000]


async def test_freight_is_not_added_to_an_amount_that_was_typed(desk: Desk) -> None:
    bought = paid_order(province="西藏自治区")
    line = bought.line_ids[0]
    order = Order.get_by_id(bought.order_id)
    assert order.freight_fen > 0
    goods = f"{(order.payable_fen - order.freight_fen) // 100}"
    said = await _refund(desk, bought, scope="part", amount=goods, **{f"q{line}": "1"})
    assert said.startswith("未完成：")
    assert _paid_back() == []
    whole = f"{order.payable_fen // 100}.{order.payable_fen % 100:02d}"
    _, page = await _look(desk, bought, scope="part", amount=whole, **{f"q{line}": "1"})
    assert words_of(page, ".second-sum") == f"将退款 ¥{whole}"
    assert "含运费" in facts_of(page)
    said = await _refund(desk, bought, scope="part", amount=whole, **{f"q{line}": "1"})
    assert _paid_back() == [order.payable_fen]


async def test_the_page_repeats_the_amount_and_the_payee_before_it_pays(desk: Desk) -> None:
    bought = received_order()
    typed = {"scope": "part", "amount": "１．５０元", f"money{bought.line_ids[0]}": "0"}
    status, page = await _look(desk, bought, **typed)
    assert status == 200
    assert words_of(page, ".second-sum") == "将退款 ¥1.50"
    assert "退给" in facts_of(page)
    assert "只退金额，不退货" in texts_of(page, ".facts dd")
    assert _seen(page) == ["150"]
    assert _paid_back() == []
    assert await _refund(desk, bought, **typed) == "退款 ¥1.50 已发起，结果以微信支付为准"
    assert _paid_back() == [150]


@pytest.mark.parametrize(
    ("amount", "told"),
    [("1,50", "逗号位置不对"), ("99,9", "逗号位置不对"), ("1e2", "不要用 e 表示"),
     ("-1", "不能是负数"),
     ("0.001", "最多两位小数"), ("0", "金额应在"), ("1.5.0", "只能有一个小数点"),
     ("999999", "金额应在")],
)  # fmt: skip
async def test_an_amount_with_a_decimal_comma_or_other_mistake_is_refused(
    desk: Desk, amount: str, told: str
) -> None:
    bought = received_order()
    said = await _refund(
        desk, bought, scope="part", amount=amount, **{f"money{bought.line_ids[0]}": "0"}
    )
    assert said.startswith("未完成：")
    assert told in said
    assert _paid_back() == []


async def test_an_amount_that_changed_since_it_was_shown_is_shown_again(desk: Desk) -> None:
    bought = received_order(quantity=2)
    line, url = bought.line_ids[0], f"/admin/orders/{bought.order_no}/refund"
    whole = {"scope": "all", "_idem": idem(), **WORDS}
    _, page = await desk.post(url, **whole)
    shown = Order.get_by_id(bought.order_id).paid_fen
    assert _seen(page) == [str(shown)]
    await _refund(desk, bought, scope="part", **{f"q{line}": "1"})
    (first,) = _paid_back()
    status, page = await desk.post(url, **whole, _seen=str(shown))
    assert status == 200
    assert "请重新核对" in words_of(page, ".second-look .note")
    assert _seen(page) == [str(shown - first)]
    assert _paid_back() == [first]


async def test_a_field_that_does_not_fit_the_chosen_way_is_refused(desk: Desk) -> None:
    bought = received_order(quantity=2)
    line = bought.line_ids[0]
    for typed, told in (
        ({"scope": "all", "amount": "5"}, "整单退款不能指定件数或金额"),
        ({"scope": "all", f"q{line}": "1"}, "整单退款不能指定件数或金额"),
        ({"scope": "part", f"q{line}": "1", f"money{line}": "0", "amount": "5"}, "请留一种"),
        ({"scope": "part", f"money{line}": "0"}, "请填写金额"),
        ({"scope": "part", "amount": "5"}, "请填写要退的数量或金额"),
        ({"scope": "part", f"q{line}": "1.5"}, "请填写整数，不要小数"),
        ({"scope": "part", f"q{line}": "9"}, "1 到 2"),
    ):
        said = await _refund(desk, bought, **typed)
        assert said.startswith("未完成："), typed
        assert told in said, (typed, said)
    assert _paid_back() == []


# --- other money


async def test_an_approved_case_pays_the_amount_that_was_shown(desk: Desk, shop: Shop) -> None:
    url = f"/admin/aftersales/{shop.case_id}"
    total = aftersales.case_detail_for_merchant(shop.case_id).total_fen
    _, page = await desk.get(url)
    assert _seen(page) == [str(total)]
    status, page = await desk.post(f"{url}/approve", note="")
    assert status == 200
    assert words_of(page, ".second-sum") == f"将退款 ¥{yuan(total)}"
    await desk.post(f"{url}/approve", note="", _seen=str(total - 1))
    assert "请重新核对" in await desk.said()
    assert _paid_back() == []
    await desk.post(f"{url}/approve", note="", _seen=str(total))
    assert await desk.said() == f"已同意，退款 ¥{yuan(total)} 已发起"
    assert _paid_back() == [total]


async def test_the_amount_of_a_write_off_is_repeated_before_it_is_booked(desk: Desk) -> None:
    seller = make_distributor()
    owed = Posting("back:test", member_account("debt", seller), EXPENSE, 5_000, "take_back")
    ledger.post([owed], "test", 1)
    url = f"/admin/distributors/{seller}/write-off"
    typed = {"amount": "20元", "reason": "协商", "_typed": "核销"}
    status, page = await desk.post(url, **typed)
    assert status == 200
    assert words_of(page, ".second-sum") == "将核销 ¥20.00"
    assert distribution.distributor_figures(seller).debt_fen == 5_000
    await desk.post(url, **typed, _seen="100")
    assert distribution.distributor_figures(seller).debt_fen == 5_000
    await desk.post_seen(url, **typed)
    assert await desk.said() == "已核销欠款 ¥20.00"
    assert distribution.distributor_figures(seller).debt_fen == 3_000


# --- prices


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("0", "¥0.00"), ("2.98", "¥2.98"), ("29800", "¥29,800.00"), ("3万", "¥30,000.00")],
)
async def test_a_price_of_zero_or_far_from_the_present_one_is_confirmed(
    desk: Desk, typed: str, shown: str
) -> None:
    made = make_product(price_fen=29_800)
    url = f"/admin/products/{made.product_id}/skus/{made.sku_id}"
    form = {"price": typed, "spec_text": "500ml", "low_stock": "10", "weight_g": "0"}
    status, page = await desk.post(url, **form)
    assert status == 200
    assert words_of(page, ".second-sum") == f"售价 {shown}"
    assert "原售价" in facts_of(page)
    assert Sku.get_by_id(made.sku_id).price_fen == 29_800
    await desk.post_seen(url, **form)
    assert await desk.said() == f"规格已保存，售价 {shown}"
    assert f"¥{yuan_grouped(Sku.get_by_id(made.sku_id).price_fen)}" == shown


async def test_a_usual_price_is_saved_at_once_and_named(desk: Desk) -> None:
    made = make_product(price_fen=29_800)
    url = f"/admin/products/{made.product_id}/skus/{made.sku_id}"
    await desk.post(url, price="￥258元", spec_text="500ml", low_stock="10", weight_g="0")
    assert await desk.said() == "规格已保存，售价 ¥258.00"
    assert Sku.get_by_id(made.sku_id).price_fen == 25_800


@pytest.mark.parametrize("typed", ["99,9", "1e3", "12.345", "一百", "-1", "1 000", "$5", ""])
async def test_an_ambiguous_price_changes_nothing(desk: Desk, typed: str) -> None:
    made = make_product(price_fen=29_800)
    url = f"/admin/products/{made.product_id}/skus/{made.sku_id}"
    await desk.post_seen(url, price=typed, spec_text="500ml", low_stock="10", weight_g="0")
    assert (await desk.said()).startswith("未完成：")
    assert Sku.get_by_id(made.sku_id).price_fen == 29_800


async def test_a_new_product_of_zero_price_keeps_what_was_typed(desk: Desk) -> None:
    shelf = Product.get_by_id(make_product().product_id).category_id
    form = {"title": "赠品", "category_id": str(shelf), "price": "0", "stock": "1,000件",
            "low_stock": "5", "weight_g": "0", "position": "0"}  # fmt: skip
    status, page = await desk.post("/admin/products/new", **form)
    assert status == 200
    assert "0 元商品可以直接下单" in words_of(page, ".second-look .note")
    status, page = await desk.post("/admin/products/new", **form, _edit="1")
    assert (status, fields_of(page, "/admin/products/new")["stock"]) == (200, "1,000件")
    status, _ = await desk.post_seen("/admin/products/new", **form)
    assert status == 303
    sku = Sku.select().order_by(Sku.id.desc()).get()
    assert (sku.price_fen, sku.stock, sku.low_stock) == (0, 1000, 5)
