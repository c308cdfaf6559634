"""Reads of promotions, for the merchant and for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import catalog
from domain.catalog import SkuLine
from domain.promotions import rules
from domain.promotions.choices import NO_CHOICES
from domain.promotions.kind import Ask, Live
from domain.promotions.kinds import KINDS
from domain.promotions.live import live_of, live_offers
from domain.promotions.offers import Offer, QuoteLine
from domain.promotions.rules import OfferForm, Phase
from domain.promotions.service import form_of, offer_or_raise
from domain.promotions.strike import Cut, strike_beside
from kernel import clock
from models import OfferRow

WAS_ON = ("on", "stopped", "ended")
SHOWN_STATES = ("draft", "on", "stopped", "ended")


@dataclass(frozen=True)
class OfferView:
    """A promotion with its present phase."""

    id: int
    form: OfferForm
    state: str
    phase: Phase
    version: int
    stopped_at: datetime | None
    stop_reason: str | None
    created_by: str
    updated_by: str
    updated_at: datetime

    @property
    def can_edit(self) -> bool:
        """True until the promotion has begun."""
        return self.phase in ("draft", "planned")

    @property
    def can_stop(self) -> bool:
        """True while the promotion is on and not over."""
        return self.phase in ("planned", "running")


@dataclass(frozen=True)
class Effect:
    """What a promotion does to one SKU, shown before it is started (活动预览).

    ``price_fen`` is None if it would not be cheaper. ``overlaps`` are the titles of promotions for
    the SKU that are on in some of the same time; the lowest price counts.
    """

    line: QuoteLine
    price_fen: int | None
    strike_fen: int | None
    overlaps: tuple[str, ...]

    @property
    def is_far(self) -> bool:
        """True if the price becomes 0 or less than half, which the merchant must confirm."""
        price = self.price_fen
        return price is not None and catalog.is_large_price_change(self.line.unit_price_fen, price)


def list_offers(
    phase: str | None = None, *, words: str = "", before_id: int | None = None, limit: int = 30
) -> list[OfferView]:
    """The merchant's promotions without dropped ones, newest first, ``limit`` a page.

    ``words`` is a part of the title, or of what shoppers read.
    """
    now = clock.now()
    query = OfferRow.select().where(OfferRow.state.in_(SHOWN_STATES))
    if phase is not None:
        query = query.where(_in_phase(phase, now))
    if words:
        query = query.where(OfferRow.title.contains(words) | OfferRow.label.contains(words))
    if before_id is not None:
        query = query.where(OfferRow.id < before_id)
    return [_view(row, now) for row in query.order_by(OfferRow.id.desc()).limit(limit)]


def offer_detail(offer_id: int) -> OfferView:
    """One promotion. Raises NotFound('offer_missing')."""
    return _view(offer_or_raise(offer_id), clock.now())


def goods_of(form: OfferForm) -> list[SkuLine]:
    """The SKUs that a promotion is for, removed ones included."""
    ids = list(form.targets)
    if form.scope == "product":
        ids = [sku.sku_id for sku in catalog.priced_skus(form.targets)]
    found = catalog.sku_lines(ids) if form.scope in ("product", "sku") else {}
    return [found[sku_id] for sku_id in ids if sku_id in found]


def effects(form: OfferForm, lines: Sequence[QuoteLine], offer_id: int = 0) -> list[Effect]:
    """What a promotion would do to the unit prices of these SKUs; nothing is saved."""
    kind, live = KINDS[form.kind], _live_of_form(form, offer_id)
    begins = live.starts_at
    covered = [line for line in lines if live.covers(line)]
    prices = {
        line.sku_id: kind.unit_price(live.rules, line.sku_id, line.unit_price_fen)
        if kind.unit_price else None
        for line in covered
    }  # fmt: skip
    asked = {i: (fen, live) for i, fen in prices.items() if fen is not None}
    strikes = strike_prices_beside(asked, covered)
    others = [o for o in _offers_overlapping(begins, form.ends_at, ("on",)) if o.id != offer_id]
    return [
        Effect(
            line, prices[line.sku_id], strikes.get(line.sku_id),
            tuple(o.title for o in others if (it := live_of(o)) and it.covers(line)),
        )
        for line in covered
    ]  # fmt: skip


def trial_offers(form: OfferForm, line: QuoteLine, offer_id: int = 0) -> tuple[Offer, ...]:
    """The offers that a promotion would make for one line; nothing is saved."""
    live = _live_of_form(form, offer_id)
    if not live.covers(line):
        return ()
    ask = Ask(None, [line], NO_CHOICES, live.starts_at)
    return tuple(KINDS[form.kind].offers(live, ask))


def strike_prices_beside(
    asked: Mapping[int, tuple[int, Live]], lines: Iterable[QuoteLine]
) -> dict[int, int]:
    """The lawful strike price beside an offer's price, by SKU; SKUs without one are left out."""
    if not asked:
        return {}
    begins = [live.starts_at for _, live in asked.values()]
    cuts = _past_offers(min(begins) - catalog.STRIKE_PRICE_WINDOW, max(begins))
    history = catalog.price_histories(asked)
    found = {}
    for line in lines:
        if line.sku_id not in asked:
            continue
        price, live = asked[line.sku_id]
        began, now = live.starts_at, max(clock.now(), live.starts_at)
        mine = [_cut_of_sku(o, line) for o in cuts if o.live.id != live.id and o.live.covers(line)]
        fen = strike_beside(price, began, history.get(line.sku_id, ()), mine, now)
        if fen is not None:
            found[line.sku_id] = fen
    return found


