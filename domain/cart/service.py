"""The cart (购物车): changes and view. It reserves no stock and fixes no price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import fn

from domain import settings
from domain.cart import statements
from domain.cart.rules import checked_quantity, member_of, member_owner
from domain.catalog import PictureRef, SkuLine, StockShort, sku_lines
from domain.pricing import (
    Deal,
    Quote,
    SpecialPrice,
    deals_by_sku,
    line_of,
    quote_goods,
    special_prices,
)
from domain.settings import Trade
from kernel import clock
from kernel.errors import Conflict, LimitReached, NotFound
from kernel.store import insert_once
from models import CartLine

ABANDONED_AFTER = timedelta(days=60)
Problem = Literal["gone", "sold_out", "short", "over"]


@dataclass(frozen=True)
class CartLineView:
    """A cart's line, with what changed since it was added.

    ``problem``: gone (off the shelf), sold_out, short (fewer in stock than wanted), over (more
    than one order takes). ``price_fen`` is the present price of one piece; if an offer lowers it,
    ``label`` names the offer and ``until`` its end. Without an offer ``was_fen`` is the price when
    the line was added, if it differs. ``left`` is the stock, ``most`` the largest quantity that
    may be ordered.
    """

    sku_id: int
    product_id: int
    title: str
    spec_text: str
    cover: PictureRef | None
    quantity: int
    price_fen: int
    was_fen: int | None
    left: int
    most: int
    is_selected: bool
    is_liquor: bool
    problem: Problem | None
    label: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class CartView:
    """A cart with the quote for its lines that are selected and can be bought."""

    lines: tuple[CartLineView, ...]
    quote: Quote
    items: tuple[tuple[int, int], ...]

    @property
    def can_order(self) -> bool:
        """True if something can be bought and no selected line needs a smaller quantity.

        Lines that are sold out or off the shelf are left out of the order and don't block it.
        """
        return bool(self.items) and not self.waits_for_quantity

    @property
    def waits_for_quantity(self) -> bool:
        """True if a selected line can be bought in a smaller quantity only.

        The shopper chooses the quantity; it is never reduced without them.
        """
        return any(x.problem in ("short", "over") and x.is_selected for x in self.lines)

    @property
    def count(self) -> int:
        """The number of pieces in the cart."""
        return sum(line.quantity for line in self.lines)


def add(owner: str, sku_id: int, quantity: int = 1) -> int:
    """Add pieces of a SKU to a cart, up to the limit of a line; returns the line's quantity.

    Raises Invalid('quantity_bad'), StockShort, Conflict('not_for_sale'), LimitReached.
    """
    limits = settings.get(Trade)
    checked_quantity(quantity, limits.max_line_quantity, sku_id)
    sku = _for_sale(sku_id)
    line = CartLine.get_or_none(_line(owner, sku_id))
    wanted = quantity + (line.quantity if line is not None else 0)
    _check_quantity(sku, wanted, limits)
    if line is None:
        _check_line_count(owner, limits)
        if insert_once(
            CartLine,
            owner=owner,
            sku=sku_id,
            quantity=quantity,
            seen_price_fen=sku.price_fen,
            added_at=clock.now(),
        ):
            return quantity
    after = CartLine.quantity + quantity
    bounded = _line(owner, sku_id) & (after <= limits.max_line_quantity)
    values = {"quantity": after, "seen_price_fen": sku.price_fen, "is_selected": True}
    if CartLine.update(**values).where(bounded).execute() != 1:
        checked_quantity(limits.max_line_quantity + 1, limits.max_line_quantity, sku_id)
    return wanted


def check_buyable(sku_id: int, quantity: int) -> None:
    """Check that this quantity of a SKU may be bought at once (限购与库存).

    Raises Invalid('quantity_bad'), StockShort, Conflict('not_for_sale'), NotFound.
    """
    _check_quantity(_for_sale(sku_id), quantity, settings.get(Trade))


def set_quantity(owner: str, sku_id: int, quantity: int) -> None:
    """Set the quantity of a line. Raises Invalid, StockShort, NotFound."""
    limits = settings.get(Trade)
    sku = _for_sale(sku_id)
    _check_quantity(sku, quantity, limits)
    values = {"quantity": quantity, "seen_price_fen": sku.price_fen}
    if CartLine.update(**values).where(_line(owner, sku_id)).execute() != 1:
        raise NotFound("cart_line_missing")


def select(owner: str, sku_ids: Iterable[int] | None, is_selected: bool) -> None:
    """Tick or untick lines; None means all."""
    where = CartLine.owner == owner
    if sku_ids is not None:
        where &= CartLine.sku.in_(list(sku_ids))
    CartLine.update(is_selected=is_selected).where(where).execute()


def remove(owner: str, sku_ids: Iterable[int]) -> None:
    """Remove lines; SKUs that are not in the cart are ignored."""
    ids = list(sku_ids)
    if ids:
        statements.remove_lines.run(owner, ids)


def merge(source: str, target: str) -> int:
    """Merge a browser's cart into the member's at sign-in; quantities add up (合并购物车).

    A sum above the limit of a line is kept; the line's problem is then ``over``. Returns the
    number of lines that were merged.
    """
    taken = list(CartLine.select().where(CartLine.owner == source))
    mine = {line.sku_id: line for line in CartLine.select().where(CartLine.owner == target)}
    for line in taken:
        known = mine.get(line.sku_id)
        if known is None:
            CartLine.update(owner=target).where(CartLine.id == line.id).execute()
        else:
            together = known.quantity + line.quantity
            CartLine.update(quantity=together).where(CartLine.id == known.id).execute()
    CartLine.delete().where(CartLine.owner == source).execute()
    return len(taken)


def count(owner: str) -> int:
    """The number of pieces in a cart, for the badge; the same as ``CartView.count``."""
    pieces = CartLine.select(fn.SUM(CartLine.quantity)).where(CartLine.owner == owner).scalar()
    return int(pieces or 0)


def members_with_in_cart(sku_ids: Iterable[int]) -> list[int]:
    """Ids of the members with any of these SKUs in the cart, selected or not; sorted."""
    ids = sorted(set(sku_ids))
    query = CartLine.select(CartLine.owner).where(
        CartLine.sku.in_(ids) & CartLine.owner.startswith(member_owner(0)[:2])
    )
    owners = {row.owner for row in query.distinct()} if ids else set()
    return sorted(member_id for owner in owners if (member_id := member_of(owner)) is not None)


def view(owner: str, place: str | None = None) -> CartView:
    """A cart as it is now, with each line's problem and the quote of the selected lines.

    ``place`` is as for ``quote_goods``.
    """
    rows = list(CartLine.select().where(CartLine.owner == owner).order_by(CartLine.id.desc()))
    skus = sku_lines([row.sku_id for row in rows]) if rows else {}
    most = settings.get(Trade).max_line_quantity
    reduced = special_prices(line_of(sku, 1) for sku in skus.values())
    names = deals_by_sku(line_of(sku, 1) for sku in skus.values())
    lines = tuple(
        _view(row, skus[row.sku_id], most, reduced.get(row.sku_id), names.get(row.sku_id))
        for row in rows
    )
    items = tuple((x.sku_id, x.quantity) for x in lines if x.is_selected and not x.problem)
    quote = quote_goods([(skus[sku_id], n) for sku_id, n in items], place, member_of(owner))
    return CartView(lines, quote, items)


def _view(
    row: Any, sku: SkuLine, most: int, special: SpecialPrice | None, deal: Deal | None
) -> CartLineView:
    named = special or deal
    was = row.seen_price_fen if special is None and row.seen_price_fen != sku.price_fen else None
    return CartLineView(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        title=sku.title,
        spec_text=sku.spec_text,
        cover=sku.cover,
        quantity=row.quantity,
        price_fen=sku.price_fen if special is None else special.price_fen,
        was_fen=was,
        left=sku.left,
        most=min(most, max(sku.left, 0)),
        is_selected=row.is_selected,
        is_liquor=sku.is_liquor,
        problem=_problem(row.quantity, sku, most),
        label="" if named is None else named.label,
        until=None if named is None else named.until,
    )


def _problem(quantity: int, sku: SkuLine, most: int) -> Problem | None:
    if not sku.is_for_sale:
        return "gone"
    if sku.left <= 0:
        return "sold_out"
    if sku.left < quantity:
        return "short"
    return "over" if quantity > most else None


def _for_sale(sku_id: int) -> SkuLine:
    sku = sku_lines([sku_id]).get(sku_id)
    if sku is None:
        raise NotFound("sku_missing")
    if not sku.is_for_sale:
        raise Conflict("not_for_sale", sku_id=sku_id)
    return sku


def _check_quantity(sku: SkuLine, quantity: int, limits: Trade) -> None:
    checked_quantity(quantity, limits.max_line_quantity, sku.sku_id)
    if sku.left < quantity:
        raise StockShort("stock_short", "quantity", sku_id=sku.sku_id, left=max(sku.left, 0))


def _lines_in(owner: str) -> int:
    return int(CartLine.select().where(CartLine.owner == owner).count())


def _check_line_count(owner: str, limits: Trade) -> None:
    if _lines_in(owner) >= limits.max_cart_lines:
        raise LimitReached("cart_full", limit=limits.max_cart_lines)


def _line(owner: str, sku_id: int) -> Any:
    return (CartLine.owner == owner) & (CartLine.sku == sku_id)


def delete_abandoned_lines(limit: int = 1_000) -> int:
    """Delete lines of signed-out browsers older than sixty days; returns how many."""
    old = CartLine.select(CartLine.id).where(
        CartLine.owner.startswith("s:") & (CartLine.added_at < clock.now() - ABANDONED_AFTER)
    )
    ids = [row.id for row in old.limit(limit)]
    return int(CartLine.delete().where(CartLine.id.in_(ids)).execute()) if ids else 0
