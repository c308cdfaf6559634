"""The catalogue: lists, search, prices with a lawful strike price, sums of stock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import audit, catalog
from domain.catalog import CategoryForm, ProductForm, SkuForm, StockShort, stock
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import Sorting
from models import PriceHistory, Product, Sku, StockMove
from tests.factories.catalog import make_category, make_picture, make_product
from tests.queries import counted


def test_a_product_shows_its_pictures_specs_and_stock(db: Any) -> None:
    made = make_product(
        "山泉坊·陈酿",
        subtitle="浓香",
        strength="52%vol",
        skus=[SkuForm(29800, 5, "500ml"), SkuForm(16800, 0, "100ml×6")],
    )
    cover, second = make_picture("a", "瓶身"), make_picture("b")
    catalog.set_pictures(made.product_id, [cover, second])
    page = catalog.product_page(made.product_id)
    assert (page.title, page.category.name, page.price_fen) == ("山泉坊·陈酿", "白酒", 16800)
    assert [(s.spec_text, s.left, s.is_low, s.is_sold_out) for s in page.skus] == [
        ("500ml", 5, True, False),
        ("100ml×6", 0, False, True),
    ]
    assert [(p.id[0], p.alt, p.widths) for p in page.pictures] == [
        ("a", "瓶身", (320, 640, 800)),
        ("b", "", (320, 640, 800)),
    ]
    assert not page.is_sold_out


def test_a_product_off_the_shelf_is_not_found(db: Any) -> None:
    for state in ("draft", "off_shelf"):
        made = make_product(state=state)
        with pytest.raises(NotFound):
            catalog.product_page(made.product_id)
        assert catalog.product_page(made.product_id, include_hidden=True).state == state
    assert catalog.home().cards == ()
    assert catalog.search("陈酿") == []


def test_product_states_follow_the_table(db: Any) -> None:
    made = make_product(state="draft")
    assert catalog.set_state(made.product_id, "submit") == "submitted"
    assert catalog.set_state(made.product_id, "put_on_shelf") == "on_shelf"
    with pytest.raises(Conflict):
        catalog.set_state(made.product_id, "submit")
    assert catalog.product_page(made.product_id).state == "on_shelf"


def test_search_finds_every_word_in_title_spec_tag_or_category(db: Any) -> None:
    make_product("Shanquan Old 陈酿", tags=("送礼",), skus=[SkuForm(1, 1, "500ML")])
    make_product("小泉", category="小酒")
    make_product("100%纯粮", category="小酒")
    assert [c.title for c in catalog.search("SHANQUAN 500ml")] == ["Shanquan Old 陈酿"]
    assert [c.title for c in catalog.search("送礼")] == ["Shanquan Old 陈酿"]
    assert [c.title for c in catalog.search("小酒 小泉")] == ["小泉"]
    assert [c.title for c in catalog.search("%")] == ["100%纯粮"]
    assert catalog.search("陈酿 小酒") == []
    assert catalog.search("  ") == []


def test_a_list_has_pages_and_says_if_more_follow(db: Any) -> None:
    for _ in range(21):
        make_product()
    other = make_category("配件")
    first = catalog.shelf()
    second = catalog.shelf(page=2)
    assert (len(first.cards), first.has_more, len(second.cards), second.has_more) == (
        20,
        True,
        1,
        False,
    )
    assert not {c.id for c in first.cards} & {c.id for c in second.cards}
    assert catalog.shelf(other).cards == ()
    with pytest.raises(NotFound):
        catalog.shelf(make_category("藏", is_hidden=True))


def test_a_page_needs_few_queries(db: Any) -> None:
    for _ in range(5):
        made = make_product()
    with counted(db) as page_queries:
        catalog.product_page(made.product_id)
    with counted(db) as shelf_queries:
        catalog.shelf()
    assert (len(page_queries), len(shelf_queries)) == (5, 4)


def test_a_strike_price_is_the_lowest_of_the_week_before(db: Any) -> None:
    made = make_product(price_fen=30000)
    for days, price in ((10, 35000), (3, 32000), (1, 25000)):
        clock.set_offset(clock.offset() + timedelta(days=days))
        catalog.set_price(made.sku_id, price)
    assert catalog.product_page(made.product_id).skus[0].strike_fen == 30000
    assert catalog.home().cards[0].strike_fen == 30000
    clock.set_offset(clock.offset() + timedelta(days=31))
    assert catalog.product_page(made.product_id).skus[0].strike_fen is None


def test_an_unchanged_price_adds_no_history(db: Any) -> None:
    made = make_product(price_fen=30000)
    catalog.set_price(made.sku_id, 30000)
    assert PriceHistory.select().count() == 1
    catalog.set_price(made.sku_id, 20000)
    assert [p.price_fen for p in catalog.list_prices(made.sku_id)] == [20000, 30000]
    assert catalog.home().cards[0].price_fen == 20000
    assert audit.history("product", made.product_id)[0].before["price_fen"] == 30000


@pytest.mark.parametrize("price_fen", [-1, 100_000_001])
def test_a_price_out_of_bounds_changes_nothing(db: Any, price_fen: int) -> None:
    made = make_product(price_fen=30000)
    with pytest.raises(Invalid) as refused:
        catalog.set_price(made.sku_id, price_fen)
    assert refused.value.code == "price_bad"
    assert catalog.sku_lines([made.sku_id])[made.sku_id].price_fen == 30000


def test_stock_moves_keep_the_sum_of_stock_held_and_sold(db: Any) -> None:
    made = make_product(stock=10)
    item = [(made.sku_id, 4)]
    stock.hold_stock(item, "a")
    stock.release_stock(item, "a")
    stock.hold_stock(item, "b")
    stock.take_stock(item, "b")
    stock.return_stock([(made.sku_id, 1)], "c")
    stock.replace_stock([(made.sku_id, 2)], "d")
    catalog.adjust_stock(made.sku_id, 5, "到货")
    sku = Sku.get_by_id(made.sku_id)
    assert (sku.stock, sku.held, sku.sold) == (10 - 4 + 1 - 2 + 5, 0, 5)
    assert catalog.skus_out_of_balance() == []
    assert [(m.reason, m.quantity, m.delta) for m in catalog.list_stock_moves(made.sku_id)] == [
        ("adjust", 5, 5),
        ("replace", 2, -2),
        ("return", 1, 1),
        ("sold", 4, 0),
        ("hold", 4, -4),
        ("release", 4, 4),
        ("hold", 4, -4),
        ("initial", 10, 10),
    ]


def test_the_check_of_sums_finds_a_changed_row(db: Any) -> None:
    made = make_product(stock=10)
    Sku.update(stock=11).where(Sku.id == made.sku_id).execute()
    assert catalog.skus_out_of_balance() == [made.sku_id]


@pytest.mark.parametrize("verb", ["release_stock", "take_stock", "return_stock", "hold_stock"])
def test_no_move_takes_more_than_the_stock(db: Any, verb: str) -> None:
    made = make_product(stock=1)
    with pytest.raises(StockShort) as short, db.atomic():
        getattr(stock, verb)([(made.sku_id, 2)], "x")
    assert short.value.facts == {"sku_id": made.sku_id, "left": 1}
    sku = Sku.get_by_id(made.sku_id)
    assert (sku.stock, sku.held, sku.sold) == (1, 0, 0)
    assert StockMove.select().count() == 1


def test_twenty_buyers_of_five_pieces_hold_five(db: Any) -> None:
    made = make_product(stock=5)
    held = 0
    for n in range(20):
        try:
            with db.atomic():
                stock.hold_stock([(made.sku_id, 1)], f"buyer {n}")
            held += 1
        except StockShort:
            pass
    assert held == 5
    assert Sku.get_by_id(made.sku_id).stock == 0


def test_an_adjustment_needs_a_reason_and_never_goes_below_zero(db: Any) -> None:
    made = make_product(stock=3)
    with pytest.raises(Invalid):
        catalog.adjust_stock(made.sku_id, 1, " ")
    with pytest.raises(StockShort):
        catalog.adjust_stock(made.sku_id, -4, "盘亏")
    assert Sku.get_by_id(made.sku_id).stock == 3


def test_an_edit_on_an_old_version_is_refused(db: Any) -> None:
    made = make_product("旧名")
    version = catalog.product_detail_for_merchant(made.product_id).version
    form = ProductForm("新名", make_category())
    catalog.edit_product(made.product_id, form, version)
    with pytest.raises(Conflict):
        catalog.edit_product(made.product_id, ProductForm("更新名", make_category()), version)
    assert Product.get_by_id(made.product_id).title == "新名"
    assert [c.title for c in catalog.search("新名")] == ["新名"]


def test_a_removed_sku_is_not_for_sale_and_the_last_one_cannot_be_removed(db: Any) -> None:
    made = make_product(skus=[SkuForm(100, 1, "大"), SkuForm(50, 1, "小")])
    catalog.remove_sku(made.sku_ids[1])
    assert catalog.home().cards[0].price_fen == 100
    assert not catalog.sku_lines(made.sku_ids)[made.sku_ids[1]].is_for_sale
    with pytest.raises(Conflict):
        catalog.remove_sku(made.sku_ids[0])
    assert len(catalog.product_page(made.product_id).skus) == 1


def test_a_code_belongs_to_one_sku(db: Any) -> None:
    made = make_product(skus=[SkuForm(100, code="690001")])
    with pytest.raises(Conflict):
        catalog.add_sku(made.product_id, SkuForm(100, code="690001"))
    assert Sku.select().count() == 1


def test_the_stock_list_names_skus_that_need_attention(db: Any) -> None:
    make_product("少", stock=10)
    fast = make_product("快", stock=114)
    make_product("慢", stock=50)
    stock.hold_stock([(fast.sku_id, 70)], "o")
    stock.take_stock([(fast.sku_id, 70)], "o")
    catalog.adjust_stock(fast.sku_id, -20, "破损")

    def titles(watch: Any) -> list[str]:
        return [row.title for row in catalog.list_watched_stock(watch)]

    assert titles("low") == ["少"]
    assert titles("soon_out") == ["快"]
    assert titles("slow") == ["少", "慢"]
    assert titles("all") == ["少", "快", "慢"]
    assert catalog.list_watched_stock("soon_out")[0].days_left == 24 * 14 // 70
    assert [row.days_left for row in catalog.list_watched_stock("slow")] == [None, None]


def test_the_merchants_list_pages_by_key(db: Any) -> None:
    made = [make_product(stock=n) for n in range(1, 4)]
    rows = catalog.list_products(limit=2)
    assert [(r.id, r.stock) for r in rows] == [(made[2].product_id, 3), (made[1].product_id, 2)]
    assert [r.id for r in catalog.list_products(sort=Sorting(after_id=rows[-1].id))] == [
        made[0].product_id
    ]
    assert [(c.name, c.products) for c in catalog.list_categories()] == [("白酒", 3)]


def test_two_categories_cannot_have_one_name(db: Any) -> None:
    first, second = make_category("礼盒"), make_category("小酒")
    with pytest.raises(Conflict, match="category_exists"):
        catalog.add_category(CategoryForm(" 礼盒 "))
    with pytest.raises(Conflict, match="category_exists"):
        catalog.edit_category(second, CategoryForm("礼盒"))
    catalog.edit_category(first, CategoryForm("礼盒", position=7))
