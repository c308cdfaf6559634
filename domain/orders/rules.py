"""The table of an order's states, and what may be ordered and shipped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.orders.companies import company_named
from domain.promotions import NO_CHOICES, Choices
from kernel.errors import Conflict, Invalid
from kernel.personal import mask_documents
from kernel.text import clean_line, clean_text, number_of, tracking_of

# (state, event) -> state; every other pair raises. See ``docs/algorithms/orders.md``.
ORDER_STATES = {
    ("awaiting_payment", "close"): "closing",
    ("closing", "cancel"): "cancelled",
    ("awaiting_payment", "pay"): "paid",
    ("closing", "pay"): "paid",
    ("paid", "accept"): "paid",
    ("paid", "ship_part"): "partly_shipped",
    ("partly_shipped", "ship_part"): "partly_shipped",
    ("paid", "ship_all"): "shipped",
    ("paid", "collect"): "received",
    ("partly_shipped", "ship_all"): "shipped",
    ("partly_shipped", "drop_rest"): "shipped",
    ("shipped", "receive"): "received",
    ("received", "complete"): "completed",
    ("paid", "refund_all"): "refunded",
    ("partly_shipped", "refund_all"): "refunded",
    ("shipped", "refund_all"): "refunded",
    ("received", "refund_all"): "refunded",
    ("completed", "refund_all"): "refunded",
}
STATES = tuple(dict.fromkeys([*(s for s, _ in ORDER_STATES), *ORDER_STATES.values()]))
ENDS = ("completed", "cancelled", "refunded")
UNDONE = ("awaiting_payment", "closing", "paid", "partly_shipped", "shipped")
CancelReason = Literal["buyer", "timeout"]
"""Why an order was closed unpaid."""
STEPS = ("placed", "buyer", "timeout", "extended", "friend", "redirected")
"""Codes of the log besides the events of the table."""
WAITING_STATES = tuple(state for state in STATES if state not in ENDS)
PAID_STATES = ("paid", "partly_shipped", "shipped", "received", "completed")


BOUGHT = "bought"
GivenKind = Literal["gift", "reward"]


@dataclass(frozen=True)
class Given:
    """Goods at 0 fen (赠品、奖品): a gift with a purchase, or a reward."""

    sku_id: int
    quantity: int
    kind: GivenKind = "gift"


GREETING_MOST = 120
TITLE_MOST = 60
INVOICE_KINDS = ("", "personal", "company")
_TAX_NO = re.compile("[0-9A-Z]{15}|[0-9A-Z]{18}|[0-9A-Z]{20}")


@dataclass(frozen=True)
class Wishes:
    """What a buyer wishes beside the goods: words for a card (贺卡), an invoice (发票).

    ``invoice_kind`` is personal, company or "" for none; a company has a title and a tax number.
    """

    greeting: str = ""
    invoice_kind: str = ""
    invoice_title: str = ""
    invoice_tax_no: str = ""


NO_WISHES = Wishes()
EXPRESS = "express"
"""Delivery by parcel (快递)."""
GIFT = "gift"
"""A friend gives the address (送礼)."""


@dataclass(frozen=True)
class PlaceOrder:
    """What a buyer sends to place an order.

    ``items`` are (sku_id, pieces). ``expected_payable_fen`` is the amount that the buyer saw.
    ``exempt_confirmed`` names the SKUs for which the buyer confirmed that they can't be returned
    without a reason. ``cart_owner`` is the cart from which the goods are removed. ``choices`` are
    what the buyer chose among offers. ``terms_version`` is the version of the terms that the page
    showed, 0 for none, and ``agrees_to_terms`` whether the buyer ticked them. ``delivery`` is
    the kind of delivery, ``to`` what the kind needs to know; by parcel that is ``address_id``.
    """

    member_id: int
    items: tuple[tuple[int, int], ...]
    address_id: int
    expected_payable_fen: int
    note: str = ""
    is_adult: bool = False
    exempt_confirmed: tuple[int, ...] = ()
    cart_owner: str | None = None
    choices: Choices = NO_CHOICES
    terms_version: int = 0
    agrees_to_terms: bool = False
    wishes: Wishes = NO_WISHES
    delivery: str = EXPRESS
    to: object = None


@dataclass(frozen=True)
class ShipForm:
    """A parcel (包裹): carrier, number and (line_id, pieces); without lines, all that is left."""

    company: str
    tracking_no: str
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class LineCount:
    """A line's pieces: bought, shipped, withheld for cases, and dropped after a refund."""

    line_id: int
    quantity: int
    shipped: int
    withheld: int
    dropped: int

    @property
    def left(self) -> int:
        """Pieces that may be shipped now."""
        return self.quantity - self.shipped - self.withheld

    @property
    def is_settled(self) -> bool:
        """True if no piece of the line will be shipped any more, however its cases end."""
        return self.shipped + self.dropped == self.quantity


