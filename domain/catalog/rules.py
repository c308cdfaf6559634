"""Limits of a product's data, the table of its states, and lawful strike prices. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from kernel.errors import Conflict, Invalid

PRICE_MAX_FEN = 100_000_000
STOCK_MAX = 10_000_000
SKUS_MAX = 60
PICTURES_MAX = 20

STRIKE_PRICE_WINDOW = timedelta(days=7)
STRIKE_SHOWN_FOR = timedelta(days=30)

# (state, event) -> state; every other pair raises. See ``docs/algorithms/stock.md``.
PRODUCT_STATES = {
    ("draft", "submit"): "submitted",
    ("off_shelf", "submit"): "submitted",
    ("submitted", "reject"): "draft",
    ("draft", "put_on_shelf"): "on_shelf",
    ("submitted", "put_on_shelf"): "on_shelf",
    ("off_shelf", "put_on_shelf"): "on_shelf",
    ("on_shelf", "take_off_shelf"): "off_shelf",
}


@dataclass(frozen=True)
class ProductForm:
    """A product's data as the merchant enters it (商品信息)."""

    title: str
    category_id: int
    subtitle: str = ""
    description: str = ""
    usage: str = ""
    strength: str = ""
    is_liquor: bool = True
    is_return_exempt: bool = False
    tags: tuple[str, ...] = ()
    position: int = 0
    brand: str = ""


@dataclass(frozen=True)
class SkuForm:
    """A specification with its price in fen and first stock (规格)."""

    price_fen: int
    stock: int = 0
    spec_text: str = ""
    code: str | None = None
    low_stock: int = 10
    weight_g: int = 0


@dataclass(frozen=True)
class PriceStep:
    """A SKU's price in fen and the instant from which it held."""

    price_fen: int
    from_at: datetime


def next_product_state(state: str, event: str) -> str:
    """The state after an event. Raises Conflict('product_state')."""
    try:
        return PRODUCT_STATES[state, event]
    except KeyError:
        raise Conflict("product_state", state=state, event=event) from None


def checked_product(form: ProductForm) -> ProductForm:
    """A product's data, checked: title, lengths, tags. Raises Invalid with the field."""
    if not form.title.strip():
        raise Invalid("title_missing", "title")
    limits = {
        "title": 80,
        "subtitle": 160,
        "strength": 20,
        "brand": 40,
        "description": 20_000,
        "usage": 5_000,
    }
    for name, limit in limits.items():
        if len(getattr(form, name)) > limit:
            raise Invalid("text_too_long", name, limit=limit)
    if len(form.tags) > 10 or any(len(tag) > 12 for tag in form.tags):
        raise Invalid("tags_bad", "tags", limit=10, length=12)
    return form


def checked_sku(form: SkuForm) -> SkuForm:
    """A SKU's data within its bounds. Raises Invalid with the field."""
    checked_price(form.price_fen)
    if not 0 <= form.stock <= STOCK_MAX:
        raise Invalid("stock_bad", "stock", limit=STOCK_MAX)
    if len(form.spec_text) > 80:
        raise Invalid("text_too_long", "spec_text", limit=80)
    if form.low_stock < 0 or form.weight_g < 0:
        raise Invalid("number_negative", "low_stock" if form.low_stock < 0 else "weight_g")
    return form


def checked_price(price_fen: int) -> int:
    """A price of 0 to 1,000,000 yuan, in fen. Raises Invalid('price_bad')."""
    if not 0 <= price_fen <= PRICE_MAX_FEN:
        raise Invalid("price_bad", "price_fen", limit_fen=PRICE_MAX_FEN)
    return price_fen


def is_large_price_change(before_fen: int | None, after_fen: int) -> bool:
    """True if a price change needs a confirmation: to 0, to more than double, to less than half.

    For a new specification ``before_fen`` is None, and only 0 needs it.
    """
    if after_fen == before_fen:
        return False
    if after_fen == 0 or not before_fen:
        return after_fen == 0 or before_fen == 0
    return after_fen > 2 * before_fen or 2 * after_fen < before_fen


def strike_price(history: Sequence[PriceStep], now: datetime) -> int | None:
    """The strike price in fen, or None (划线价).

    It is the lowest price of the seven days before the present price began. It is shown only if it
    is above the present price, and for thirty days. See ``docs/algorithms/stock.md``.
    """
    steps = sorted((s for s in history if s.from_at <= now), key=lambda s: s.from_at)
    while len(steps) > 1 and steps[-2].price_fen == steps[-1].price_fen:
        steps.pop()  # the same price set again counts from when it was first set
    if len(steps) < 2 or now - steps[-1].from_at >= STRIKE_SHOWN_FOR:
        return None
    began, present = steps[-1].from_at, steps[-1].price_fen
    opens = began - STRIKE_PRICE_WINDOW
    lowest = min(
        step.price_fen for step, following in pairwise(steps) if following.from_at > opens
    )
    return lowest if lowest > present else None
