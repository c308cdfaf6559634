"""The form of each kind of promotion: one entry per kind reads its fields and fills them.

The fields are in ``templates/admin/marketing/_offer_{kind}.html``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from admin.words import TEXT
from domain.catalog import SkuLine
from domain.promotions import OfferForm, Scope
from kernel.money import BP, yuan, yuan_grouped
from kernel.web.forms import Form

PRICE_MOST_FEN = 100_000_000
WAYS = TEXT.names("offer.way")


@dataclass(frozen=True)
class Typed:
    """The typed scope, its targets, and the rules of the kind."""

    scope: Scope
    targets: tuple[int, ...]
    rules: dict[str, Any]


@dataclass(frozen=True)
class KindForm:
    """The form of a kind of promotion.

    ``read`` takes the form and the chosen goods, and notes mistakes in the form. ``values``
    are the fields' values for a promotion. ``says`` is a promotion's rule in one line.
    """

    name: str
    title: str
    label: str
    note: str
    read: Callable[[Form, Sequence[SkuLine]], Typed]
    values: Callable[[OfferForm], dict[str, str]]
    says: Callable[[OfferForm], str]

    @property
    def template(self) -> str:
        """The template file with the fields."""
        return f"admin/marketing/_offer_{self.name}.html"


def _read_limited(form: Form, goods: Sequence[SkuLine]) -> Typed:
    way = form.choice("way", WAYS, "price")
    if way == "price":
        names = {sku.sku_id: f"price-{sku.sku_id}" for sku in goods}
        prices = {
            sku_id: form.fen(name, most=PRICE_MOST_FEN)
            for sku_id, name in names.items()
            if form.raw(name).strip()
        }
        if not prices:
            form.fail("way", "offer_prices_missing")
        return Typed("sku", tuple(prices), {"prices": prices})
    rate = form.rate("rate")
    if "rate" not in form.errors and not 0 < rate < BP:
        form.fail("rate", "offer_rate_bad")
    rules = {"rate_bp": rate}
    if way == "product_rate":
        return Typed("product", tuple(sorted({sku.product_id for sku in goods})), rules)
    picked = tuple(sku.sku_id for sku in goods if form.flag(f"on-{sku.sku_id}"))
    if not picked:
        form.fail("way", "offer_skus_missing")
    return Typed("sku", picked, rules)


def _limited_values(offer: OfferForm) -> dict[str, str]:
    rate = offer.rules.get("rate_bp")
    if rate is None:
        prices = offer.rules["prices"]
        return {"way": "price"} | {f"price-{sku}": yuan(fen) for sku, fen in prices.items()}
    shown = {"rate": f"{rate / 100:g}"}
    if offer.scope == "product":
        return shown | {"way": "product_rate"}
    return shown | {"way": "sku_rate"} | {f"on-{sku}": "1" for sku in offer.targets}


def _limited_says(offer: OfferForm) -> str:
    rate = offer.rules.get("rate_bp")
    if rate is not None:
        what = "件商品" if offer.scope == "product" else "个规格"
        return f"售价的 {rate / 100:g}%，{len(offer.targets)} {what}"
    prices = list(offer.rules["prices"].values())
    return f"¥{yuan_grouped(min(prices))} 起，{len(prices)} 个规格"


def _read_second(form: Form, goods: Sequence[SkuLine]) -> Typed:
    rate = form.rate("rate", most=BP - 1)
    rules = {"rate_bp": rate, "with_special": form.flag("with_special")}
    return Typed("product", tuple(sorted({sku.product_id for sku in goods})), rules)


def _second_values(offer: OfferForm) -> dict[str, str]:
    shown = {"rate": f"{offer.rules['rate_bp'] / 100:g}"}
    return shown | ({"with_special": "1"} if offer.rules.get("with_special") else {})


def _second_says(offer: OfferForm) -> str:
    rate = offer.rules["rate_bp"]
    what = "第二件免费" if rate == 0 else f"第二件按 {rate / 100:g}% 计价"
    return f"{what}，{len(offer.targets)} 件商品"


KIND_FORMS: dict[str, KindForm] = {
    form.name: form
    for form in (
        KindForm(
            "limited_price", "限时价", "限时价", "一段时间内单价更低，到时间自动恢复",
            _read_limited, _limited_values, _limited_says,
        ),
        KindForm(
            "second_piece", "第二件优惠", "第二件半价", "同一商品每两件中较便宜的一件优惠",
            _read_second, _second_values, _second_says,
        ),
    )
}  # fmt: skip