def next_state(state: str, event: str) -> str:
    """The state after an event. Raises Conflict('order_state')."""
    try:
        return ORDER_STATES[state, event]
    except KeyError:
        raise Conflict("order_state", state=state, event=event) from None


def checked_items(
    items: Iterable[tuple[int, int]], line_limit: int, lines_limit: int
) -> list[tuple[int, int]]:
    """An order's (sku_id, pieces), each SKU once and sorted, each quantity 1 to the limit.

    A SKU that is named twice is summed. Raises Invalid('quantity_bad', 'order_empty',
    'too_many_lines').
    """
    sums: dict[int, int] = {}
    for sku_id, quantity in items:
        if not 1 <= quantity <= line_limit:
            raise Invalid("quantity_bad", "quantity", limit=line_limit, sku_id=sku_id)
        sums[sku_id] = sums.get(sku_id, 0) + quantity
    if not sums:
        raise Invalid("order_empty", "items")
    if len(sums) > lines_limit:
        raise Invalid("too_many_lines", "items", limit=lines_limit)
    for sku_id, quantity in sums.items():
        if quantity > line_limit:
            raise Invalid("quantity_bad", "quantity", limit=line_limit, sku_id=sku_id)
    return sorted(sums.items())


def checked_given(given: Sequence[Given], line_limit: int, lines_limit: int) -> Sequence[Given]:
    """Given goods, each with 1 piece to the limit of a line. Raises Invalid."""
    if len(given) > lines_limit:
        raise Invalid("too_many_lines", "given", limit=lines_limit)
    for each in given:
        if not 1 <= each.quantity <= line_limit:
            raise Invalid("quantity_bad", "given", limit=line_limit, sku_id=each.sku_id)
    return given


def checked_wishes(wishes: Wishes) -> Wishes:
    """The wishes, cleaned. Raises Invalid with the field that is wrong."""
    greeting = mask_documents(clean_text(wishes.greeting))
    if len(greeting) > GREETING_MOST:
        raise Invalid("text_too_long", "greeting", limit=GREETING_MOST)
    if wishes.invoice_kind not in INVOICE_KINDS:
        raise Invalid("choice_unknown", "invoice_kind")
    if wishes.invoice_kind != "company":
        return Wishes(greeting, wishes.invoice_kind)
    title, tax_no = clean_line(wishes.invoice_title), number_of(wishes.invoice_tax_no)
    if not title:
        raise Invalid("field_missing", "invoice_title")
    if len(title) > TITLE_MOST:
        raise Invalid("text_too_long", "invoice_title", limit=TITLE_MOST)
    if not _TAX_NO.fullmatch(tax_no):
        raise Invalid("tax_no_bad", "invoice_tax_no")
    return Wishes(greeting, "company", title, tax_no)


def checked_note(note: str) -> str:
    """A buyer's note of at most 200 characters, cleaned, without numbers of documents and cards.

    Raises Invalid('text_too_long').
    """
    note = mask_documents(clean_text(note))
    if len(note) > 200:
        raise Invalid("text_too_long", "note", limit=200)
    return note


def checked_parcel(form: ShipForm, lines: Sequence[LineCount]) -> list[tuple[int, int]]:
    """A parcel's contents as (line_id, pieces): the lines named, or all that is left (发货清单).

    Raises Invalid for a missing number, another order's line or a bad count,
    Conflict('nothing_to_ship', 'ship_too_many').
    """
    checked_tracking(form.company, form.tracking_no)
    wanted = dict(form.lines) or {line.line_id: line.left for line in lines if line.left}
    if not wanted:
        raise Conflict("nothing_to_ship")
    known = {line.line_id: line for line in lines}
    for line_id, n in wanted.items():
        if line_id not in known or n < 1:
            raise Invalid("ship_line_bad", "lines", line_id=line_id)
        if n > known[line_id].left:
            raise Conflict("ship_too_many", line_id=line_id, left=known[line_id].left)
    return sorted(wanted.items())


def checked_tracking(company: str, tracking_no: str) -> tuple[str, str]:
    """A carrier's name and a tracking number of 4 to 40 letters and digits (快递单号).

    A known carrier's short name or code ("顺丰", "SF") becomes its usual name.
    Raises Invalid('company_bad', 'tracking_no_bad').
    """
    company, number = company_named(company), tracking_of(tracking_no)
    if not 1 <= len(company) <= 24:
        raise Invalid("company_bad", "company", limit=24)
    if not 4 <= len(number) <= 40 or not number.isascii() or not number.isalnum():
        raise Invalid("tracking_no_bad", "tracking_no", limit=40)
    return company, number


def pay_by(now: datetime, minutes: int) -> datetime:
    """The instant until which an order waits for its payment."""
    return now + timedelta(minutes=minutes)
