"""What a buyer, a friend and the merchant see of gifts. A friend's view has no sum at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any, Literal

from domain import adults, catalog, orders, pricing, promises, regions, settings
from domain.gifts import rules
from domain.orders import LineView, ParcelView
from kernel import clock
from kernel.crypto import vault
from kernel.errors import Invalid, NotFound
from models import Gift, GiftAnswer, Order, OrderLine

LINK = "gift"
SHOWN = 20
Side = Literal["open", "mine", "taken", "ended", "paused", "own"]
"""How a gift looks to who opens its link."""


@dataclass(frozen=True)
class GiftLine:
    """Goods of a gift, without a price."""

    id: int
    product_id: int
    title: str
    spec_text: str
    picture_id: str | None
    quantity: int
    is_liquor: bool


@dataclass(frozen=True)
class FriendView:
    """A gift for who opens its link. ``state`` is the order's, for the friend who took it.

    ``closed_to`` are provinces that can't be chosen. ``answer`` is what this member said before.
    """

    id: int
    token: str
    side: Side
    order_no: str
    state: str
    signature: str
    greeting: str
    arrive_by: str
    is_late: bool
    lines: tuple[GiftLine, ...]
    has_liquor: bool
    is_held: bool
    answer: str
    expires_at: datetime | None
    closed_to: tuple[str, ...]
    parcels: tuple[ParcelView, ...]
    masked_address: str

    @property
    def can_confirm(self) -> bool:
        """Whether the friend may confirm receipt now."""
        return self.side == "mine" and self.state == "shipped"


@dataclass(frozen=True)
class AnswerView:
    """That somebody did not take the gift, and what they said."""

    said: str
    at: datetime


@dataclass(frozen=True)
class BuyerView:
    """A gift for its buyer."""

    id: int
    order_id: int
    order_no: str
    token: str
    state: str
    signature: str
    greeting: str
    arrive_by: str
    is_late: bool
    lines: tuple[GiftLine, ...]
    opened: int
    answers: tuple[AnswerView, ...]
    expires_at: datetime | None
    accepted_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Whether a friend may still take it."""
        return self.state == "waiting"


@dataclass(frozen=True)
class Got:
    """A gift in the list of who took it, without a price."""

    token: str
    order_no: str
    state: str
    signature: str
    lines: tuple[GiftLine, ...]
    accepted_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A gift that waits, for lists: since when and until when."""

    gift_id: int
    order_id: int
    order_no: str
    member_id: int
    since: datetime
    expires_at: datetime
    opened: int
    title: str


def token_of(code: str) -> str:
    """The signed last part of a gift's link."""
    return vault().sign(LINK, code)


def gift_of_token(token: str) -> Any:
    """The gift of a link. Raises NotFound('gift_missing') for one that we did not sign."""
    try:
        code = vault().verify(LINK, token)
    except Invalid:
        raise NotFound("gift_missing") from None
    gift = Gift.get_or_none(Gift.code == code)
    if gift is None:
        raise NotFound("gift_missing")
    return gift


def has_liquor(order_id: int) -> bool:
    """Whether an order has liquor."""
    mine = (OrderLine.order == order_id) & OrderLine.is_liquor
    return bool(OrderLine.select().where(mine).exists())


def paid_goods(order_id: int) -> list[pricing.PaidGoods]:
    """The bought pieces of an order as they were paid, for their freight."""
    bought = (OrderLine.order == order_id) & (OrderLine.kind == orders.BOUGHT)
    rows = list(OrderLine.select().where(bought).order_by(OrderLine.id))
    skus = catalog.sku_lines([row.sku_id for row in rows])
    return [pricing.PaidGoods(skus[row.sku_id], row.quantity, row.paid_fen) for row in rows]


def closed_provinces(order_id: int) -> tuple[str, ...]:
    """The provinces that a gift can't be sent to."""
    goods = paid_goods(order_id)
    return tuple(
        each.name
        for each in regions.provinces()
        if each.code not in regions.NOT_DELIVERABLE
        and not pricing.fits_freight_of_everywhere(goods, each.code)
    )


