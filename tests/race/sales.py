"""The buyers, orders and distributors that race tests start from, created by the verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import distribution, orders, payouts, settings
from domain.orders import PlaceOrder
from domain.payments.service import settle
from models import Order, Sku
from tests.factories.distribution import make_customer, make_distributor, pass_time
from tests.factories.orders import Bought, begin, order_form, paid_result, received_order
from tests.factories.orders import paid_order as _paid


@dataclass(frozen=True)
class Seller:
    """A distributor and the orders of their customers."""

    member_id: int
    sold: tuple[Bought, ...]


def place(form: PlaceOrder) -> dict[str, Any]:
    """The verb of a buyer who taps 提交订单."""
    return orders.place_order(form)


def forms(member_ids: list[int], sku_id: int, quantity: int = 1) -> list[PlaceOrder]:
    """One order form per buyer, with the price that they see now."""
    return [order_form(m, [(sku_id, quantity)]) for m in member_ids]


def counts(sku_id: int) -> tuple[int, int, int]:
    """A SKU's stock, held and sold."""
    sku = Sku.get_by_id(sku_id)
    return sku.stock, sku.held, sku.sold


def states() -> dict[str, int]:
    """The number of orders by state."""
    found: dict[str, int] = {}
    for row in Order.select():
        found[row.state] = found.get(row.state, 0) + 1
    return found


def earner(*, rate_bp: int = 1000, received: int = 1, price_more: int = 0) -> Seller:
    """A distributor with a customer's received orders of ¥298; commission is not released yet."""
    seller = make_distributor()
    buyer = make_customer(seller)
    distribution.save_rule("all", 0, None, "levels", 0, (rate_bp,), "staff:1", None)
    sold = tuple(received_order(buyer) for _ in range(received))
    return Seller(seller, sold)


def thaw(days: int = 9) -> None:
    """Let the freeze period pass, so that the next run releases the commission."""
    pass_time(days=days)


def ready_to_pay_out(**changes: Any) -> None:
    """Choose a tax method, raise the limits, and check the ledger, so that payouts may run."""
    values = {
        "tax_method": "ordinary", "withdraw_per_day": 10, "review_from_fen": 200_000,
        "withdraw_min_fen": 100,
    }  # fmt: skip
    settings.change(settings.Distribution, values | changes)
    payouts.check_ledger()


def pay(bought: Bought) -> str:
    """Book the payment of an order; returns the outcome."""
    return settle(paid_result(begin(bought), bought.payable_fen))


paid_order = _paid
