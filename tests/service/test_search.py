"""Search for goods: terms, alternatives, order, synonyms, what is found when nothing has all."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog, search, settings
from domain.catalog import CategoryForm, ProductForm, SkuForm
from domain.search import SearchWords, find_goods
from domain.search.terms import terms_of_product
from domain.search.wanted import groups_of_synonyms, wanted_of
from kernel.errors import Invalid
from models import Product, ProductSearch, ProductTerm, Sku
from tests.factories.catalog import make_category, make_product
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("db", "wired")


@pytest.fixture
def goods() -> dict[str, int]:
    """Six products by a short name."""
    rows = {
        "陈酿": ("山泉坊·陈酿", 29800, "52%vol", ["送礼"], "500ml", "酱香"),
        "小泉": ("山泉坊·小泉", 3900, "42%vol", [], "100ml*6", "清香"),
        "坛藏": ("山泉坊·坛藏", 68000, "53%vol", ["收藏"], "1L 陶坛", "酱香"),
        "桂花": ("桂花露酒", 12800, "18%vol", [], "375ml", "露酒"),
        "酒杯": ("手工酒杯", 8800, "", ["送礼"], "两只装", "酒器"),
        "VSOP": ("Shanquan VSOP 白兰地", 45000, "40%vol", [], "700ml", "白兰地"),
    }
    made = {}
    for name, (title, price, strength, tags, spec, category) in rows.items():
        sku = SkuForm(price_fen=price, stock=50, spec_text=spec)
        made[name] = make_product(
            title, skus=[sku], category=category, strength=strength, tags=tags,
            subtitle="纯粮酿造",
        ).product_id  # fmt: skip
    return made


def found(words: str, **more: object) -> list[str]:
    return [card.title for card in find_goods(words, **more).cards]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("陈酿", "山泉坊·陈酿"), ("陳釀", "山泉坊·陈酿"), ("山泉坊陈酿", "山泉坊·陈酿"),
        ("陈酿 52度", "山泉坊·陈酿"), ("陈酿52度", "山泉坊·陈酿"), ("陈酿500ml", "山泉坊·陈酿"),
        ("chenniang", "山泉坊·陈酿"), ("cn", "山泉坊·陈酿"), ("ｃｈｅｎｎｉａｎｇ", "山泉坊·陈酿"),
        ("guihua", "桂花露酒"), ("vsop", "Shanquan VSOP 白兰地"),
        ("shanquan vsop", "Shanquan VSOP 白兰地"),
        ("五十三度", "山泉坊·坛藏"), ("陶坛", "山泉坊·坛藏"), ("收藏 酱香", "山泉坊·坛藏"),
        ("杯", "手工酒杯"), ("陈\u200b酿", "山泉坊·陈酿"), ("  陈酿  ", "山泉坊·陈酿"),
    ],
)  # fmt: skip
def test_a_product_is_found_by_its_words(goods: dict[str, int], words: str, first: str) -> None:
    it = find_goods(words)
    assert it.cards[0].title == first
    assert it.nearness == ""


def test_each_word_is_required(goods: dict[str, int]) -> None:
    assert found("酱香 送礼") == ["山泉坊·陈酿"]
    assert sorted(found("酱香")) == ["山泉坊·坛藏", "山泉坊·陈酿"]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("300以内 酱香", ["山泉坊·陈酿"]),
        ("酱香300以上", ["山泉坊·坛藏"]),
        ("100到200", ["桂花露酒"]),
        ("100以内", ["山泉坊·小泉", "手工酒杯"]),
        ("五六百 酱香", []),
    ],
)
def test_a_price_in_the_words_is_a_range(
    goods: dict[str, int], words: str, titles: list[str]
) -> None:
    assert sorted(found(words)) == sorted(titles)


def test_a_strength_is_no_price(goods: dict[str, int]) -> None:
    assert wanted_of("42-53度").price_to_fen is None


def test_synonyms_are_the_merchant_s(goods: dict[str, int]) -> None:
    assert found("礼物") == []
    settings.change(SearchWords, {"synonyms": ["礼物=送礼", "白酒 酱香"]})
    assert sorted(found("礼物")) == ["山泉坊·陈酿", "手工酒杯"]
    assert sorted(found("白酒")) == ["山泉坊·坛藏", "山泉坊·陈酿"]


@pytest.mark.parametrize("text", ["白酒", "a=" + "长" * 21, "=".join("甲乙丙丁戊己庚辛壬癸子")])
def test_a_group_that_makes_no_sense_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(Invalid, match="synonyms_bad") as error:
        groups_of_synonyms(["白酒=酒", "", text])
    assert error.value.facts == {"line": 3}


def test_words_are_made_equal_in_the_group_that_has_one_of_them(goods: dict[str, int]) -> None:
    settings.change(SearchWords, {"synonyms": ["礼物=送礼", "", "白酒=酱香"]})
    search.make_equal("贺礼", "送礼")
    search.make_equal("贺礼", "送礼")
    search.make_equal("杯子", "酒杯")
    assert settings.get(SearchWords).synonyms == ("礼物=送礼=贺礼", "白酒=酱香", "酒杯=杯子")
    assert found("贺礼", sort="price")[0] == "手工酒杯"
    for word, other, code in (("酒", "酒", "same"), ("两 个", "酒", "bad"), ("", "酒", "bad")):
        with pytest.raises(Invalid, match=f"synonyms_{code}"):
            search.make_equal(word, other)


def test_a_slip_is_found_by_its_sound(goods: dict[str, int]) -> None:
    it = find_goods("沉酿")
    assert ([card.title for card in it.cards], it.nearness) == (["山泉坊·陈酿"], "sound")


def test_with_nothing_that_has_all_words_products_with_some_follow(goods: dict[str, int]) -> None:
    it = find_goods("陈酿 威士忌")
    assert ([card.title for card in it.cards], it.nearness) == (["山泉坊·陈酿"], "part")
    assert found("威士忌") == []
    it = find_goods("山泉陈酿")  # of 山泉坊·陈酿 two pairs of three
    assert (it.cards[0].title, it.nearness) == ("山泉坊·陈酿", "part")


def test_the_title_counts_more_than_other_texts(goods: dict[str, int]) -> None:
    make_product("礼盒", category="礼盒装", subtitle="含桂花香气")
    assert found("桂花")[0] == "桂花露酒"


def test_of_equals_the_one_that_sold_more_comes_first(goods: dict[str, int]) -> None:
    assert found("酱香")[0] == "山泉坊·坛藏"  # the newer one
    Sku.update(sold=9).where(Sku.product == goods["陈酿"]).execute()
    assert search.update_sales() == 1
    assert search.update_sales() == 0
    assert found("酱香")[0] == "山泉坊·陈酿"


def test_sorts(goods: dict[str, int]) -> None:
    by_price = ["山泉坊·陈酿", "山泉坊·坛藏"]
    assert found("酱香", sort="price") == by_price
    assert found("酱香", sort="-price") == by_price[::-1]
    assert found("", sort="new")[0] == "Shanquan VSOP 白兰地"
    assert len(found("", sort="sold")) == 6


def test_pages_do_not_repeat(goods: dict[str, int]) -> None:
    for n in range(25):
        make_product(f"珍藏{n:02d}")
    first, second = find_goods("珍藏"), find_goods("珍藏", page=2)
    assert (len(first.cards), first.has_more, len(second.cards), second.has_more) == (
        20, True, 5, False,
    )  # fmt: skip
    assert not {c.id for c in first.cards} & {c.id for c in second.cards}
    assert find_goods("珍藏", page=9).cards == ()


def test_what_left_the_shelf_is_not_found(goods: dict[str, int]) -> None:
    catalog.set_state(goods["陈酿"], "take_off_shelf")
    assert found("陈酿") == []


def test_a_changed_title_is_found_at_once_and_the_old_one_is_not(goods: dict[str, int]) -> None:
    form = ProductForm(title="山泉坊·窖藏", category_id=make_category("酱香"), strength="52%vol")
    catalog.edit_product(goods["陈酿"], form, Product.get_by_id(goods["陈酿"]).version)
    assert found("窖藏") == ["山泉坊·窖藏"]
    assert found("陈酿") == []


def test_a_renamed_category_is_found_after_the_job(goods: dict[str, int]) -> None:
    category = make_category("酱香")
    catalog.edit_category(category, CategoryForm("浓郁"))
    assert search.index_missing() == 2
    assert search.index_missing() == 0
    assert len(found("浓郁")) == 2


def test_products_without_terms_get_them_from_the_job(goods: dict[str, int]) -> None:
    ProductTerm.delete().execute()
    ProductSearch.delete().execute()
    assert found("陈酿") == []
    assert search.index_missing(limit=4) == 4
    assert search.index_missing() == 2
    assert found("陈酿") == ["山泉坊·陈酿"]


def test_a_page_is_found_in_few_queries(db: Any, goods: dict[str, int]) -> None:
    with counted(db) as queries:
        find_goods("陈酿 52度")
    assert len(queries) <= 7


@pytest.mark.parametrize(
    "words",
    ["%", "_", "'", "\\", "🍶", "-", "°", "a" * 400, "酒" * 400, "[", "NULL", "度"],
)
def test_odd_words_find_nothing_and_break_nothing(goods: dict[str, int], words: str) -> None:
    assert found(words) == []
    assert search.goods_filters(words) == ()


@pytest.mark.parametrize("words", ["", "  ", "\x00", "\u200b"])
def test_nothing_typed_finds_all(goods: dict[str, int], words: str) -> None:
    assert len(found(words)) == len(goods)


def test_terms_of_a_product() -> None:
    terms = terms_of_product(
        {"title": ["陈酿 52度"], "brand": [""], "tags": [], "category": ["酱香"], "more": ["陈酿"]}
    )
    assert terms == {
        "陈酿": 12, "陈": 12, "酿": 12, "°52%vol": 12, "~chen niang": 6, "'cn": 6,
        "酱香": 6, "酱": 6, "香": 6, "~jiang xiang": 3, "'jx": 3,
    }  # fmt: skip
