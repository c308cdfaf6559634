"""The four verbs: each goes through all kinds, in the one order in which rows are locked."""

from __future__ import annotations

from collections.abc import Sequence

from domain.reservations.kinds import Back, Claim, Reservation, Take, TakingOrder
from kernel.store import insert_rows
from models import OrderTake

_installed: tuple[Reservation, ...] = ()


def install(kinds: Sequence[Reservation]) -> None:
    """The kinds of this shop, in the order in which every verb locks their rows.

    The order is coupon, points, quota, place, stock: what many want at once comes last.
    """
    global _installed
    _installed = tuple(kinds)


def hold(order: TakingOrder, claims: Sequence[Claim] = ()) -> list[tuple[str, Take]]:
    """Put aside what an order takes, all or none (占用).

    Answers what ``record`` has to keep. Raises what the kinds raise; the order is then not placed.
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
    """Keep what was put aside, in one statement, once the order's lines have their ids."""
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


def take(order: TakingOrder) -> None:
    """The order is paid: what was put aside is used up (扣减)."""
    for each in _kinds():
        each.take(order)


def release(order: TakingOrder) -> None:
    """The order was cancelled before it was paid: everything is free again (释放)."""
    for each in _kinds():
        each.release(order)


def give_back(order: TakingOrder, back: Back) -> None:
    """Something of a line came back after payment; the same totals again change nothing (退回)."""
    for each in _kinds():
        each.give_back(order, back)


def _kinds() -> tuple[Reservation, ...]:
    """The kinds. Without any, a shop would sell what it does not have."""
    if not _installed:
        raise LookupError("no reservations are installed")
    return _installed
