"""Many parcels at once, from a sheet (批量发货): what is to ship, and a look at each row.

A row ships all that is left of one order in one parcel, by the verb that ships a single parcel.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from peewee import fn

from domain import adults, after_restore_hold, audit
from domain.imports import Verdict
from domain.orders import rules, statements
from domain.orders.deliveries import kinds_with_parcels
from domain.orders.queries import decrypted_address, lines_of_orders
from domain.orders.rules import ShipForm
from domain.orders.service import line_counts, ship_parcel, waits_for_address
from domain.orders.steps import lock_order
from domain.orders.views import LineView
from kernel.errors import Conflict, Invalid, NotFound
from kernel.personal import mask_numbers
from kernel.text import number_of, tracking_of
from models import Order, OrderLine, Parcel

AT_ONCE = 400
TO_SHIP = ("paid", "partly_shipped")
ShipFault = Literal[
    "order_no_missing", "order_unpaid", "order_cancelled", "order_refunded", "shipped_before",
    "order_twice", "number_of_other", "company_digits", "tracking_is_order_no",
]  # fmt: skip
"""What only a sheet is told; the other reasons are the refusals of the single step."""

_ENDED: dict[str, ShipFault] = {
    "awaiting_payment": "order_unpaid", "closing": "order_unpaid",
    "cancelled": "order_cancelled", "refunded": "order_refunded",
}  # fmt: skip


class ShipRow(NamedTuple):
    """A row as it was filled in."""

    order_no: str
    company: str
    tracking_no: str


@dataclass(frozen=True)
class ToShip:
    """An order that waits for a parcel, with what is left of it."""

    id: int
    order_no: str
    paid_at: datetime
    goods: str
    pieces: int
    note: str
    greeting: str
    masked_address: str
    address: Mapping[str, str] | None  # only for who may see it


def list_to_ship(
    ids: Sequence[int] = (), after_id: int = 0, limit: int = 200, *, with_address: bool = False
) -> list[ToShip]:
    """Orders with something left to ship, oldest first, after an id; ``ids`` chooses among them.

    Liquor for somebody whose age is in doubt is left out, and gifts that nobody has taken.
    ``with_address`` opens the receivers' addresses, and each look is on record (查看收货信息).
    """
    chosen = Order.state.in_(TO_SHIP) & (Order.id > after_id)
    chosen &= Order.delivery.in_(kinds_with_parcels())
    if ids:
        chosen &= Order.id.in_(list(ids))
    liquor = OrderLine.select(OrderLine.id).where(
        (OrderLine.order == Order.id) & (OrderLine.is_liquor == True)  # noqa: E712 - SQL
    )
    held = Order.member.in_(adults.held_members())
    held |= fn.COALESCE(Order.recipient, 0).in_(adults.held_members())
    chosen &= ~(held & fn.EXISTS(liquor)) & ~statements.waits_for_address()
    rows = list(Order.select().where(chosen).order_by(Order.id).limit(limit))
    lines = lines_of_orders([row.id for row in rows])
    return [_to_ship(row, lines[row.id], with_address) for row in rows]


def pieces_to_ship(sku_ids: Iterable[int]) -> dict[int, int]:
    """Pieces of each SKU that are sold and still in the house; those finally refunded are not."""
    ids = sorted(set(sku_ids))
    left = fn.SUM(OrderLine.quantity - OrderLine.shipped - OrderLine.dropped)
    query: Any = (
        OrderLine.select(OrderLine.sku, left)
        .join(Order)
        .where(Order.state.in_(TO_SHIP) & OrderLine.sku.in_(ids))
        .group_by(OrderLine.sku)
    )
    return {int(sku): int(pieces) for sku, pieces in query.tuples()} if ids else {}


def _to_ship(row: Any, lines: Iterable[Any], with_address: bool) -> ToShip:
    left = [line for line in lines if line.left_to_ship > 0]
    address = _address(row) if with_address and left else None
    return ToShip(
        row.id, row.order_no, row.paid_at, _goods(left), sum(line.left_to_ship for line in left),
        row.note if address else mask_numbers(row.note),
        row.greeting if address else mask_numbers(row.greeting), row.masked_address, address,
    )  # fmt: skip


def _address(row: Any) -> Mapping[str, str] | None:
    try:
        found = decrypted_address(row)
    except NotFound:  # erased at the buyer's wish
        return None
    audit.record("order.address", "order", row.id)
    return found


def _goods(lines: Iterable[Any]) -> str:
    named = (
        f"{line.title} {line.spec_text}".strip() + f" × {line.left_to_ship}" for line in lines
    )
    return "；".join(named)


def ship_row(row: ShipRow, pieces: int) -> int:
    """Ship all that is left of an order in one parcel; returns the parcel's id (发货).

    The row is looked at again under the order's lock: what was shipped, refunded or changed since
    the preview, where ``pieces`` were left, is refused. Raises as ``ship_parcel``, NotFound, and
    Conflict('ship_sheet_moved') or with the reason of a verdict.
    """
    known = Order.get_or_none(Order.order_no == number_of(row.order_no))
    if known is None:
        raise NotFound("order_missing", "order_no")
    order = lock_order(known.id)
    (verdict,) = check_ship_rows([row])
    left = sum(max(line.left, 0) for line in line_counts(order.id))
    if verdict.state == "known":
        raise Conflict("parcel_known", "tracking_no")
    if verdict.state != "good":
        raise Conflict(verdict.why, verdict.cell, **verdict.facts)
    if left != pieces:
        raise Conflict("ship_sheet_moved", "order_no", shown=pieces, left=left)
    return ship_parcel(order.id, ShipForm(row.company, row.tracking_no))


def check_ship_rows(rows: Sequence[ShipRow]) -> list[Verdict]:
    """What would come of each row now; nothing is changed."""
    numbers = [number_of(row.order_no) for row in rows]
    facts = _Facts(rows, numbers)
    return [facts.verdict(row, number) for row, number in zip(rows, numbers, strict=True)]


class _Facts:
    """Everything that a look at some rows needs, read in a few queries."""

    def __init__(self, rows: Sequence[ShipRow], numbers: Sequence[str]) -> None:
        self._orders: dict[str, Any] = {}
        self._parcels: dict[int, list[Any]] = defaultdict(list)
        self._lines: dict[int, list[LineView]] = {}
        self._buyers: dict[str, dict[int, str]] = defaultdict(dict)  # of parcels, by their number
        self._held_since = after_restore_hold.held_since()
        self._doubted = {row.open_for for row in adults.held_members()}
        self._read_orders(sorted({number for number in numbers if number}))
        tracked = [tracking_of(row.tracking_no) for row in rows]
        self._read_parcels(sorted({track for track in tracked if track}))
        said = {(no, track) for no, track in zip(numbers, tracked, strict=True) if track}
        for number, track in sorted(said):
            if (order := self._orders.get(number)) is not None:
                self._buyers[track].setdefault(order.member_id, number)
        self._parcels_of = Counter(number for number, _ in said)
        self._seen: set[str] = set()

    def _read_orders(self, numbers: Sequence[str]) -> None:
        for some in _pieces(numbers):
            found = list(Order.select().where(Order.order_no.in_(some)))
            ids = [order.id for order in found]
            self._orders |= {order.order_no: order for order in found}
            self._lines |= lines_of_orders(ids)
            parcels: Any = Parcel.select().where(Parcel.order.in_(ids)).order_by(Parcel.id)
            for parcel in parcels:
                self._parcels[parcel.order_id].append(parcel)

    def _read_parcels(self, tracked: Sequence[str]) -> None:
        for some in _pieces(tracked):
            query: Any = (
                Parcel.select(Parcel.tracking_no, Order.member, Order.order_no)
                .join(Order)
                .where(Parcel.tracking_no.in_(some))
            )
            for track, member_id, order_no in query.tuples():
                self._buyers[track].setdefault(member_id, order_no)

    def verdict(self, row: ShipRow, number: str) -> Verdict:
        """The look at one row; rows above it were looked at before."""
        if not row.company and not row.tracking_no:
            return Verdict("blank")
        if not number:
            return _wrong("order_no_missing", "order_no")
        order = self._orders.get(number)
        if order is None:
            return Verdict("wrong", "order_missing", "order_no")
        try:
            company, track = rules.checked_tracking(row.company, row.tracking_no)
        except Invalid as error:
            return Verdict("wrong", error.code, error.field or "", error.facts)
        if company.isascii() and sum(each.isdigit() for each in company) > 5:
            return _wrong("company_digits", "company")
        if track == number:
            return _wrong("tracking_is_order_no", "tracking_no")
        return self._of_order(order, track) or self._of_parcel(order, company, track)

    def _of_order(self, order: Any, track: str) -> Verdict | None:
        """Why the order takes no parcel, None if it does."""
        sent = self._parcels[order.id]
        if any(parcel.tracking_no == track for parcel in sent):
            return Verdict("known")
        if order.state in _ENDED:
            return _wrong(_ENDED[order.state], "order_no")
        if order.state not in TO_SHIP:
            company, number = (sent[-1].company, sent[-1].tracking_no) if sent else ("", "")
            return _wrong("shipped_before", "order_no", company=company, number=number)
        if self._held_since is not None and order.created_at < self._held_since:
            return Verdict("wrong", after_restore_hold.HELD, "order_no")
        if waits_for_address(order):
            return Verdict("wrong", "gift_waits", "order_no")
        people = {order.member_id, order.recipient_id}
        if people & self._doubted and any(x.is_liquor for x in self._lines[order.id]):
            return Verdict("wrong", "age_unproven", "order_no")
        if not any(line.left_to_ship > 0 for line in self._lines[order.id]):
            return Verdict("wrong", "nothing_to_ship", "order_no")
        return None

    def _of_parcel(self, order: Any, company: str, track: str) -> Verdict:
        """Whether this parcel is the one for the order."""
        if self._parcels_of[order.order_no] > 1:
            return _wrong("order_twice", "order_no")
        others = [no for who, no in self._buyers[track].items() if who != order.member_id]
        if others:
            return _wrong("number_of_other", "tracking_no", order_no=others[0])
        if order.order_no in self._seen:
            return Verdict("double")
        self._seen.add(order.order_no)
        left = [line for line in self._lines[order.id] if line.left_to_ship > 0]
        shown = {
            "pieces": sum(line.left_to_ship for line in left), "goods": _goods(left)[:200],
            "company": company, "tracking_no": track,
        }  # fmt: skip
        return Verdict("good", shown=shown)


def _wrong(why: ShipFault, cell: str, **facts: Any) -> Verdict:
    return Verdict("wrong", why, cell, facts)


def _pieces(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
