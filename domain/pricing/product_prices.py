"""Goods at the price that an order would have now, for pages.

Faces read goods here and not from the catalogue, which knows list prices only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain import catalog, promotions
from domain.catalog import Chosen, Home, PricedSku, ProductCard, ProductPage, Shelf, SkuView
from domain.pricing.quoting import quote
from domain.pricing.rules import QuoteContext
from domain.pricing.steps import unit_price
from domain.pricing.work import Work
from domain.promotions import NO_CHOICES, Live, OfferForm, QuoteLine
from domain.search import Sort, find_exactly, find_goods
from domain.settings import Freight
from kernel import clock

_NO_PROVINCE = QuoteContext(Freight())


@dataclass(frozen=True)
class SpecialPrice:
    """A SKU's price under a running offer (活动价), the offer's label and its end.

    ``strike_fen`` is None unless a strike price beside it is lawful.
    """

    price_fen: int
    list_fen: int
    strike_fen: int | None
    label: str
    until: datetime


@dataclass(frozen=True)
class Deal:
    """A promotion that changes no unit price: its label and its end."""

    label: str
    until: datetime | None


_NO_DEAL = Deal("", None)


def home(limit: int = 12) -> Home:
    """The mall's front page."""
    found = catalog.home(limit)
    return replace(found, cards=tuple(_cards_at_offer_prices(found.cards)))


def shelf(
    category_id: int | None = None, words: str = "", page: int = 1, chosen: Chosen = (),
    sort: Sort = "",
) -> Shelf:  # fmt: skip
    """A page of a category or of a search, with the chosen filters. Raises NotFound.

    Sorted by the list price, which is what shops compare; the page shows the price now.
    """
    if words or sort:
        it = find_goods(words, category_id=category_id, chosen=chosen, sort=sort, page=page)
        found = Shelf(
            it.cards, it.page, it.has_more, it.category, words, chosen, it.nearness,
            it.price_from_fen, it.price_to_fen,
        )  # fmt: skip
    else:
        found = catalog.shelf(category_id, page=page, chosen=chosen)
    return replace(found, cards=tuple(_cards_at_offer_prices(found.cards)))


def search(words: str, limit: int = 5) -> list[ProductCard]:
    """Products that have every word, else those that have it by a synonym or pinyin (搜索)."""
    return _cards_at_offer_prices(catalog.search(words, limit) or find_exactly(words, limit))


def product_cards(product_ids: Sequence[int]) -> list[ProductCard]:
    """These products if they are on the shelf, in the order of ``product_ids``."""
    return _cards_at_offer_prices(catalog.product_cards(product_ids))


def list_products_on_offer(limit: int = 20) -> list[ProductCard]:
    """Products on the shelf in a running promotion, the first to end first (正在优惠)."""
    running = promotions.live_offers(clock.now())
    ids = {i for live in running if live.scope == "product" for i in live.targets}
    skus = {i for live in running if live.scope == "sku" for i in live.targets}
    ids |= {sku.product_id for sku in catalog.sku_lines(skus).values()}
    found = [
        (card.until, card.id, card)
        for card in product_cards(sorted(ids))
        if card.until is not None and not card.is_sold_out
    ]
    return [card for *_, card in sorted(found, key=lambda each: each[:2])][:limit]


def product_page(product_id: int) -> ProductPage:
    """A product with its specifications. Raises NotFound if it is off the shelf."""
    found = catalog.product_page(product_id)
    lines = [
        QuoteLine(sku.id, found.id, 1, sku.price_fen, found.category.id) for sku in found.skus
    ]
    reduced, struck = (
        special_prices(lines),
        [sku for sku in found.skus if sku.strike_fen is not None],
    )
    names = deals_by_sku(lines)
    if not reduced and not struck and not names:
        return found
    cut = promotions.skus_reduced_lately(lines) if struck else set()
    skus = (_sku(sku, reduced.get(sku.id), names.get(sku.id), cut) for sku in found.skus)
    return replace(found, skus=tuple(skus))


