"""Reservations: the interface between orders and the things that they take."""

from __future__ import annotations

from typing import Any

import pytest

from domain import orders, reservations
from domain.catalog import STOCK
from domain.reservations import Back, Claim, Reservation, ReservingLine, ReservingOrder
from kernel.errors import Conflict
from models import Order, OrderTake, Sku
from tests.factories import tokens as token_kind
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import order_form, paid_order, placed_order
from tests.factories.tokens import Pool, tokens  # noqa: F401 - a fixture


def test_without_installed_kinds_no_order_can_be_placed(db: Any) -> None:
    form = order_form(make_member(), [(make_product().sku_id, 1)])
    reservations.install(())
    with pytest.raises(LookupError), db.atomic():
        orders.place_order(form)
    assert Order.select().count() == 0


def test_a_claim_of_an_unknown_kind_is_an_error(db: Any) -> None:
    form = order_form(make_member(), [(make_product().sku_id, 1)])
    with pytest.raises(LookupError), db.atomic():
        orders.place_order(form, [Claim("coupon", 17, 1)])
    assert Order.select().count() == 0


def test_a_refusal_of_one_kind_rolls_back_the_others(db: Any, tokens: None) -> None:  # noqa: F811
    token_kind.fill(1)
    made = make_product(stock=9)
    form = order_form(make_member(), [(made.sku_id, 2)])
    with pytest.raises(Conflict, match="tokens_short"), db.atomic():
        orders.place_order(form, token_kind.claims_for([2]))
    assert (Sku.get_by_id(made.sku_id).held, Pool.get(Pool.sort == 1).held) == (0, 0)


def test_kinds_hold_in_the_order_of_their_installation(db: Any) -> None:
    asked: list[str] = []

    def kind(name: str) -> Reservation:
        def note(*_: Any) -> tuple[()]:
            asked.append(name)
            return ()

        return Reservation(name, hold=note, take=note, release=note, give_back=note)  # type: ignore[arg-type]

    reservations.install([kind("coupon"), kind("points"), kind("stock")])
    order = ReservingOrder(1, "ORD1", 1, (ReservingLine(1, 1, line_id=1),))
    reservations.hold(order)
    reservations.take(order)
    reservations.release(order)
    reservations.give_back(order, Back(1, 1, 0, 0))
    assert asked == ["coupon", "points", "stock"] * 4


def test_placing_and_paying_write_no_row_for_stock(db: Any, wired: None) -> None:
    """``stock_move`` is the record of stock, so that a rush has no further insert."""
    reservations.install((STOCK,))
    bought = paid_order(quantity=2)
    assert OrderTake.select().count() == 0
    orders.record_restocked(bought.order_id, [(bought.line_ids[0], 1)], "AS1")
    assert OrderTake.get().given_back == 1


def test_no_more_than_was_bought_is_given_back(db: Any, wired: None) -> None:
    bought = paid_order(quantity=1)
    orders.record_restocked(bought.order_id, [(bought.line_ids[0], 1)], "AS1")
    with pytest.raises(Exception, match=r"(?i)check|constraint"), db.atomic():
        orders.record_restocked(bought.order_id, [(bought.line_ids[0], 1)], "AS2")
    assert Sku.get_by_id(bought.product.sku_id).sold == 0


def test_an_unpaid_order_has_its_claims_recorded_by_line(db: Any, tokens: None) -> None:  # noqa: F811
    token_kind.fill(9)
    made = [make_product(), make_product()]
    items = sorted((m.sku_id, n) for m, n in zip(made, (1, 3), strict=True))
    form = order_form(make_member(), items)
    orders.place_order(form, token_kind.claims_for([n for _, n in items]))
    order = Order.get()
    lines = [line.id for line in orders.order_by_id(order.id).lines]
    taken = reservations.takes_of(order.id, token_kind.KIND)
    assert [(t.line_id, t.ref, t.amount) for t in taken] == [
        (lines[0], 1, 1), (lines[1], 1, 3), (lines[0], 2, 37), (lines[1], 2, 111),
    ]  # fmt: skip
    placed_order()  # an order without claims besides its goods
    assert OrderTake.select().count() == 4
