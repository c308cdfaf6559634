"""Stock as a reservation of orders (库存占用). ``stock_move`` records what was taken."""

from __future__ import annotations

from collections.abc import Sequence

from domain import reservations
from domain.catalog import stock
from domain.reservations import Back, Claim, Reservation, Take, TakingOrder

KIND = "stock"


def _hold(order: TakingOrder, _claims: Sequence[Claim]) -> Sequence[Take]:
    stock.hold_stock(_goods(order), order.order_no)
    return ()


def _take(order: TakingOrder) -> None:
    stock.take_stock(_goods(order), order.order_no)


def _release(order: TakingOrder) -> None:
    stock.release_stock(_goods(order), order.order_no)


def _give_back(order: TakingOrder, back: Back) -> None:
    """Put pieces fit for sale back into stock, and take replacements from it.

    The line's totals are kept in ``order_take``; its row is made when the first piece moves.
    """
    if not back.restocked_total and not back.replaced_total:
        return
    line = order.line(back.line_id)
    replaced, returned = reservations.bring_to(
        order.order_id, line.line_id, KIND, line.sku_id, line.quantity,
        line.quantity + back.replaced_total, back.restocked_total,
    )  # fmt: skip
    source = back.source or order.order_no
    if returned:
        stock.return_stock([(line.sku_id, returned)], source)
    if replaced:
        stock.replace_stock([(line.sku_id, replaced)], source)


def _goods(order: TakingOrder) -> list[tuple[int, int]]:
    return [(line.sku_id, line.quantity) for line in order.lines]


STOCK = Reservation(KIND, hold=_hold, take=_take, release=_release, give_back=_give_back)
"""Installed as the last kind, so that the row of a popular SKU is locked for the shortest time."""