def skus_reduced_lately(lines: Iterable[QuoteLine]) -> set[int]:
    """SKUs with an offer in the last 37 days; their list price is not the price that was asked."""
    now = clock.now()
    since = now - catalog.STRIKE_SHOWN_FOR - catalog.STRIKE_PRICE_WINDOW
    held = _past_offers(since, now)
    return {line.sku_id for line in lines if any(o.live.covers(line) for o in held)}


def live_unit_price_offers(at: datetime) -> list[Live]:
    """The running promotions that change unit prices."""
    return [live for live in live_offers(at) if KINDS[live.kind].unit_price is not None]


def _live_of_form(form: OfferForm, offer_id: int) -> Live:
    """A promotion from a form, as pricing would use it from its beginning."""
    kept = KINDS[form.kind].rules.model_validate(form.rules)
    begins = max(form.starts_at, clock.now())
    return Live(
        offer_id, form.kind, 0, form.label, begins, form.ends_at, form.scope,
        frozenset(form.targets), kept,
    )  # fmt: skip


@dataclass(frozen=True)
class _PastOffer:
    """A promotion that changed unit prices, and its real end."""

    live: Live
    to_at: datetime


def _past_offers(since: datetime, until: datetime) -> list[_PastOffer]:
    found = []
    for row in _offers_overlapping(since, until, WAS_ON):
        live = live_of(row)
        if live is None or KINDS[live.kind].unit_price is None:
            continue
        ends = min(row.ends_at, row.stopped_at or row.ends_at)
        if ends > max(live.starts_at, since):
            found.append(_PastOffer(live, ends))
    return found


def _cut_of_sku(held: _PastOffer, line: QuoteLine) -> Cut:
    unit_price, kept = KINDS[held.live.kind].unit_price, held.live.rules
    assert unit_price is not None
    return Cut(held.live.starts_at, held.to_at, lambda fen: unit_price(kept, line.sku_id, fen))


def _offers_overlapping(
    since: datetime, until: datetime, states: tuple[str, ...]
) -> list[OfferRow]:
    """Rows of these states whose time overlaps [since, until)."""
    in_time = (OfferRow.ends_at > since) & (OfferRow.starts_at < until)
    return list(OfferRow.select().where(OfferRow.state.in_(states) & in_time))


def _in_phase(phase: str, now: datetime) -> Any:
    is_on = OfferRow.state == "on"
    return {
        "draft": OfferRow.state == "draft",
        "planned": is_on & (OfferRow.starts_at > now),
        "running": is_on & (OfferRow.starts_at <= now) & (OfferRow.ends_at > now),
        "stopped": OfferRow.state == "stopped",
        "ended": (OfferRow.state == "ended") | (is_on & (OfferRow.ends_at <= now)),
    }[phase]


def _view(row: OfferRow, now: datetime) -> OfferView:
    return OfferView(
        row.id, form_of(row), row.state, rules.phase(row.state, row.starts_at, row.ends_at, now),
        row.version, row.stopped_at, row.stop_reason, row.created_by, row.updated_by,
        row.updated_at,
    )  # fmt: skip
