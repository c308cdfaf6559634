"""Attributes: declared by a category, stated by products, filters with counts."""

from __future__ import annotations

from typing import Any

import pytest

from domain import audit, catalog
from domain.catalog import AttributeForm, CategoryForm, Chosen
from domain.search import goods_filters
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import Attribute, ProductAttribute
from tests.factories.catalog import make_category, make_picture, make_product

AROMA = AttributeForm("香型", "choice", options=("酱香", "浓香", "清香"), is_filter=True)
CONTENT = AttributeForm("净含量", "number", "ml", is_filter=True, position=1)
PLACE = AttributeForm("产地", position=2)


@pytest.fixture
def shelf(db: Any) -> int:
    """A category with three attributes."""
    category_id = make_category()
    for form in (AROMA, CONTENT, PLACE):
        catalog.add_attribute(category_id, form)
    return category_id


def at(name: str) -> int:
    """The id of an attribute."""
    return int(Attribute.get(Attribute.name == name).id)


def state(title: str, aroma: str = "", content: str = "", **more: Any) -> int:
    """A product that states an aroma and a content; returns its id."""
    made = make_product(title, **more)
    catalog.set_attributes(made.product_id, {at("香型"): aroma, at("净含量"): content})
    return made.product_id


def counts(category_id: int | None = None, words: str = "", chosen: Chosen = ()) -> dict[str, Any]:
    """Filters with the count of each value."""
    found = goods_filters(words, category_id, chosen)
    return {each.name: [(v.text, v.products) for v in each.values] for each in found}


def titles(*chosen: tuple[str, str], category_id: int | None = None) -> set[str]:
    return {card.title for card in catalog.shelf(category_id, chosen=chosen).cards}


def test_a_product_shows_what_it_states_in_the_merchants_order(shelf: int) -> None:
    made = make_product()
    catalog.set_attributes(
        made.product_id, {at("产地"): "四川泸州", at("香型"): "浓香", at("净含量"): "500"}
    )
    page = catalog.product_page(made.product_id)
    assert page.facts == (("香型", "浓香"), ("净含量", "500ml"), ("产地", "四川泸州"))
    assert [card.id for card in catalog.search("泸州")] == [made.product_id]
    catalog.set_attributes(
        made.product_id, {at("产地"): "", at("香型"): "浓香", at("净含量"): "500"}
    )
    assert catalog.product_page(made.product_id).facts[2:] == ()
    assert catalog.search("泸州") == []
    entry = audit.history("product", made.product_id)[0]
    assert (entry.action, entry.before["产地"]) == ("product.attributes", "四川泸州")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("500", "500"), ("５００ ml", "500"), ("0.50", "0.5"), ("42–53", "42-53"), ("007ML", "7"),
     ("500.000", "500")],
)  # fmt: skip
def test_a_number_is_kept_in_one_form(shelf: int, typed: str, kept: str) -> None:
    made = make_product()
    catalog.set_attributes(made.product_id, {at("净含量"): typed})
    assert ProductAttribute.get().value == kept


@pytest.mark.parametrize("typed", ["半斤", "5 0 0 g", "1.2345", "-3", "1e3", "5-", "99999999"])
def test_what_is_no_number_is_refused_at_its_field(shelf: int, typed: str) -> None:
    made = make_product()
    with pytest.raises(Invalid) as refused:
        catalog.set_attributes(made.product_id, {at("净含量"): typed, at("香型"): "浓香"})
    assert (refused.value.code, refused.value.field) == (
        "attribute_number_bad",
        f"attr-{at('净含量')}",
    )


def test_a_choice_is_one_of_the_options_or_what_stands(shelf: int) -> None:
    made = make_product()
    with pytest.raises(Invalid, match="choice_unknown"):
        catalog.set_attributes(made.product_id, {at("香型"): "米香"})
    catalog.set_attributes(made.product_id, {at("香型"): "清香"})
    catalog.edit_attribute(shelf, at("香型"), AttributeForm("香型", "choice", options=("酱香",)))
    catalog.set_attributes(made.product_id, {at("香型"): "清香", at("产地"): "山西"})
    assert catalog.product_page(made.product_id).facts == (("香型", "清香"), ("产地", "山西"))


def test_an_attribute_of_another_category_is_not_stated(shelf: int) -> None:
    other = make_product(category="酒器")
    catalog.set_attributes(other.product_id, {at("香型"): "浓香", 99: "x"})
    assert not ProductAttribute.select().exists()


def test_two_people_do_not_overwrite_each_other(shelf: int) -> None:
    made = make_product()
    version = catalog.product_detail_for_merchant(made.product_id).version
    catalog.set_attributes(made.product_id, {at("香型"): "浓香"}, version)
    with pytest.raises(Conflict, match="product_moved"):
        catalog.set_attributes(made.product_id, {at("香型"): "酱香"}, version)
    assert ProductAttribute.get().value == "浓香"


