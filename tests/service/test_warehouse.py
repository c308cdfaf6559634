"""Arrivals by lot, stocktaking by sheet, and alerts of low stock."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain import catalog, orders, warehouse
from domain.warehouse import Arrival, CountRow
from domain.warehouse.arrivals import left_of_lots
from kernel.errors import Conflict, Invalid
from models import OutboxRow, Sku, StockAlert, StockLot, StockMove
from tests.factories.catalog import make_product
from tests.factories.orders import paid_order, placed_order, shipped_order

pytestmark = pytest.mark.usefixtures("db", "wired")


def stock_of(sku_id: int) -> int:
    return int(Sku.get_by_id(sku_id).stock)


def told() -> list[dict[str, Any]]:
    rows = OutboxRow.select().where(OutboxRow.kind == "notify.owner").order_by(OutboxRow.id)
    return [row.payload["facts"] for row in rows if row.payload["purpose"] == "stock_low"]


def test_an_arrival_adds_to_stock_and_keeps_its_lot() -> None:
    made = make_product(stock=3)
    it = Arrival(24, " 2026 1101-a ", date(2026, 11, 1), "质检合格")
    warehouse.record_arrival(made.sku_id, it)
    assert stock_of(made.sku_id) == 27
    (lot,) = warehouse.list_lots(made.sku_id)
    assert (lot.lot_no, lot.made_on, lot.quantity, lot.left) == (
        "2026 1101-a", date(2026, 11, 1), 24, 24,
    )  # fmt: skip
    move = StockMove.select().order_by(StockMove.id.desc()).get()
    assert (move.reason, move.cause, move.delta) == ("adjust", "arrival", 24)
    assert catalog.skus_out_of_balance() == []


@pytest.mark.parametrize(
    ("it", "code", "field"),
    [
        (Arrival(0, "A1"), "quantity_not_positive", "quantity"),
        (Arrival(-5, "A1"), "quantity_not_positive", "quantity"),
        (Arrival(5, "\u200b "), "lot_no_missing", "lot_no"),
        (Arrival(5, "A1", date(2999, 1, 1)), "made_on_bad", "made_on"),
        (Arrival(5, "A1", date(1949, 12, 31)), "made_on_bad", "made_on"),
        (Arrival(10**9, "A1"), "stock_delta_bad", "delta"),
    ],
)
def test_an_impossible_arrival_is_refused_and_changes_nothing(
    it: Arrival, code: str, field: str
) -> None:
    made = make_product(stock=3)
    with pytest.raises(Invalid, match=code) as error:
        warehouse.record_arrival(made.sku_id, it)
    assert error.value.field == field
    assert stock_of(made.sku_id) == 3
    assert not StockLot.select().exists()


def test_of_the_lots_the_oldest_leave_first() -> None:
    assert left_of_lots([10, 20, 30], 45) == [10, 20, 15]
    assert left_of_lots([10, 20, 30], 10) == [10, 0, 0]
    assert left_of_lots([10], 500) == [10]
    assert left_of_lots([10, 5], 0) == [0, 0]


def test_a_cause_has_its_sign_and_only_other_needs_words() -> None:
    sku_id = make_product(stock=10).sku_id
    for cause, delta in (("arrival", -1), ("damage", 1), ("sample", 2)):
        with pytest.raises(Invalid, match="stock_sign_bad"):
            catalog.adjust_stock(sku_id, delta, "", cause)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="reason_missing"):
        catalog.adjust_stock(sku_id, 1, "", "other")
    with pytest.raises(Invalid, match="stock_cause_bad"):
        catalog.adjust_stock(sku_id, 1, "x", "theft")  # type: ignore[arg-type]
    catalog.adjust_stock(sku_id, -2, "", "damage")
    catalog.adjust_stock(sku_id, -1, "", "sample")
    assert stock_of(sku_id) == 7


def test_in_the_house_is_what_is_on_sale_reserved_or_not_yet_shipped() -> None:
    made = make_product(stock=100)
    placed_order(items=[(made.sku_id, 3)])
    paid_order(items=[(made.sku_id, 5)])
    shipped_order(items=[(made.sku_id, 7)])
    assert stock_of(made.sku_id) == 85
    (row,) = warehouse.list_to_count([made.sku_id])
    assert (row.in_house, row.to_ship) == (93, 5)


def row(sku_id: int, book: object, counted: object, why: str = "") -> CountRow:
    return CountRow(str(sku_id), str(book), str(counted), why)


def test_a_count_moves_stock_by_the_difference() -> None:
    made = make_product(stock=20)
    paid_order(items=[(made.sku_id, 2)])
    it = row(made.sku_id, 20, 18, "破损")
    (verdict,) = warehouse.check_count_rows([it])
    assert (verdict.state, verdict.shown["delta"]) == ("good", -2)
    warehouse.save_count_row(it, verdict.shown)
    assert stock_of(made.sku_id) == 16
    move = StockMove.select().order_by(StockMove.id.desc()).get()
    assert (move.cause, move.note) == ("count", "破损")
    assert catalog.skus_out_of_balance() == []
    again = warehouse.check_count_rows([it])[0]  # the same sheet a second time
    assert (again.state, again.why) == ("wrong", "count_moved")
    with pytest.raises(Conflict, match="count_moved"):
        warehouse.save_count_row(it, verdict.shown)


def test_a_count_that_agrees_changes_nothing() -> None:
    made = make_product(stock=20)
    it = row(made.sku_id, 20, 20)
    (verdict,) = warehouse.check_count_rows([it])
    moves = StockMove.select().count()
    warehouse.save_count_row(it, verdict.shown)
    assert (stock_of(made.sku_id), StockMove.select().count()) == (20, moves)


def test_a_parcel_that_left_after_the_sheet_was_made_is_no_loss() -> None:
    made = make_product(stock=20)
    bought = paid_order(items=[(made.sku_id, 2)])
    it = row(made.sku_id, 20, 18)
    orders.ship_parcel(bought.order_id, orders.ShipForm("顺丰速运", "SF7788990011"))
    (verdict,) = warehouse.check_count_rows([it])
    assert (verdict.why, verdict.facts) == ("count_moved", {"book": 20, "now": 18})


def test_an_order_placed_after_the_sheet_was_made_is_no_matter() -> None:
    made = make_product(stock=20)
    it = row(made.sku_id, 20, 19)
    placed_order(items=[(made.sku_id, 4)])
    (verdict,) = warehouse.check_count_rows([it])
    assert verdict.state == "good"
    warehouse.save_count_row(it, verdict.shown)
    assert stock_of(made.sku_id) == 15


@pytest.mark.parametrize(
    ("cells", "state", "why"),
    [
        (("{id}", "20", ""), "blank", ""),
        (("999999", "20", "3"), "wrong", "sku_unknown"),
        (("陈酿", "20", "3"), "wrong", "sku_unknown"),
        (("9" * 40, "20", "3"), "wrong", "sku_unknown"),
        (("{id}", "", "3"), "wrong", "book_missing"),
        (("{id}", "20", "-1"), "wrong", "count_negative"),
        (("{id}", "20", "3.5"), "wrong", "count_not_whole"),
        (("{id}", "20", "=1+1"), "wrong", "count_unreadable"),
        (("{id}", "20", "2"), "wrong", "count_sold"),
        (("{id}", "２０", "１９"), "good", ""),
    ],
)
def test_a_row_that_cannot_be_carried_out_says_why(
    cells: tuple[str, str, str], state: str, why: str
) -> None:
    made = make_product(stock=20)
    placed_order(items=[(made.sku_id, 3)])
    it = CountRow(*(each.format(id=made.sku_id) for each in cells), "")
    (verdict,) = warehouse.check_count_rows([it])
    assert verdict.state == state
    assert verdict.why.startswith(why[:6])
    assert stock_of(made.sku_id) == 17


def test_a_sku_that_stands_twice_is_refused_in_both_rows() -> None:
    made = make_product(stock=20)
    rows = [row(made.sku_id, 20, 19), row(made.sku_id, 20, 18)]
    assert [each.why for each in warehouse.check_count_rows(rows)] == ["sku_twice"] * 2


def test_low_stock_is_told_once_for_each_fall() -> None:
    low = make_product("陈酿", stock=12)
    make_product("新酿", stock=50)
    assert warehouse.tell_of_low_stock() == 0
    catalog.adjust_stock(low.sku_id, -3, "", "damage")
    assert warehouse.tell_of_low_stock() == 1
    assert warehouse.tell_of_low_stock() == 0
    assert [(each["title"], each["left"], each.get("out", 0)) for each in told()] == [
        ("陈酿 500ml", 9, 0)
    ]
    catalog.adjust_stock(low.sku_id, -9, "", "damage")
    assert warehouse.tell_of_low_stock() == 1  # sold out is told, too
    assert (told()[-1]["left"], told()[-1]["out"]) == (0, 1)
    catalog.adjust_stock(low.sku_id, 30, "", "arrival")
    assert warehouse.tell_of_low_stock() == 0
    assert not StockAlert.select().exists()
    catalog.adjust_stock(low.sku_id, -25, "", "damage")
    assert warehouse.tell_of_low_stock() == 1


def test_goods_off_the_shelf_are_not_told_of() -> None:
    make_product(stock=2, state="off_shelf")
    assert warehouse.tell_of_low_stock() == 0
