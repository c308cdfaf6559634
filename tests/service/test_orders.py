"""Orders: prices as seen, stock held and released, and the rules of each state."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import audit, cart, catalog, members, orders, settings
from domain.catalog import SkuForm, StockShort
from domain.orders import OrderFilter, ShipForm
from domain.orders.payable import begin_order_payment
from domain.orders.rules import ORDER_STATES, STATES
from domain.orders.service import complete_order, receive_if_due
from domain.settings import Freight, Trade
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import CommandKey
from models import Order, OrderLine, OrderLog, Sku, StockMove
from tests.factories.catalog import make_picture, make_product
from tests.factories.members import APPID, make_address, make_member
from tests.factories.orders import (
    MCHID,
    Bought,
    order_form,
    paid_order,
    placed_order,
    received_order,
    ship_all,
    shipped_order,
)
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("wired")


def _stock(sku_id: int) -> tuple[int, int, int]:
    sku = Sku.get_by_id(sku_id)
    return sku.stock, sku.held, sku.sold


def test_an_order_keeps_what_was_seen(db: Any) -> None:
    member = make_member()
    made = make_product("山泉坊·陈酿", price_fen=5900, stock=10)
    catalog.set_pictures(made.product_id, [make_picture("c")])
    cart.add(cart.member_owner(member), made.sku_id, 2)
    form = order_form(
        member,
        [(made.sku_id, 1)],
        note=" 快点 ",
        cart_owner=cart.member_owner(member),
    )
    result = orders.place_order(form)
    catalog.set_price(made.sku_id, 9900)
    page = orders.order_detail_for_buyer(result["order_no"], member)
    assert (page.state, page.goods_fen, page.freight_fen, page.payable_fen) == (
        "awaiting_payment",
        5900,
        1000,
        6900,
    )
    assert (page.note, page.lines[0].title) == ("快点", "山泉坊·陈酿")
    assert page.lines[0].picture_id == "c" * 64
    assert page.address is not None
    assert page.address["detail"] == "春熙路1号"
    assert "春熙路" not in page.masked_address
    assert page.pay_by_at - page.created_at == timedelta(minutes=30)
    assert _stock(made.sku_id) == (9, 1, 0)
    assert cart.count(cart.member_owner(member)) == 0


def test_the_address_is_a_sealed_snapshot(db: Any) -> None:
    bought = placed_order()
    row = bought.row
    assert "春熙" not in row.sealed_address
    members.delete_address(bought.member_id, members.list_addresses(bought.member_id)[0].id)
    address = orders.order_detail_for_buyer(bought.order_no, bought.member_id).address
    assert address is not None
    assert address["name"] == "林小山"
    assert orders.order_detail_for_merchant(bought.order_no).address is None
    assert orders.delivery_address(bought.order_no)["phone"] == "13800138000"
    assert audit.history("order", bought.order_id)[0].action == "order.address"


def test_a_price_that_moved_refuses_the_order_with_the_new_one(db: Any) -> None:
    member, made = make_member(), make_product(price_fen=29800, stock=3)
    form = order_form(member, [(made.sku_id, 1)])
    catalog.set_price(made.sku_id, 30000)
    with pytest.raises(Conflict) as refused:
        orders.place_order(form)
    assert (refused.value.code, refused.value.facts["payable_fen"]) == ("price_changed", 30000)
    assert Order.select().count() == 0
    assert _stock(made.sku_id) == (3, 0, 0)


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_quantity_out_of_bounds_is_refused(db: Any, quantity: int) -> None:
    member, made = make_member(), make_product(stock=1000)
    form = replace(order_form(member, [(made.sku_id, 1)]), items=((made.sku_id, quantity),))
    with pytest.raises(Invalid) as refused:
        orders.place_order(form)
    assert refused.value.facts["limit"] == 99
    assert Order.select().count() == 0


def test_the_same_sku_twice_is_one_line(db: Any) -> None:
    made = make_product(stock=10)
    bought = placed_order(items=[(made.sku_id, 2), (made.sku_id, 3)], product=made)
    assert OrderLine.get(OrderLine.order == bought.order_id).quantity == 5
    assert _stock(made.sku_id) == (5, 5, 0)


def test_another_members_address_or_order_is_not_found(db: Any) -> None:
    member, other, made = make_member(), make_member(), make_product()
    form = replace(order_form(member, [(made.sku_id, 1)]), address_id=make_address(other))
    with pytest.raises(NotFound):
        orders.place_order(form)
    bought = placed_order(other, product=made)
    with pytest.raises(NotFound):
        orders.order_detail_for_buyer(bought.order_no, member)
    with pytest.raises(NotFound):
        orders.cancel_unpaid(bought.order_no, member)
    with pytest.raises(NotFound):
        begin_order_payment(bought.order_no, member, "jsapi", MCHID, APPID)
    with pytest.raises(NotFound):
        orders.confirm_receipt(bought.order_no, member)
    assert bought.row.state == "awaiting_payment"
    assert orders.list_orders_of_member(member) == []


def test_short_stock_undoes_the_whole_order(db: Any) -> None:
    member = make_member()
    plenty, few = make_product(stock=10), make_product(stock=2)
    form = order_form(member, [(plenty.sku_id, 1), (few.sku_id, 3)])
    with pytest.raises(StockShort) as short, db.atomic():
        orders.place_order(form)
    assert short.value.facts == {"sku_id": few.sku_id, "left": 2}
    assert (Order.select().count(), StockMove.select().count()) == (0, 2)
    assert _stock(plenty.sku_id) == (10, 0, 0)


def test_twenty_buyers_for_five_bottles_sell_five(db: Any) -> None:
    made = make_product(stock=5)
    buyers = [make_member() for _ in range(20)]
    forms = [order_form(buyer, [(made.sku_id, 1)]) for buyer in buyers]
    sold = 0
    for form in forms:
        try:
            with db.atomic():
                orders.place_order(form)
            sold += 1
        except StockShort:
            pass
    assert (sold, Order.select().count(), _stock(made.sku_id)) == (5, 5, (0, 5, 0))


async def test_twenty_buyers_at_once_sell_five(store: Any) -> None:
    import asyncio

    made = await store.write(make_product, stock=5)
    member = await store.write(make_member)
    form = await store.write(order_form, member, [(made.sku_id, 1)])
    results = await asyncio.gather(
        *(store.write(orders.place_order, form) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(r, dict) for r in results) == 5
    assert sum(isinstance(r, StockShort) for r in results) == 15
    assert await store.read(_stock, made.sku_id) == (0, 5, 0)


async def test_one_tap_twice_is_one_order(store: Any) -> None:
    made = await store.write(make_product, stock=5)
    member = await store.write(make_member)
    form = await store.write(order_form, member, [(made.sku_id, 1)])
    key = CommandKey(f"member:{member}", "place_order", "form-1", body=form.items)
    first = await store.once(key, orders.place_order, form)
    second = await store.once(key, orders.place_order, form)
    assert first == second
    assert await store.read(_stock, made.sku_id) == (4, 1, 0)


def test_liquor_is_sold_to_adults_only(db: Any) -> None:
    member, wine, cup = make_member(), make_product(), make_product(is_liquor=False)
    with pytest.raises(Invalid) as refused:
        orders.place_order(order_form(member, [(wine.sku_id, 1)], is_adult=False))
    assert refused.value.code == "adult_unconfirmed"
    assert Order.select().count() == 0
    orders.place_order(order_form(member, [(cup.sku_id, 2)], is_adult=False))
    assert Order.select().count() == 1


def test_an_exemption_counts_only_if_it_was_confirmed(db: Any) -> None:
    member, made = make_member(), make_product(is_return_exempt=True)
    form = order_form(member, [(made.sku_id, 1)])
    with pytest.raises(Invalid) as refused:
        orders.place_order(form)
    assert refused.value.facts["sku_ids"] == [made.sku_id]
    result = orders.place_order(replace(form, exempt_confirmed=(made.sku_id,)))
    assert orders.order_detail_for_buyer(result["order_no"], member).lines[0].is_return_exempt


def test_what_is_off_the_shelf_is_not_ordered(db: Any) -> None:
    member, made = make_member(), make_product()
    form = order_form(member, [(made.sku_id, 1)])
    catalog.set_state(made.product_id, "take_off_shelf")
    with pytest.raises(Conflict) as refused:
        orders.place_order(form)
    assert refused.value.code == "not_for_sale"
    assert Order.select().count() == 0


def test_an_order_of_0_fen_is_paid_at_once(db: Any) -> None:
    settings.change(Freight, {"flat_fen": 0})
    made = make_product(price_fen=0, stock=2)
    bought = placed_order(product=made)
    assert (bought.payable_fen, bought.row.state, bought.row.paid_at is not None) == (
        0,
        "paid",
        True,
    )
    assert _stock(made.sku_id) == (1, 0, 1)
    with pytest.raises(Conflict):
        begin_order_payment(bought.order_no, bought.member_id, "jsapi", MCHID, APPID)


def test_a_remote_province_pays_its_extra(db: Any) -> None:
    bought = placed_order(province="新疆维吾尔自治区")
    assert (bought.row.freight_fen, bought.payable_fen) == (1500, 31300)


def test_placing_an_order_needs_few_queries(db: Any) -> None:
    member, one, two = make_member(), make_product(), make_product()
    form = order_form(member, [(one.sku_id, 1), (two.sku_id, 1)])
    with counted(db) as queries:
        orders.place_order(form)
    assert len(queries) <= 12, queries  # one of them asks for freight templates


def test_a_paid_order_ships_in_several_parcels(db: Any) -> None:
    one, two = make_product(), make_product()
    bought = paid_order(items=[(one.sku_id, 3), (two.sku_id, 1)], product=one)
    first, second = bought.line_ids
    ship_all(bought, (first, 2))
    assert bought.row.state == "partly_shipped"
    with pytest.raises(Conflict) as refused:
        ship_all(bought, (first, 2))
    assert refused.value.facts == {"line_id": first, "left": 1}
    with pytest.raises(Conflict):
        orders.confirm_receipt(bought.order_no, bought.member_id)
    ship_all(bought)
    page = orders.order_detail_for_buyer(bought.order_no, bought.member_id)
    assert page.state == "shipped"
    assert [p.contents for p in page.parcels] == [((first, 2),), ((first, 1), (second, 1))]
    assert [g.to_state for g in page.log] == [
        "awaiting_payment",
        "paid",
        "partly_shipped",
        "shipped",
    ]
    assert page.receive_by_at == page.shipped_at + timedelta(days=10)
    with pytest.raises(Conflict):
        ship_all(bought)


@pytest.mark.parametrize("number", ["", "SF1", "SF_12345", "顺丰123456", "x" * 41])
def test_a_parcel_needs_a_number(db: Any, number: str) -> None:
    bought = paid_order()
    with pytest.raises(Invalid):
        orders.ship_parcel(bought.order_id, ShipForm("顺丰", number))
    assert bought.row.state == "paid"


def test_a_line_of_another_order_is_not_shipped(db: Any) -> None:
    bought, other = paid_order(), paid_order()
    with pytest.raises(Invalid):
        ship_all(bought, (other.line_ids[0], 1))
    assert bought.row.state == "paid"
    assert OrderLine.get_by_id(bought.line_ids[0]).shipped == 0


def test_a_parcel_is_entered_once(db: Any) -> None:
    bought = paid_order(quantity=2)
    form = ShipForm("顺丰", "SF99990000", ((bought.line_ids[0], 1),))
    orders.ship_parcel(bought.order_id, form)
    with pytest.raises(Conflict) as known:
        orders.ship_parcel(bought.order_id, form)
    assert known.value.code == "parcel_known"
    assert OrderLine.get_by_id(bought.line_ids[0]).shipped == 1


def test_receipt_starts_the_clock_of_completion(db: Any) -> None:
    bought = received_order()
    assert bought.row.complete_by_at - bought.row.received_at == timedelta(days=7)
    assert not complete_order(bought.order_id)
    clock.set_offset(timedelta(days=7, seconds=1))
    assert complete_order(bought.order_id)
    assert bought.row.state == "completed"
    assert not complete_order(bought.order_id)


def test_an_order_is_received_automatically_after_its_time(db: Any) -> None:
    bought = shipped_order()
    clock.set_offset(timedelta(days=9))
    assert not receive_if_due(bought.order_id)
    orders.extend_receipt(bought.order_id, 3)
    clock.set_offset(timedelta(days=11))
    assert not receive_if_due(bought.order_id)
    clock.set_offset(timedelta(days=13, seconds=1))
    assert receive_if_due(bought.order_id)
    log = orders.order_detail_for_buyer(bought.order_no, bought.member_id).log[-1]
    assert (log.to_state, log.actor, log.why) == ("received", "system", "timeout")


def test_no_automatic_receipt_while_a_case_is_open(db: Any) -> None:
    bought = shipped_order()
    Order.update(open_cases=1).where(Order.id == bought.order_id).execute()
    clock.set_offset(timedelta(days=20))
    assert not receive_if_due(bought.order_id)
    assert bought.row.state == "shipped"


def test_each_verb_refuses_states_outside_the_table(db: Any) -> None:
    bought = placed_order()
    for state in STATES:
        Order.update(state=state).where(Order.id == bought.order_id).execute()
        if (state, "ship_part") not in ORDER_STATES:
            with pytest.raises(Conflict):
                ship_all(bought)
        if (state, "receive") not in ORDER_STATES:
            with pytest.raises(Conflict):
                orders.confirm_receipt(bought.order_no, bought.member_id)
        if state not in ("awaiting_payment", "closing", "cancelled"):
            with pytest.raises(Conflict):
                orders.begin_closing(bought.order_id, "x")
        assert bought.row.state == state
    assert OrderLog.select().count() == 1


def test_each_tab_lists_the_orders_of_its_states(db: Any) -> None:
    member = make_member()
    made = make_product(stock=100)
    waiting = placed_order(member, product=made)
    paid = paid_order(member, product=made)
    part = paid_order(member, product=made, quantity=2)
    ship_all(part, (part.line_ids[0], 1))
    shipped = shipped_order(member, product=made)
    received = received_order(member, product=made)
    paid_order()

    def tab(name: Any) -> set[int]:
        return {card.id for card in orders.list_orders_of_member(member, name)}

    assert tab("to_pay") == {waiting.order_id}
    assert tab("to_ship") == {paid.order_id, part.order_id}
    assert tab("to_receive") == {part.order_id, shipped.order_id}
    assert tab("done") == {received.order_id}
    assert tab("refunding") == set()
    assert len(tab("all")) == 5
    assert orders.tab_counts(member) == {
        "to_pay": 1,
        "to_ship": 2,
        "to_receive": 2,
        "refunding": 0,
    }
    first = orders.list_orders_of_member(member, limit=2)
    rest = orders.list_orders_of_member(member, before_id=first[-1].id)
    assert [c.id for c in first + rest] == sorted(tab("all"), reverse=True)


def test_the_merchant_finds_orders_by_number_parcel_member_and_masked_words(db: Any) -> None:
    bought = paid_order()
    parcel = ShipForm("顺丰速运", "SF77001122")
    orders.ship_parcel(bought.order_id, parcel)
    other = placed_order(make_member("小王"))
    public_no = members.member_detail(bought.member_id).public_no

    def found(words: str) -> list[str]:
        return [card.order_no for card in orders.list_orders(OrderFilter(words=words))]

    assert found(bought.order_no) == [bought.order_no]
    assert found(bought.order_no[:14].lower()) == [bought.order_no]
    assert found("SF77001122") == [bought.order_no]
    assert found(public_no) == [bought.order_no]
    for phone in ("138****8000", "13800138000", "+86138-0013-8000", "8000"):
        assert found(phone) == [other.order_no, bought.order_no], phone
    for stranger in ("13900138000", "138****8001", "8001", "800"):
        assert found(stranger) == [], stranger
    assert found("%") == []
    assert orders.list_orders(OrderFilter(tab="to_pay"))[0].order_no == other.order_no
    assert orders.list_orders(OrderFilter(member_id=other.member_id))[0].id == other.order_id
    assert orders.order_counts() == {"awaiting_payment": 1, "shipped": 1, "refunding": 0}


def placed_to(name: str, phone: str = "13800138000") -> Bought:
    """An order of a new member to this receiver."""
    member = make_member()
    make_address(member, name=name, phone=phone)
    return placed_order(member)


def test_the_merchant_finds_receivers_by_first_character_and_length(db: Any) -> None:
    short = placed_to("林雨").order_no
    long = placed_to("林小雨").order_no
    placed_to("王小雨")

    def found(words: str) -> list[str]:
        return [card.order_no for card in orders.list_orders(OrderFilter(words=words))]

    assert found("林") == [long, short]
    assert found("林雨") == found("林*") == [short]
    assert found("林小雨") == found("林**") == [long]
    assert found("小雨") == found("四川") == found("林8") == []


def test_the_desk_finds_whole_names_and_phones_only(db: Any) -> None:
    """Everybody with the same first character, or the same four last digits, was found."""
    mine = placed_to("欧阳·娜娜", "13912340001").order_no
    same = placed_to("欧阳娜娜", "13912340002").order_no
    placed_to("欧阳小娜", "13999990001")

    def found(words: str) -> list[str]:
        return [card.order_no for card in orders.list_orders(OrderFilter(words=words))]

    for name in ("欧阳娜娜", "欧阳 娜娜", "欧\u200b阳娜娜", "歐陽娜娜", "欧阳·娜娜"):
        assert found(name) == [same, mine], name
    for phone in ("13912340001", "+86 139-1234-0001", "139 1234 0001", "１３９１２３４０００１"):
        assert found(phone) == [mine], phone
    assert found("欧阳娜") == found("欧阳娜娜1") == found("13911110001") == []


def test_an_order_without_hashes_is_found_by_its_masks(db: Any) -> None:
    bought = placed_to("欧阳娜娜", "13912340001")
    Order.update(name_hash=None, phone_hash=None).execute()
    for words in ("欧阳娜娜", "欧阳小娜", "13912340001", "13999990001"):
        assert [c.id for c in orders.list_orders(OrderFilter(words=words))] == [bought.order_id]


def test_a_search_matches_all_words_and_the_other_filters(db: Any) -> None:
    first = placed_to("林雨", "13900001111")
    second = placed_to("林雨", "13900002222")
    placed_to("王雨", "13900002222")

    def found(words: str, **more: Any) -> list[int]:
        return [card.id for card in orders.list_orders(OrderFilter(words=words, **more))]

    assert found("林 2222") == found("2222 林雨 ORD") == [second.order_id]
    assert found("林 3333") == []
    assert found("林", limit=1) == [second.order_id]
    assert found("林", before_id=second.order_id) == [first.order_id]
    assert found("林", member_id=first.member_id) == [first.order_id]
    assert found("林", tab="done") == []


def test_an_order_of_the_former_release_is_found_by_its_masked_words(db: Any) -> None:
    bought = placed_to("林雨")
    Order.update(receiver=None, phone_end=None).execute()
    for words in ("林", "8000", "138****8000", bought.order_no):
        assert [c.id for c in orders.list_orders(OrderFilter(words=words))] == [bought.order_id]


def test_the_migration_fills_the_parts_of_masked_addresses(db: Any) -> None:
    placed_to("林雨", "13900001234")
    placed_to("e\u0301te")
    parts = Order.select(Order.receiver, Order.phone_end).order_by(Order.id)
    placed = list(parts.tuples())
    assert placed == [("林*", "1234"), ("\u00e9**", "8000")]
    Order.update(receiver=None, phone_end=None).execute()
    importlib.import_module("migrations.0080_growth")._fill(db)
    assert list(parts.tuples()) == placed


def test_orders_are_filtered_by_days_even_if_two_clocks_differ(db: Any) -> None:
    noon = clock.now() - timedelta(days=30)
    hours = (0, 5, 4, 24, 48)  # the third was placed on a machine that is an hour behind
    made = [placed_order(product=make_product(stock=9)).order_id for _ in hours]
    for order_id, hour in zip(made, hours, strict=True):
        Order.update(created_at=noon + timedelta(hours=hour)).where(Order.id == order_id).execute()

    def between(first: int, last: int) -> list[int]:
        days = (noon + timedelta(hours=hour) for hour in (first, last))
        wanted = OrderFilter("all", None, "", None, None, *days)
        return [made.index(card.id) for card in orders.list_orders(wanted)]

    assert between(0, 49) == [4, 3, 2, 1, 0]
    assert between(4, 25) == [3, 2, 1]
    assert between(5, 24) == [1]
    assert between(-99, 0) == between(49, 99) == between(-999, -990) == []


def test_the_pay_time_follows_the_merchants_switch(db: Any) -> None:
    settings.change(Trade, {"pay_within_minutes": 15})
    row = placed_order().row
    assert row.pay_by_at - row.created_at == timedelta(minutes=15)


def test_the_seller_is_credited_while_placing(db: Any) -> None:
    bought, seller = placed_order(), make_member()
    orders.record_origin(bought.order_id, "link", "direct", seller)
    assert orders.list_orders(OrderFilter(seller_id=seller))[0].seller_id == seller


def test_several_skus_of_one_product_hold_their_own_stock(db: Any) -> None:
    made = make_product(skus=[SkuForm(100, 3, "大"), SkuForm(50, 3, "小")])
    placed_order(items=[(made.sku_ids[0], 1), (made.sku_ids[1], 2)], product=made)
    assert [_stock(sku) for sku in made.sku_ids] == [(2, 1, 0), (1, 2, 0)]
    assert catalog.skus_out_of_balance() == []