def closed_to_items(items: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The provinces that goods could not be given to, for the till."""
    skus = catalog.sku_lines([sku_id for sku_id, _ in items])
    goods = [
        pricing.PaidGoods(skus[sku_id], n, skus[sku_id].price_fen * n)
        for sku_id, n in items
        if sku_id in skus
    ]
    return tuple(
        each.name
        for each in regions.provinces()
        if each.code not in regions.NOT_DELIVERABLE
        and not pricing.fits_freight_of_everywhere(goods, each.code)
    )


def days_to_accept() -> int:
    """How many days a gift that is paid now waits for a friend."""
    return settings.get(rules.GiftTimes).accept_days


def arrival_days(items: Sequence[tuple[int, int]]) -> tuple[date, date]:
    """The first and the last day by which goods may be wished to arrive."""
    skus = catalog.sku_lines([sku_id for sku_id, _ in items])
    goods = [(skus[sku_id], n) for sku_id, n in items if sku_id in skus]
    days = pricing.quote_goods(goods, None).days if goods else None
    hours = promises.current().ship_within_hours
    return rules.arrival_days(clock.now(), hours, days[1] if days else 0)


def is_late(gift: Any, order_id: int) -> bool:
    """Whether goods sent now would arrive after the day that the buyer wished."""
    if not gift.arrive_by:
        return False
    lines = OrderLine.select().where(OrderLine.order == order_id)
    earliest, _ = arrival_days([(row.sku_id, row.quantity) for row in lines])
    return date.fromisoformat(gift.arrive_by) < earliest


def gift_for_opener(token: str, member_id: int) -> FriendView:
    """A gift as who opens its link sees it, without a sum. Raises NotFound."""
    gift = gift_of_token(token)
    order = orders.order_by_id(gift.order_id)
    side = _side(gift, order, member_id)
    shows_goods = side in ("open", "mine", "own", "paused")
    lines = tuple(_line(each) for each in order.lines) if shows_goods else ()
    liquor = any(each.is_liquor for each in order.lines)
    mine = (GiftAnswer.gift == gift.id) & (GiftAnswer.member == member_id)
    answer = GiftAnswer.get_or_none(mine)
    return FriendView(
        id=gift.id,
        token=token_of(gift.code),
        side=side,
        order_no=order.order_no if side == "mine" else "",
        state=order.state if side == "mine" else "",
        signature=gift.signature if shows_goods else "",
        greeting=_greeting(gift.order_id) if shows_goods else "",
        arrive_by=gift.arrive_by if shows_goods else "",
        is_late=side == "open" and is_late(gift, gift.order_id),
        lines=lines,
        has_liquor=liquor,
        is_held=liquor and adults.is_held(member_id),
        answer=answer.kind if answer is not None else "",
        expires_at=gift.expires_at if side == "open" else None,
        closed_to=closed_provinces(gift.order_id) if side == "open" else (),
        parcels=tuple(orders.parcels_of(order.id)) if side == "mine" else (),
        masked_address=order.masked_address if side == "mine" else "",
    )


def _side(gift: Any, order: Any, member_id: int) -> Side:
    if order.member_id == member_id:
        return "own"
    if gift.friend_id is not None:
        return "mine" if gift.friend_id == member_id else "taken"
    if gift.state != "waiting" or gift.expires_at <= clock.now():
        return "ended"
    return "paused" if order.open_cases else "open"


def _line(line: LineView) -> GiftLine:
    return GiftLine(
        line.id, line.product_id, line.title, line.spec_text, line.picture_id, line.quantity,
        line.is_liquor,
    )  # fmt: skip


def _greeting(order_id: int) -> str:
    return str(Order.get_by_id(order_id).greeting)


def gift_for_buyer(order_no: str, member_id: int) -> BuyerView:
    """The buyer's own gift with its link. Raises NotFound('gift_missing')."""
    order_id = orders.order_id_of(order_no, member_id)
    found = gift_of_order(order_id)
    if found is None:
        raise NotFound("gift_missing")
    return found


def gift_of_order(order_id: int) -> BuyerView | None:
    """The gift of an order; None if it is none."""
    gift = Gift.get_or_none(Gift.order == order_id)
    if gift is None:
        return None
    order = orders.order_by_id(order_id)
    answers = GiftAnswer.select().where(GiftAnswer.gift == gift.id).order_by(GiftAnswer.id)
    return BuyerView(
        id=gift.id,
        order_id=order_id,
        order_no=order.order_no,
        token=token_of(gift.code),
        state=gift.state,
        signature=gift.signature,
        greeting=_greeting(order_id),
        arrive_by=gift.arrive_by,
        is_late=gift.state == "waiting" and is_late(gift, order_id),
        lines=tuple(map(_line, order.lines)),
        opened=gift.opened,
        answers=tuple(AnswerView(each.said, each.at) for each in answers),
        expires_at=gift.expires_at,
        accepted_at=gift.accepted_at,
    )


def order_no_of_own(token: str) -> str:
    """The number of the order of a link's gift, for its buyer."""
    return orders.order_no_of(gift_of_token(token).order_id)


def token_of_got(order_no: str, member_id: int) -> str:
    """The link of a gift that the member took. Raises NotFound('gift_missing')."""
    order = Order.get_or_none((Order.order_no == order_no) & (Order.recipient == member_id))
    gift = Gift.get_or_none(Gift.order == order.id) if order is not None else None
    if gift is None:
        raise NotFound("gift_missing")
    return token_of(gift.code)


def list_got(member_id: int, limit: int = SHOWN) -> list[Got]:
    """The gifts that a member took, newest first (收到的礼物)."""
    rows = Gift.select().where(Gift.friend == member_id).order_by(Gift.id.desc()).limit(limit)
    return [_got(row, orders.order_by_id(row.order_id)) for row in rows]


def _got(gift: Any, order: Any) -> Got:
    return Got(
        token_of(gift.code), order.order_no, order.state, gift.signature,
        tuple(map(_line, order.lines)), gift.accepted_at,
    )  # fmt: skip


def list_waiting_of(member_id: int, limit: int = 5) -> list[Waiting]:
    """The buyer's gifts that nobody has taken yet, newest first."""
    chosen = (Gift.state == "waiting") & (Order.member == member_id)
    query: Any = (
        Gift.select(
            Gift.id, Gift.order, Gift.expires_at, Gift.opened, Order.order_no, Order.member,
            Order.paid_at,
        )
        .join(Order, on=(Gift.order == Order.id))
        .where(chosen).order_by(Order.id.desc()).limit(limit)
    )  # fmt: skip
    rows = list(query.dicts())
    titles = _titles([row["order"] for row in rows])
    return [
        Waiting(row["id"], row["order"], row["order_no"], row["member"], row["paid_at"],
                row["expires_at"], row["opened"], titles.get(row["order"], ""))
        for row in rows
    ]  # fmt: skip


def _titles(order_ids: Iterable[int]) -> dict[int, str]:
    """The title of each order's first line."""
    ids = list(order_ids)
    if not ids:
        return {}
    found: dict[int, str] = {}
    rows = OrderLine.select(OrderLine.order, OrderLine.title).where(OrderLine.order.in_(ids))
    for row in rows.order_by(OrderLine.id):
        found.setdefault(row.order_id, row.title)
    return found


def facts_of_orders(order_ids: Sequence[int]) -> dict[int, tuple[str, datetime | None]]:
    """For lists of orders: a gift's state, and until when it waits."""
    ids = list(order_ids)
    if not ids:
        return {}
    rows = Gift.select(Gift.order, Gift.state, Gift.expires_at).where(Gift.order.in_(ids))
    return {row.order_id: (row.state, row.expires_at) for row in rows}


def packing_of_orders(order_ids: Sequence[int]) -> dict[int, str]:
    """Those of the orders that are gifts, each with the day by which it is wished, or ""."""
    ids = list(order_ids)
    if not ids:
        return {}
    rows = Gift.select(Gift.order, Gift.arrive_by).where(Gift.order.in_(ids))
    return {row.order_id: row.arrive_by for row in rows}


def count_waiting() -> int:
    """How many gifts nobody has taken yet."""
    return int(Gift.select().where(Gift.state == "waiting").count())


def due_to_lapse(limit: int) -> list[int]:
    """Gifts whose days are over."""
    over = (Gift.state == "waiting") & (Gift.expires_at <= clock.now())
    query = Gift.select(Gift.id).where(over).order_by(Gift.expires_at).limit(limit)
    return [row.id for row in query]


def due_to_remind(limit: int) -> list[int]:
    """Gifts whose buyers are to be reminded."""
    due = (Gift.state == "waiting") & (Gift.remind_at <= clock.now())
    query = Gift.select(Gift.id).where(due).order_by(Gift.remind_at).limit(limit)
    return [row.id for row in query]


def gifts_overdue(hours: int = 24) -> int:
    """Gifts that should have been refunded for longer than this."""
    over = (Gift.state == "waiting") & (Gift.expires_at <= clock.now())
    rows = Gift.select(Gift.expires_at).where(over).limit(500)
    now = clock.now()
    return sum(ceil((now - row.expires_at).total_seconds() / 3600) > hours for row in rows)