def special_prices(lines: Iterable[QuoteLine]) -> dict[int, SpecialPrice]:
    """SKUs whose unit price an offer lowers now for every shopper, by id."""
    now = clock.now()
    running = {live.id: live for live in promotions.live_unit_price_offers(now)}
    if not running:
        return {}
    single = [replace(line, quantity=1) for line in lines]
    work = Work.of(single)
    unit_price.apply(work, promotions.offers_for(None, single, NO_CHOICES, now), _NO_PROVINCE)
    by: dict[int, tuple[int, Live]] = {
        w.line.sku_id: (w.unit_price_fen, running[w.adjustments[-1].offer_id])
        for w in work.lines
        if w.is_special
    }
    strikes = promotions.strike_prices_beside(by, single)
    return {
        line.sku_id: SpecialPrice(
            by[line.sku_id][0],
            line.unit_price_fen,
            strikes.get(line.sku_id),
            by[line.sku_id][1].label,
            by[line.sku_id][1].ends_at,
        )
        for line in single
        if line.sku_id in by
    }


def deals_by_sku(lines: Iterable[QuoteLine]) -> dict[int, Deal]:
    """SKUs in a promotion that changes no unit price, such as 第二件半价, by id."""
    running = [
        live
        for live in promotions.live_offers(clock.now())
        if promotions.KINDS[live.kind].unit_price is None
    ]
    if not running:
        return {}
    first = (
        (line.sku_id, next((live for live in running if live.covers(line)), None))
        for line in lines
    )
    return {sku_id: Deal(live.label, live.ends_at) for sku_id, live in first if live is not None}


def trial_fen(form: OfferForm, line: QuoteLine, offer_id: int = 0) -> int:
    """What one SKU costs in fen under one promotion, in the quantity ``Kind.shown_at``."""
    pieces = replace(line, quantity=promotions.KINDS[form.kind].shown_at)
    offers = promotions.trial_offers(form, pieces, offer_id)
    return quote([pieces], offers, _NO_PROVINCE).reduced_goods_fen


def _cards_at_offer_prices(found: Sequence[ProductCard]) -> list[ProductCard]:
    """Each card at the price of its cheapest specification, offers included."""
    struck = [card.id for card in found if card.strike_fen is not None]
    is_quiet = not promotions.live_offers(clock.now())
    if is_quiet and not struck:
        return list(found)
    skus = catalog.priced_skus(struck if is_quiet else [card.id for card in found])
    lines = {sku.sku_id: _line(sku) for sku in skus}
    reduced, names = special_prices(lines.values()), deals_by_sku(lines.values())
    cut = promotions.skus_reduced_lately(lines.values()) if struck else set()
    of: dict[int, list[PricedSku]] = {}
    for sku in skus:
        of.setdefault(sku.product_id, []).append(sku)
    return [_card(card, of.get(card.id, []), reduced, names, cut) for card in found]


def _card(
    card: ProductCard, skus: Sequence[PricedSku], reduced: dict[int, SpecialPrice],
    names: dict[int, Deal], cut: set[int],
) -> ProductCard:  # fmt: skip
    def price(sku: PricedSku) -> int:
        it = reduced.get(sku.sku_id)
        return sku.price_fen if it is None else it.price_fen

    if not skus:
        return card
    best = min(skus, key=lambda sku: (price(sku), sku.sku_id))
    it = reduced.get(best.sku_id)
    if it is None:
        strike_fen = None if best.sku_id in cut else card.strike_fen
        deal = names.get(best.sku_id, _NO_DEAL)
        return replace(card, strike_fen=strike_fen, label=deal.label, until=deal.until)
    return replace(
        card, price_fen=it.price_fen, strike_fen=it.strike_fen, label=it.label, until=it.until
    )


def _sku(sku: SkuView, it: SpecialPrice | None, deal: Deal | None, cut: set[int]) -> SkuView:
    if it is None:
        named = deal or _NO_DEAL
        strike_fen = None if sku.id in cut else sku.strike_fen
        return replace(sku, strike_fen=strike_fen, label=named.label, until=named.until)
    return replace(
        sku, price_fen=it.price_fen, strike_fen=it.strike_fen, label=it.label, until=it.until
    )


def _line(sku: PricedSku) -> QuoteLine:
    return QuoteLine(sku.sku_id, sku.product_id, 1, sku.price_fen, sku.category_id)
