"""Goods found by a sentence: names, wishes, nearest matches; freight to a province."""

from __future__ import annotations

import pytest

from domain import catalog, pricing, settings
from domain.catalog import Goods, SkuForm, Wish, WishOrder
from domain.settings import Freight
from tests.factories.catalog import make_product
from tests.factories.offers import limited_price
from tests.factories.orders import paid_order

pytestmark = pytest.mark.usefixtures("db", "wired")


def titles(wish: Wish, limit: int = 8) -> list[str]:
    return [card.title for card in pricing.wished(wish, limit).cards]


def goods(*named: str) -> list[Goods]:
    return [
        Goods(number, title, "礼盒" if "盒" in title else "白酒", "", "", True, 0)
        for number, title in enumerate(named)
    ]


SHELF = goods("山泉坊·陈酿", "山泉坊·十年陈酿", "山泉坊·年份礼盒", "Old Jar 500", "手工酒杯")


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("山泉坊的陈酿多少钱", [0, 1]),
        ("十年的陈酿还有吗", [1]),
        ("礼盒里有什么", [2]),
        ("an old jar please", [3]),
        ("500ml 的有吗", []),
        ("酒杯", [4]),
        ("白酒有哪些", []),
        ("这款多少度", []),
        ("", []),
    ],
)
def test_a_sentence_names_the_products_whose_titles_match_best(
    sentence: str, found: list[int]
) -> None:
    assert catalog.goods_named(sentence, SHELF, {"白酒"}) == found


def test_only_goods_on_the_shelf_are_named_or_wished_for() -> None:
    make_product("陈酿", state="off_shelf")
    make_product("坛藏", position=2)
    make_product("酒杯", position=1, is_liquor=False)
    assert [each.title for each in catalog.goods_on_shelf()] == ["酒杯", "坛藏"]
    assert titles(Wish()) == ["坛藏"]
    assert titles(Wish(among=frozenset(each.id for each in catalog.goods_on_shelf()))) == [
        "酒杯", "坛藏",
    ]  # fmt: skip


def test_the_bounds_of_prices_and_strengths_are_inclusive() -> None:
    make_product("甲", price_fen=20000, strength="42-53%vol", position=1)
    make_product("乙", price_fen=30000, strength="52%vol", position=2)
    make_product("丙", price_fen=30001, strength="", position=3)
    assert titles(Wish(price_from_fen=20000, price_to_fen=30000)) == ["甲", "乙"]
    assert titles(Wish(strength=52)) == ["甲", "乙"]
    assert titles(Wish(strength=53)) == ["甲"]
    assert titles(Wish(price_from_fen=30001)) == ["丙"]


def test_the_wished_pieces_must_be_in_stock_of_one_specification() -> None:
    make_product("甲", position=1, skus=[SkuForm(10000, 5), SkuForm(20000, 9)])
    make_product("乙", position=2, stock=10)
    assert titles(Wish(pieces=9)) == ["甲", "乙"]
    assert titles(Wish(pieces=10)) == ["乙"]


@pytest.mark.parametrize(
    ("order", "first"),
    [("fitting", "甲"), ("cheapest", "乙"), ("dearest", "甲"), ("mildest", "丙"),
     ("strongest", "乙"), ("most_sold", "丙")],
)  # fmt: skip
def test_results_are_sorted_as_wished(order: WishOrder, first: str) -> None:
    make_product("甲", price_fen=30000, strength="52%vol", position=1)
    make_product("乙", price_fen=10000, strength="60%vol", position=2)
    sold = make_product("丙", price_fen=20000, strength="38%vol", position=3)
    paid_order(product=sold)
    assert titles(Wish(order=order))[0] == first
    if order == "most_sold":
        assert catalog.best_sellers(1) == [sold.product_id]


def test_wished_words_exclude_other_goods_unless_a_price_is_named() -> None:
    make_product("陈酿", price_fen=30000, position=1)
    make_product("礼盒", price_fen=30000, position=2, tags=("送礼",))
    assert titles(Wish(about=("送礼",))) == ["礼盒"]
    assert titles(Wish(about=("送礼",), price_to_fen=30000)) == ["礼盒", "陈酿"]
    found = pricing.wished(Wish(about=("收藏",)))
    assert (len(found.cards), found.is_exact, found.is_said) == (2, True, False)


def test_nothing_that_fits_gives_the_nearest_three() -> None:
    for number, price in enumerate((10000, 20000, 30000, 40000)):
        make_product(f"酒{number}", price_fen=price, strength="52%vol", position=number)
    found = pricing.wished(Wish(price_from_fen=90000, strength=52))
    assert not found.is_exact
    assert [card.title for card in found.cards] == ["酒3", "酒2", "酒1"]
    assert not pricing.wished(Wish(price_to_fen=5000)).is_exact


def test_goods_in_stock_come_first_and_the_limit_is_reported() -> None:
    make_product("售罄", price_fen=10000, stock=0, position=1)
    make_product("有货", price_fen=20000, position=2)
    assert titles(Wish(order="cheapest")) == ["有货", "售罄"]
    found = pricing.wished(Wish(), 1)
    assert (len(found.cards), found.has_more) == (1, True)


def test_a_wish_uses_present_prices() -> None:
    made = make_product("陈酿", price_fen=30000)
    assert not pricing.wished(Wish(price_to_fen=20000)).is_exact
    limited_price(made.sku_id, 19900)
    assert pricing.wished(Wish(price_to_fen=20000)).is_exact


def test_an_empty_shelf_gives_no_results() -> None:
    found = pricing.wished(Wish(strength=52))
    assert (found.cards, found.is_exact, found.has_more) == ((), False, False)


@pytest.mark.parametrize("order", ["fitting", "cheapest", "most_sold"])
def test_of_many_goods_candidates_are_preselected(
    order: WishOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from domain.pricing import wishes

    monkeypatch.setattr(wishes, "NEAR_MOST", 2)
    for number in range(5):
        make_product(f"酒{number}", price_fen=50000 - number * 10000, position=number)
    found = pricing.wished(Wish(order=order, price_to_fen=20000))
    assert {card.title for card in found.cards} <= {"酒3", "酒4"} or order == "most_sold"
    assert len(found.cards) == 2


def test_the_freight_to_a_province_is_that_of_an_order() -> None:
    plain = pricing.freight_rule("上海")
    assert (plain.flat_fen, plain.free_from_fen, plain.extra_fen) == (1000, 9900, 0)
    assert not plain.is_free
    assert pricing.freight_rule("新疆").extra_fen == 1500
    assert pricing.freight_rule("新疆维吾尔自治区").extra_fen == 1500
    assert len(plain.remote_to) == 2
    settings.change(Freight, {"free_from_fen": 0, "remote_extra_fen": 0})
    free = pricing.freight_rule()
    assert (free.is_free, free.remote_to, free.extra_fen) == (True, (), 0)
