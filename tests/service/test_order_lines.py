"""Bought lines, gifts and rewards, also of one SKU, from the order to the last refund."""

from __future__ import annotations

from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import aftersales, catalog, distribution, orders, payments
from domain.aftersales import CaseForm
from domain.orders import Given, ShipForm
from domain.payments.ports import RefundResult, RefundState
from domain.payments.refunds import settle_refund
from kernel.errors import Conflict, Invalid, NotFound
from models import AfterSaleLine, Commission, Order, OrderLine, OrderTake, ParcelLine, Sku
from tests.factories.catalog import Made, make_product
from tests.factories.distribution import make_distributor
from tests.factories.members import make_member
from tests.factories.orders import Bought, order_form, paid_order, ship_all
from tests.harness import books

SHOT = ("a" * 64,)


@pytest.fixture
def shop(db: Any) -> Made:
    """A wired shop with ten bottles."""
    subscribe_all()
    return make_product(price_fen=10_000, stock=10)


def _buy(made: Made, quantity: int = 2, *given: Given, member_id: int | None = None) -> Bought:
    return paid_order(member_id, quantity=quantity, product=made, given=given)


def _ask(bought: Bought, kind: Any, items: Any, reason: str) -> dict[str, Any]:
    form = CaseForm(bought.member_id, bought.order_no, kind, tuple(items), reason, pictures=SHOT)
    return aftersales.request_case(form)


def _refund_all_money(case_id: int) -> None:
    """Settle the case's refunds as paid back by WeChat."""
    for refund in payments.refunds_of_case(case_id):
        found = RefundResult(
            RefundState.SUCCESS, refund.out_refund_no, refund_fen=refund.amount_fen, currency="CNY"
        )
        assert settle_refund(found) == "booked"


def _counts(made: Made) -> tuple[int, int, int]:
    sku = Sku.get_by_id(made.sku_id)
    return (sku.stock, sku.held, sku.sold)


def test_a_gift_of_the_same_sku_is_a_separate_line_of_0_fen(shop: Made) -> None:
    bought = _buy(shop, 2, Given(shop.sku_id, 1), Given(shop.sku_id, 1, "reward"))
    lines = orders.order_by_id(bought.order_id).lines
    assert [(x.kind, x.quantity, x.paid_fen) for x in lines] == [
        ("bought", 2, 20_000), ("gift", 1, 0), ("reward", 1, 0),
    ]  # fmt: skip
    assert bought.payable_fen == 20_000 + bought.row.freight_fen
    assert _counts(shop) == (6, 0, 4)
    assert books.faults() == []


def test_an_order_is_refused_if_a_gift_is_short_of_stock(db: Any, shop: Made) -> None:
    gift = make_product(stock=1)
    with pytest.raises(catalog.StockShort), db.atomic():
        _buy(shop, 1, Given(gift.sku_id, 2))
    assert (_counts(shop), Order.select().count()) == ((10, 0, 0), 0)


