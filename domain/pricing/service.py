"""The quote for goods of the catalogue, under the merchant's switches and the live offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import freight as freights
from domain import promotions, regions
from domain.catalog import SkuLine
from domain.freight import Template
from domain.pricing.quoting import quote
from domain.pricing.rules import Quote, QuoteContext
from domain.pricing.steps import freight
from domain.pricing.work import Line, Work
from domain.promotions import NO_CHOICES, Choices, QuoteLine
from domain.settings import Freight, get
from kernel import clock


def quote_goods(
    goods: Sequence[tuple[SkuLine, int]],
    place: str | None,
    member_id: int | None = None,
    choices: Choices = NO_CHOICES,
    *,
    is_binding: bool = False,
    has_freight: bool = True,
) -> Quote:
    """The quote for goods that a member buys now, delivered to a place.

    ``place`` is the code of a region, or the name of a province as people write it.
    ``is_binding`` is for an order: the offers are read again in its transaction. ``has_freight``
    is False for goods that are not sent. Raises Invalid('choice_not_offered') for a choice that no
    promotion takes.
    """
    lines = [line_of(sku, n) for sku, n in goods]
    offers = promotions.offers_for(member_id, lines, choices, clock.now(), is_fresh=is_binding)
    code, province = located(place)
    plan = freights.plan_for(line.product_id for line in lines)
    ctx = QuoteContext(
        get(Freight), province, choices, place=code, plan=plan, has_freight=has_freight
    )
    return quote(lines, offers, ctx)


def located(place: str | None) -> tuple[str | None, str | None]:
    """The code of a place and the name of its province; a place that is unknown has no code."""
    if not place:
        return None, None
    found = regions.region_of(place if place.isdecimal() else regions.nearest(place, "", ""))
    return (found.code, found.province) if found else (None, place)


def line_of(sku: SkuLine, quantity: int) -> QuoteLine:
    """A catalogue SKU as a line for pricing."""
    return QuoteLine(
        sku.sku_id, sku.product_id, quantity, sku.price_fen, sku.category_id, sku.weight_g
    )


@dataclass(frozen=True)
class PaidGoods:
    """Pieces as they were paid, for their freight to another place."""

    sku: SkuLine
    quantity: int
    paid_fen: int


def fits_freight_of_everywhere(goods: Sequence[PaidGoods], place: str) -> bool:
    """Whether a place is delivered to, and costs no more than everywhere (送礼可送的地方).

    Both fees are those of the moment; ``docs/algorithms/gifts.md`` says why.
    """
    there, no_place = _freight_to(goods, place), _freight_to(goods, None)
    return not there.undelivered and there.freight_fen <= no_place.freight_fen


def _freight_to(goods: Sequence[PaidGoods], place: str | None) -> Work:
    code, province = located(place)
    lines = [line_of(each.sku, each.quantity) for each in goods]
    plan = freights.plan_for(line.product_id for line in lines)
    work = Work([
        Line(line, each.paid_fen, line.unit_price_fen)
        for line, each in zip(lines, goods, strict=True)
    ])  # fmt: skip
    freight.apply(work, (), QuoteContext(get(Freight), province, place=code, plan=plan))
    return work


@dataclass(frozen=True)
class FreightRule:
    """The freight of an order in fen (运费规则), for goods without a template of their own.

    ``free_from_fen`` is None without free freight. ``extra_fen`` is what the province pays in any
    case; ``remote_to`` are all provinces that pay an extra. ``flat_fen`` is for the first
    ``first_units``; each ``next_units`` more cost ``next_fen``, by ``basis``: '' for one fee an
    order, else pieces, grams or fen of goods. ``days_to`` is 0 if no time is said.
    """

    flat_fen: int
    free_from_fen: int | None
    extra_fen: int
    remote_to: tuple[str, ...]
    remote_extra_fen: int
    basis: str = ""
    first_units: int = 0
    next_units: int = 0
    next_fen: int = 0
    days_from: int = 0
    days_to: int = 0
    is_served: bool = True
    elsewhere: tuple[str, ...] = ()
    not_to: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """True if every order is free of the flat fee."""
        return (self.flat_fen == 0 and self.next_fen == 0) or self.free_from_fen == 0


def freight_rule(place: str = "", product_id: int | None = None) -> FreightRule:
    """What freight an order to a place pays, as it is set now: of a product, or by default.

    ``place`` is as for ``quote_goods``. Of a template, ``elsewhere`` are the regions with rows of
    their own, ``not_to`` those to which nothing is sent.
    """
    code, province = located(place)
    plan = freights.plan_for([] if product_id is None else [product_id])
    template = plan.default if product_id is None else plan.template_of(product_id)
    if template is not None:
        return _of_template(template, code)
    rule = get(Freight)
    remote = rule.remote_provinces if rule.remote_extra_fen else ()
    return FreightRule(
        rule.flat_fen, rule.free_from_fen, freight.extra_fen(rule, province), remote,
        rule.remote_extra_fen,
    )  # fmt: skip


def _of_template(template: Template, code: str | None) -> FreightRule:
    row = template.row_for(code)
    places = {
        kind: tuple(regions.name_of(x) for r in template.rows if r.kind == kind
                    for x in sorted(r.regions))
        for kind in ("area", "none")
    }  # fmt: skip
    return FreightRule(
        row.first_fen, row.free_from_fen, 0, (), 0, template.basis, row.first_units,
        row.next_units, row.next_fen, row.days_from, row.days_to, row.kind != "none",
        places["area"], places["none"],
    )  # fmt: skip
