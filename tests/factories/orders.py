"""Orders for tests, brought by the verbs to the state that a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain import orders
from domain.orders import Given, PlaceOrder, ShipForm
from domain.orders.payable import begin_order_payment
from domain.orders.queries import order_by_id
from domain.payments.ports import PaymentResult, TradeState
from domain.payments.service import settle
from kernel import clock
from models import Address, Order
from tests.factories.catalog import Made, make_product
from tests.factories.members import APPID, make_address, make_member
from tests.factories.numbers import next_number

MCHID = "1900000001"


@dataclass(frozen=True)
class Bought:
    """An order that a test created."""

    order_id: int
    order_no: str
    member_id: int
    payable_fen: int
    product: Made

    @property
    def row(self) -> Any:
        """The current row of the order."""
        return Order.get_by_id(self.order_id)

    @property
    def payment_id(self) -> int:
        """The id of the payment that paid it."""
        return next(p.id for p in orders.payments_of(self.order_id) if p.state == "paid")

    @property
    def line_ids(self) -> list[int]:
        """The ids of the order's lines, in order."""
        return [line.id for line in order_by_id(self.order_id).lines]


def address_of(member_id: int, province: str = "四川省") -> int:
    """The id of a member's address in a province; created if there is none."""
    found = Address.get_or_none((Address.member == member_id) & Address.masked.contains(province))
    return int(found.id) if found else make_address(member_id, province=province)


def order_form(
    member_id: int, items: list[tuple[int, int]], *, province: str = "四川省", **more: Any
) -> PlaceOrder:
    """The command of a buyer who was shown the current price."""
    _, quote = orders.preview_order(items, province)
    values = {"expected_payable_fen": quote.payable_fen, "is_adult": True} | more
    return PlaceOrder(
        member_id=member_id,
        items=tuple(items),
        address_id=address_of(member_id, province),
        **values,
    )


def placed_order(
    member_id: int | None = None, *, quantity: int = 1, product: Made | None = None,
    items: list[tuple[int, int]] | None = None, province: str = "四川省",
    given: Sequence[Given] = (), **more: Any,
) -> Bought:  # fmt: skip
    """An order that awaits its payment."""
    buyer = member_id if member_id is not None else make_member()
    made = product or make_product()
    form = order_form(buyer, items or [(made.sku_id, quantity)], province=province, **more)
    result = orders.place_order(form, given=given)
    return Bought(result["order_id"], result["order_no"], buyer, result["payable_fen"], made)


def paid_result(out_trade_no: str, amount_fen: int, **more: Any) -> PaymentResult:
    """WeChat's answer about a payment that arrived."""
    values = {
        "mchid": MCHID, "appid": APPID, "currency": "CNY", "amount_fen": amount_fen,
        "transaction_id": f"42{out_trade_no[-20:]}", "success_at": clock.now(),
    }  # fmt: skip
    return PaymentResult(TradeState.SUCCESS, out_trade_no, **(values | more))


def begin(bought: Bought, channel: Any = "jsapi") -> str:
    """Begin a payment; returns its out_trade_no."""
    ticket = begin_order_payment(bought.order_no, bought.member_id, channel, MCHID, APPID)
    return ticket.out_trade_no


def paid_order(member_id: int | None = None, **more: Any) -> Bought:
    """An order whose payment arrived. The test must have subscribed the handlers (``wired``)."""
    bought = placed_order(member_id, **more)
    if bought.payable_fen:
        assert settle(paid_result(begin(bought), bought.payable_fen)) == "booked"
    return bought


def ship_all(bought: Bought, *lines: tuple[int, int]) -> int:
    """Ship a parcel with these lines, or with all that is left; its id."""
    number = f"SF{next_number('parcel'):010d}"
    return orders.ship_parcel(bought.order_id, ShipForm("顺丰速运", number, tuple(lines)))


def shipped_order(member_id: int | None = None, **more: Any) -> Bought:
    """A paid order that was shipped in one parcel."""
    bought = paid_order(member_id, **more)
    ship_all(bought)
    return bought


def received_order(member_id: int | None = None, **more: Any) -> Bought:
    """An order whose buyer confirmed receipt."""
    bought = shipped_order(member_id, **more)
    orders.confirm_receipt(bought.order_no, bought.member_id)
    return bought