@pytest.mark.parametrize(("quantity", "error"), [(0, Invalid), (10_000, Invalid)])
def test_a_given_line_has_the_same_bounds_as_a_bought_one(
    shop: Made, quantity: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _buy(shop, 1, Given(shop.sku_id, quantity))


def test_an_unknown_sku_cannot_be_given(shop: Made) -> None:
    with pytest.raises(NotFound):
        _buy(shop, 1, Given(999_999, 1))


def test_liquor_is_given_to_adults_only(shop: Made) -> None:
    member = make_member()
    cup = make_product("酒杯", is_liquor=False)
    form = order_form(member, [(cup.sku_id, 1)], is_adult=False)
    with pytest.raises(Invalid, match="adult_unconfirmed"):
        orders.place_order(form, given=[Given(shop.sku_id, 1)])


def test_each_line_is_shipped_separately(shop: Made) -> None:
    bought = _buy(shop, 2, Given(shop.sku_id, 1))
    first, gift = bought.line_ids
    ship_all(bought, (first, 2))
    assert bought.row.state == "partly_shipped"
    ship_all(bought)
    assert bought.row.state == "shipped"
    packed = [(row.line_id, row.quantity) for row in ParcelLine.select().order_by(ParcelLine.id)]
    assert packed == [(first, 2), (gift, 1)]
    with pytest.raises(Conflict):
        orders.ship_parcel(bought.order_id, ShipForm("顺丰速运", "SF00001234", ((gift, 1),)))


def test_a_given_line_earns_no_commission_and_a_bought_one_of_the_same_sku_does(
    shop: Made,
) -> None:
    seller, buyer = make_distributor("阿慧"), make_member()
    distribution.bind(buyer, seller, cause="link")
    distribution.save_rule("all", 0, None, "fixed", 0, [500], "staff:1", None)
    bought = _buy(shop, 2, Given(shop.sku_id, 1), member_id=buyer)
    assert [row.line_id for row in Commission.select()] == bought.line_ids[:1]


def test_a_cancelled_order_restocks_all_lines(shop: Made) -> None:
    bought = _buy(shop, 2, Given(shop.sku_id, 1))
    made = aftersales.cancel_paid_order(bought.order_no, bought.member_id)
    aftersales.approve_case(made["case_id"])
    _refund_all_money(made["case_id"])
    assert (bought.row.state, bought.row.refunded_fen) == ("refunded", bought.payable_fen)
    assert _counts(shop) == (10, 0, 0)
    assert books.faults() == []


def test_a_refund_of_the_last_bought_piece_cancels_the_gift(shop: Made) -> None:
    """Otherwise the shop would ship a gift without a purchase."""
    bought = _buy(shop, 2, Given(shop.sku_id, 1))
    first, gift = bought.line_ids
    for is_last in (False, True):
        made = _ask(bought, "refund_only", [(first, 1)], "not_wanted")
        parts = AfterSaleLine.select().where(AfterSaleLine.case == made["case_id"])
        assert [p.line_id for p in parts] == ([first, gift] if is_last else [first])
        aftersales.approve_case(made["case_id"])
        _refund_all_money(made["case_id"])
    assert (bought.row.state, bought.row.refunded_fen) == ("refunded", bought.payable_fen)
    assert _counts(shop) == (10, 0, 0)


def test_a_refused_refund_leaves_the_gift_to_be_shipped(shop: Made) -> None:
    bought = _buy(shop, 1, Given(shop.sku_id, 1))
    made = _ask(bought, "refund_only", [(bought.line_ids[0], 1)], "not_wanted")
    aftersales.reject_case(made["case_id"], "已打包")
    ship_all(bought)
    assert [line.shipped for line in orders.order_by_id(bought.order_id).lines] == [1, 1]


def test_a_shipped_gift_may_be_kept_after_a_full_refund(shop: Made) -> None:
    bought = _buy(shop, 5, Given(shop.sku_id, 1))
    assert bought.row.freight_fen == 0
    ship_all(bought)
    made = _ask(bought, "return", [(bought.line_ids[0], 5)], "quality")
    _goods_come_back(bought, made)
    assert (bought.row.state, bought.row.refunded_fen) == ("refunded", 50_000)
    assert _counts(shop) == (9, 0, 1)


def test_an_order_whose_gift_still_waits_is_not_refunded_yet(shop: Made) -> None:
    """All bought pieces came back, but the unshipped gift is still to be shipped or dropped."""
    bought = _buy(shop, 5, Given(shop.sku_id, 1))
    ship_all(bought, (bought.line_ids[0], 5))
    made = _ask(bought, "return", [(bought.line_ids[0], 5)], "quality")
    _goods_come_back(bought, made)
    assert (bought.row.state, _counts(shop)) == ("partly_shipped", (9, 0, 1))
    aftersales.merchant_refund(bought.order_no, [(bought.line_ids[1], 1)], "买家已退货")
    assert (bought.row.state, _counts(shop)) == ("refunded", (10, 0, 0))
    assert books.faults() == []


def test_pieces_of_one_sku_are_returned_by_line(shop: Made) -> None:
    bought = _buy(shop, 2, Given(shop.sku_id, 2))
    first, gift = bought.line_ids
    ship_all(bought)
    made = _ask(bought, "return", [(first, 1), (gift, 2)], "no_reason")
    _goods_come_back(bought, made)
    lines = {x.id: x for x in OrderLine.select()}
    assert [(lines[x].restocked, lines[x].refunded) for x in (first, gift)] == [(1, 1), (2, 2)]
    takes = {row.line: (row.amount, row.given_back) for row in OrderTake.select()}
    assert takes == {first: (2, 1), gift: (2, 2)}
    assert bought.row.refunded_fen == 10_000
    assert _counts(shop) == (9, 0, 1)
    assert books.faults() == []


def test_a_broken_gift_is_exchanged_at_no_cost(shop: Made) -> None:
    bought = _buy(shop, 1, Given(shop.sku_id, 1))
    gift = bought.line_ids[1]
    ship_all(bought)
    made = _ask(bought, "exchange", [(gift, 1)], "damaged")
    _goods_come_back(bought, made, restock=False)
    aftersales.send_replacement(made["case_id"], "顺丰速运", "SF22330099")
    assert aftersales.case_detail_for_merchant(made["case_id"]).state == "exchanged"
    assert _counts(shop) == (7, 0, 3)
    assert books.faults() == []


@pytest.mark.parametrize(
    ("kind", "reason", "is_shipped"),
    [("return", "no_reason", True), ("refund_only", "quality", True),
     ("refund_only", "not_wanted", False)],
)  # fmt: skip
def test_a_gift_alone_is_not_taken_back_without_a_fault_nor_refunded(
    shop: Made, kind: Any, reason: str, is_shipped: bool
) -> None:
    bought = _buy(shop, 1, Given(shop.sku_id, 1))
    if is_shipped:
        ship_all(bought)
    items = ((bought.line_ids[1], 1),)
    shown = aftersales.allowed_requests(bought.member_id, bought.order_no, items)
    assert reason not in shown.get(kind, ())
    with pytest.raises(Conflict, match="given_alone"):
        _ask(bought, kind, items, reason)


def test_a_partial_refund_of_a_gift_cannot_be_requested(shop: Made) -> None:
    bought = _buy(shop, 1, Given(shop.sku_id, 1))
    ship_all(bought)
    with pytest.raises(Invalid):
        aftersales.merchant_refund(bought.order_no, [(bought.line_ids[1], 0)], "补偿", 100)


def test_the_merchant_takes_a_gift_out_of_an_order_before_it_leaves(shop: Made) -> None:
    bought = _buy(shop, 1, Given(shop.sku_id, 1))
    aftersales.merchant_refund(bought.order_no, [(bought.line_ids[1], 1)], "赠品缺货")
    assert _counts(shop) == (9, 0, 1)
    ship_all(bought)
    assert bought.row.state == "shipped"
    assert books.faults() == []


def _goods_come_back(bought: Bought, made: dict[str, Any], *, restock: bool = True) -> None:
    aftersales.approve_case(made["case_id"])
    aftersales.send_back(made["case_no"], bought.member_id, "中通快递", "ZT88412234")
    aftersales.receive_returned_goods(made["case_id"], restock=restock)
    _refund_all_money(made["case_id"])
