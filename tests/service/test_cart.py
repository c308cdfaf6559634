"""The cart: limits, problems of lines, and the merge at sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import cart, catalog, settings
from domain.cart.service import delete_abandoned_lines
from domain.catalog import StockShort
from domain.settings import Trade
from kernel import clock
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from models import CartLine
from tests.factories.catalog import make_product

ME = cart.member_owner(7)
BROWSER = cart.session_owner(3)


def _content(owner: str) -> dict[int, int]:
    return {line.sku_id: line.quantity for line in cart.view(owner).lines}


def test_quantities_of_the_same_sku_are_added(db: Any) -> None:
    sku = make_product(price_fen=5000).sku_id
    assert cart.add(ME, sku, 2) == 2
    assert cart.add(ME, sku) == 3
    view = cart.view(ME, "四川省")
    assert (view.count, view.quote.goods_fen, view.quote.freight_fen) == (3, 15000, 0)
    assert view.items == ((sku, 3),)
    assert view.can_order
    assert cart.count(ME) == 3


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_quantity_out_of_bounds_is_refused_with_its_bounds(db: Any, quantity: int) -> None:
    sku = make_product(stock=1000).sku_id
    with pytest.raises(Invalid) as refused:
        cart.add(ME, sku, quantity)
    assert (refused.value.code, refused.value.facts["limit"]) == ("quantity_bad", 99)
    assert _content(ME) == {}
    cart.add(ME, sku, 5)
    with pytest.raises(Invalid):
        cart.set_quantity(ME, sku, quantity)
    assert _content(ME) == {sku: 5}


def test_the_limit_counts_pieces_already_in_the_cart(db: Any) -> None:
    sku = make_product(stock=1000).sku_id
    cart.add(ME, sku, 60)
    with pytest.raises(Invalid):
        cart.add(ME, sku, 40)
    assert _content(ME) == {sku: 60}


def test_a_cart_holds_no_more_than_the_stock(db: Any) -> None:
    sku = make_product(stock=3).sku_id
    with pytest.raises(StockShort) as short:
        cart.add(ME, sku, 4)
    assert short.value.facts["left"] == 3
    assert _content(ME) == {}


def test_goods_that_are_not_for_sale_cannot_be_added(db: Any) -> None:
    with pytest.raises(Conflict):
        cart.add(ME, make_product(state="draft").sku_id)
    with pytest.raises(NotFound):
        cart.add(ME, 10**6)
    with pytest.raises(NotFound):
        cart.set_quantity(ME, make_product().sku_id, 1)
    assert CartLine.select().count() == 0


def test_a_full_cart_refuses_another_line(db: Any) -> None:
    settings.change(Trade, {"max_cart_lines": 2})
    for _ in range(2):
        cart.add(ME, make_product().sku_id)
    with pytest.raises(LimitReached) as full:
        cart.add(ME, make_product().sku_id)
    assert full.value.facts == {"limit": 2}


def test_the_cart_shows_problems_of_its_lines(db: Any) -> None:
    fine, gone, out, short, dearer = (make_product(stock=5) for _ in range(5))
    for made in (fine, gone, out, short, dearer):
        cart.add(ME, made.sku_id, 2)
    catalog.set_state(gone.product_id, "take_off_shelf")
    catalog.adjust_stock(out.sku_id, -5, "盘亏")
    catalog.adjust_stock(short.sku_id, -4, "盘亏")
    catalog.set_price(dearer.sku_id, 39800)
    view = cart.view(ME)
    problems = {line.sku_id: line.problem for line in view.lines}
    assert problems == {
        fine.sku_id: None,
        gone.sku_id: "gone",
        out.sku_id: "sold_out",
        short.sku_id: "short",
        dearer.sku_id: None,
    }
    assert {x.sku_id: x.was_fen for x in view.lines if x.was_fen} == {dearer.sku_id: 29800}
    assert not view.can_order
    assert view.quote.goods_fen == 2 * 29800 + 2 * 39800
    cart.select(ME, [short.sku_id], False)
    assert cart.view(ME).can_order


def test_a_sold_out_line_does_not_block_the_others(db: Any) -> None:
    fine, out = make_product(stock=5), make_product(stock=5)
    cart.add(ME, fine.sku_id)
    cart.add(ME, out.sku_id)
    catalog.adjust_stock(out.sku_id, -5, "盘亏")
    view = cart.view(ME)
    assert (view.can_order, view.items) == (True, ((fine.sku_id, 1),))
    cart.select(ME, [fine.sku_id], False)
    assert not cart.view(ME).can_order


def test_select_and_remove(db: Any) -> None:
    one, two = make_product().sku_id, make_product().sku_id
    cart.add(ME, one)
    cart.add(ME, two)
    cart.select(ME, None, False)
    assert (cart.view(ME).items, cart.view(ME).can_order) == ((), False)
    cart.select(ME, [two], True)
    assert cart.view(ME).items == ((two, 1),)
    cart.remove(ME, [two, 999])
    assert _content(ME) == {one: 1}


def test_the_browser_s_cart_is_merged_into_the_member_s_at_sign_in(db: Any) -> None:
    mine, both, theirs = (make_product(stock=200).sku_id for _ in range(3))
    cart.add(ME, mine, 1)
    cart.add(ME, both, 60)
    cart.add(BROWSER, both, 60)
    cart.add(BROWSER, theirs, 2)
    assert cart.merge(BROWSER, ME) == 2
    assert _content(ME) == {mine: 1, both: 120, theirs: 2}
    assert _content(BROWSER) == {}
    assert cart.merge(BROWSER, ME) == 0


def test_carts_of_two_owners_are_separate(db: Any) -> None:
    sku = make_product().sku_id
    cart.add(ME, sku)
    with pytest.raises(NotFound):
        cart.set_quantity(cart.member_owner(8), sku, 2)
    cart.remove(cart.member_owner(8), [sku])
    assert _content(ME) == {sku: 1}


def test_an_unused_cart_of_a_browser_is_deleted_and_a_member_s_is_kept(db: Any) -> None:
    sku = make_product().sku_id
    cart.add(BROWSER, sku)
    cart.add(ME, sku)
    clock.set_offset(timedelta(days=59))
    assert delete_abandoned_lines() == 0
    clock.set_offset(timedelta(days=61))
    assert delete_abandoned_lines() == 1
    assert (_content(BROWSER), _content(ME)) == ({}, {sku: 1})
