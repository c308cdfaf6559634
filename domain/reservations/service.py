"""The four verbs. Each calls all kinds in one order, which is the order of their locks."""

from __future__ import annotations

from collections.abc import Sequence

from domain.reservations.kinds import Back, Claim, Reservation, ReservingOrder, Take
from kernel.store import insert_rows
from models import OrderTake

_installed: tuple[Reservation, ...] = ()


def install(kinds: Sequence[Reservation]) -> None:
    """Set the kinds of this shop, in the order in which every verb locks their rows.

    The order is coupon, points, quota, place, stock. Stock comes last because many orders may want
    one row.
    """
    global _installed
    _installed = tuple(kinds)


def hold(order: ReservingOrder, claims: Sequence[Claim] = ()) -> list[tuple[str, Take]]:
    """Reserve what an order takes, all or none (占用).

    Returns what ``record`` has to keep, as (kind, take). Raises what the kinds raise; the order is
    not placed then.
    """
    unknown = {claim.kind for claim in claims} - {each.kind for each in _kinds()}
    if unknown:
        raise LookupError(f"nobody holds {sorted(unknown)}")
    return [
        (each.kind, made)
        for each in _kinds()
        for made in each.hold(order, [claim for claim in claims if claim.kind == each.kind])
    ]


def record(order_id: int, line_ids: Sequence[int], made: Sequence[tuple[str, Take]]) -> None:
    """Insert the rows of what was reserved, in one statement, after the order's lines."""
    insert_rows(
        OrderTake,
        [
            {
                "order": order_id,
                "line": 0 if each.line is None else line_ids[each.line],
                "kind": kind,
                "ref": each.ref,
                "amount": each.amount,
                "given_back": 0,
            }
            for kind, each in made
        ],
    )


def take(order: ReservingOrder) -> None:
    """Make final what was reserved; the order is paid (扣减)."""
    for each in _kinds():
        each.take(order)


def release(order: ReservingOrder) -> None:
    """Free what was reserved; the order was cancelled before it was paid (释放)."""
    for each in _kinds():
        each.release(order)


def give_back(order: ReservingOrder, back: Back) -> None:
    """Give back what came back of a line after payment; equal totals change nothing (退回)."""
    for each in _kinds():
        each.give_back(order, back)


def _kinds() -> tuple[Reservation, ...]:
    """The installed kinds. Raises LookupError if there are none: stock would go unchecked."""
    if not _installed:
        raise LookupError("no reservations are installed")
    return _installed
