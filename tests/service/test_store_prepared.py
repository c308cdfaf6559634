"""Prepared SQL gives the same results as the query builder, on every engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import catalog
from kernel import clock
from kernel.store import insert_row, insert_rows, prepared
from models import Picture, PriceHistory, Product, Sku
from tests.factories.catalog import make_picture, make_product


@prepared
def _cheap(product_ids: Any, most_fen: Any) -> Any:
    return (
        Sku.select(Sku.id, Sku.product, Sku.price_fen, Sku.is_removed, Product.title)
        .join(Product)
        .where(Sku.product.in_(product_ids) & (Sku.price_fen <= most_fen))
        .order_by(Sku.id)
    )


@prepared
def _pictures(position: Any) -> Any:
    return Picture.select(Picture.widths, Picture.alt.alias("said")).offset(position).limit(1)


@prepared
def _since(at: Any) -> Any:
    return PriceHistory.select(PriceHistory.sku, PriceHistory.from_at).where(
        PriceHistory.from_at > at
    )


@prepared
def _at(instants: Any, sku_id: Any) -> Any:
    return PriceHistory.select(PriceHistory.from_at).where(
        PriceHistory.from_at.in_(instants) & (PriceHistory.sku == sku_id)
    )


@prepared
def _reprice(sku_id: Any, price_fen: Any) -> Any:
    return Sku.update(price_fen=price_fen).where(Sku.id == sku_id)


def test_parameters_are_bound_in_order_and_rows_have_names(db: Any) -> None:
    one, two = make_product(price_fen=100), make_product(price_fen=200)
    found = _cheap.all([one.product_id, two.product_id], 150)
    assert [(r.id, r.product_id, r.price_fen, r.is_removed) for r in found] == [
        (one.sku_id, one.product_id, 100, False)
    ]
    assert found[0].is_removed is False
    assert len(_cheap.all([one.product_id, two.product_id], 200)) == 2
    assert [r.id for r in _cheap.all([two.product_id], 200)] == [two.sku_id]
    assert _cheap.first([one.product_id], 99) is None


def test_a_list_parameter_of_any_length_matches_exactly_its_values(db: Any) -> None:
    made = [make_product(price_fen=100 + n) for n in range(3)]
    ids = [each.product_id for each in made]
    for padding in (0, 1, 29, 30, 31, 60, 61, 100):
        unknown = list(range(1_000_000, 1_000_000 + padding))
        found = _cheap.all([*ids[:2], *unknown], 1_000)
        assert [row.product_id for row in found] == ids[:2]
        assert _cheap.all((*unknown, ids[2]), 1_000)[0].product_id == ids[2]
    assert _cheap.all([], 1_000) == []


def test_a_list_parameter_may_contain_instants(db: Any) -> None:
    made = make_product()
    (row,) = _since.all(clock.now() - timedelta(minutes=1))
    found = _at.all([clock.now(), row.from_at], made.sku_id)
    assert [each.from_at for each in found] == [row.from_at]


def test_values_are_converted_as_the_fields_say(db: Any) -> None:
    make_picture("a", "一瓶酒")
    assert _pictures.first(0) == ([320, 640, 800], "一瓶酒")
    made, before = make_product(), clock.now() - timedelta(minutes=1)
    assert _since.all(clock.now() + timedelta(minutes=1)) == []
    (row,) = _since.all(before)
    assert row.sku_id == made.sku_id
    assert before < row.from_at <= clock.now()


def test_a_change_returns_the_number_of_rows(db: Any) -> None:
    made = make_product(price_fen=100)
    assert _reprice.run(made.sku_id, 250) == 1
    assert _reprice.run(0, 1) == 0
    assert Sku.get_by_id(made.sku_id).price_fen == 250


async def test_a_peek_reads_committed_rows(store: Any) -> None:
    made = make_product(price_fen=100)
    await store.write(catalog.set_price, made.sku_id, 300)
    page = await store.peek(catalog.product_page, made.product_id)
    assert page.price_fen == 300


def test_inserted_rows_have_defaults_conversions_and_ids(db: Any) -> None:
    made, other = make_product(), make_product(price_fen=29900)
    values = {"sku": made.sku_id, "price_fen": 100, "from_at": clock.now(), "by": "staff:1"}
    first = insert_row(PriceHistory, **values)
    insert_rows(PriceHistory, [values | {"price_fen": 200}, values | {"price_fen": 300}])
    insert_rows(PriceHistory, [])
    many = [values | {"sku": other.sku_id, "price_fen": n} for n in range(1, 236)]
    insert_rows(PriceHistory, many)
    mine = PriceHistory.select().where(PriceHistory.sku == other.sku_id)
    assert sorted(row.price_fen for row in mine) == sorted([*range(1, 236), 29900])
    PriceHistory.delete().where(PriceHistory.sku == other.sku_id).execute()
    rows = list(PriceHistory.select().where(PriceHistory.id >= first).order_by(PriceHistory.id))
    assert [(r.sku_id, r.price_fen, r.by) for r in rows] == [
        (made.sku_id, 100, "staff:1"),
        (made.sku_id, 200, "staff:1"),
        (made.sku_id, 300, "staff:1"),
    ]
    assert {r.from_at for r in rows} == {values["from_at"]}
    picture_id = insert_row(
        Picture,
        digest="c" * 64,
        width=8,
        height=6,
        color="#112233",
        widths=[8],
        created_at=clock.now(),
    )
    made_picture = Picture.get_by_id(picture_id)
    assert (made_picture.widths, made_picture.alt) == ([8], "")