def test_filters_count_products_and_ignore_their_own_choice(shelf: int) -> None:
    state("一号", "浓香", "500", brand="山泉坊", strength="52%vol")
    state("二号", "浓香", "1000", brand="山泉坊", strength="42%vol")
    state("三号", "酱香", "500", brand="老窖坊", strength="52%vol")
    state("四号", "清香", "500", state="off_shelf")
    assert counts(shelf) == {
        "brand": [("山泉坊", 2), ("老窖坊", 1)],
        "strength": [("42%vol", 1), ("52%vol", 2)],
        "香型": [("酱香", 1), ("浓香", 2)],
        "净含量": [("500ml", 2), ("1000ml", 1)],
    }
    chosen = (("香型", "浓香"),)
    assert counts(shelf, chosen=chosen)["香型"] == [("酱香", 1), ("浓香", 2)]
    assert counts(shelf, chosen=chosen)["净含量"] == [("500ml", 1), ("1000ml", 1)]
    assert titles(*chosen) == {"一号", "二号"}
    assert titles(("香型", "浓香"), ("净含量", "500ml")) == {"一号"}
    assert titles(("香型", "浓香"), ("香型", "酱香")) == {"一号", "二号", "三号"}
    assert titles(("brand", "老窖坊")) == {"三号"}
    assert titles(("香型", "米香")) == set()
    assert titles(("没有", "这项")) == set()
    assert counts(words="二号") == {}
    assert catalog.shelf(chosen=(("净含量", "1000ml"),)).cards[0].title == "二号"


def test_a_filter_of_a_search_covers_the_attribute_of_several_categories(shelf: int) -> None:
    other = catalog.add_category(CategoryForm("露酒"))
    second = catalog.add_attribute(other, AttributeForm("净含量", "number", "ml", is_filter=True))
    state("陈酿", "浓香", "500")
    made = make_product("桂花", category="露酒")
    catalog.set_attributes(made.product_id, {second: "375"})
    assert counts()["净含量"] == [("375ml", 1), ("500ml", 1)]
    assert titles(("净含量", "375ml")) == {"桂花"}


def test_categories_have_two_levels_and_the_lower_one_inherits(shelf: int) -> None:
    below = catalog.add_category(CategoryForm("小酒", parent_id=shelf, picture=""))
    made = make_product("小泉", category="小酒")
    catalog.set_attributes(made.product_id, {at("香型"): "清香"})
    assert catalog.product_page(made.product_id).facts == (("香型", "清香"),)
    assert [card.title for card in catalog.shelf(shelf).cards] == ["小泉"]
    assert [card.title for card in catalog.shelf(below).cards] == ["小泉"]
    for bad in (CategoryForm("再下", parent_id=below), CategoryForm("无", parent_id=999)):
        with pytest.raises(Invalid) as refused:
            catalog.add_category(bad)
        assert refused.value.field == "parent_id"
    top = catalog.add_category(CategoryForm("酒"))
    with pytest.raises(Invalid, match="category_too_deep"):
        catalog.edit_category(shelf, CategoryForm("白酒", parent_id=top))
    catalog.edit_category(shelf, CategoryForm("白酒", is_hidden=True))
    assert [each.name for each in catalog.list_shown_categories()] == ["酒"]
    with pytest.raises(NotFound):
        catalog.shelf(below)


def test_a_category_keeps_its_picture_from_being_deleted(db: Any) -> None:
    make_picture("c", "分类")
    digest = "c" * 64
    category_id = catalog.add_category(CategoryForm("礼盒", picture=digest))
    catalog.delete_picture(digest)
    assert catalog.unused_pictures_by_alt("分类") == []
    shown = catalog.list_shown_categories()[0].picture
    assert shown is not None
    assert shown.id == digest
    with pytest.raises(Conflict, match="category_moved"):
        catalog.edit_category(category_id, CategoryForm("礼盒"), version=7)
    catalog.edit_category(category_id, CategoryForm("礼盒"))
    assert catalog.unused_pictures_by_alt("分类") == [digest]
    with pytest.raises(Invalid, match="picture_missing"):
        catalog.add_category(CategoryForm("小样", picture="d" * 64))


def test_moving_a_product_keeps_what_both_categories_state(shelf: int) -> None:
    other = catalog.add_category(CategoryForm("露酒"))
    catalog.add_attribute(other, AttributeForm("净含量", "number", "ml"))
    product_id = state("桂花", "浓香", "375")
    form = catalog.product_detail_for_merchant(product_id).form
    moved = catalog.ProductForm(form.title, other)
    catalog.edit_product(product_id, moved)
    assert catalog.product_page(product_id).facts == (("净含量", "375ml"),)


def test_an_attribute_is_unique_in_its_family_and_keeps_its_kind(shelf: int) -> None:
    below = catalog.add_category(CategoryForm("小酒", parent_id=shelf))
    with pytest.raises(Conflict, match="attribute_exists"):
        catalog.add_attribute(below, AttributeForm("香型"))
    state("一号", "浓香")
    with pytest.raises(Conflict, match="attribute_stated"):
        catalog.edit_attribute(shelf, at("香型"), AttributeForm("香型"))
    with pytest.raises(NotFound):
        catalog.edit_attribute(below, at("香型"), AROMA)
    for bad in (AttributeForm(""), AttributeForm("色泽", "choice"), AttributeForm("a" * 21)):
        with pytest.raises(Invalid):
            catalog.add_attribute(below, bad)
    catalog.remove_attribute(shelf, at("香型"))
    assert [each.form.name for each in catalog.attributes_of(below)] == ["净含量", "产地"]
    assert not ProductAttribute.select().exists()


def test_a_category_has_a_limit_of_attributes(db: Any) -> None:
    category_id = make_category()
    for number in range(30):
        catalog.add_attribute(category_id, AttributeForm(f"参数{number}"))
    with pytest.raises(LimitReached, match="too_many_attributes"):
        catalog.add_attribute(category_id, AttributeForm("再一个"))
    assert len(catalog.attributes_of(category_id)) == 30
