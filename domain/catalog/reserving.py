"""Stock as a reservation of orders (库存占用). ``stock_move`` records what was taken."""

from __future__ import annotations

from collections.abc import Sequence

from domain import reservations
from domain.catalog import stock
from domain.reservations import Back, Claim, Reservation, ReservingOrder, Take

KIND = "stock"


def _hold_stock(order: ReservingOrder, _claims: Sequence[Claim]) -> Sequence[Take]:
    stock.hold_stock(_goods(order), order.order_no)
    return ()


def _take_stock(order: ReservingOrder) -> None:
    stock.take_stock(_goods(order), order.order_no)


def _release_stock(order: ReservingOrder) -> None:
    stock.release_stock(_goods(order), order.order_no)


def _give_back_stock(order: ReservingOrder, back: Back) -> None:
    """Put pieces fit for sale back into stock, and take replacements from it.

    The line's totals are kept in ``order_take``; its row is made when the first piece moves.
    """
    if not back.restocked_total and not back.replaced_total:
        return
    line = order.line(back.line_id)
    replaced, returned = reservations.raise_line_totals(
        order.order_id, line.line_id, KIND, line.sku_id, line.quantity,
        line.quantity + back.replaced_total, back.restocked_total,
    )  # fmt: skip
    source = back.source or order.order_no
    if returned:
        stock.return_stock([(line.sku_id, returned)], source)
    if replaced:
        stock.replace_stock([(line.sku_id, replaced)], source)


def _goods(order: ReservingOrder) -> list[tuple[int, int]]:
    return [(line.sku_id, line.quantity) for line in order.lines]


STOCK = Reservation(
    KIND, hold=_hold_stock, take=_take_stock, release=_release_stock, give_back=_give_back_stock
)
"""Installed as the last kind, so that the row of a popular SKU is locked for the shortest time."""
