"""How to drink and keep a product: the merchant's own words, with the warning of the law."""

from __future__ import annotations

from dataclasses import dataclass

from bot.about import product_asked
from bot.intent import Asked, Intent
from domain import catalog, pricing
from domain.catalog import ProductPage

WARNING = "过量饮酒有害健康"


@dataclass(frozen=True)
class Use:
    """A product with its usage; ``is_named`` is False for one that only stands as an example."""

    page: ProductPage
    is_named: bool

    @property
    def warns(self) -> bool:
        """True if the usage itself has the warning."""
        return WARNING in self.page.usage


def _use(asked: Asked) -> Use | None:
    card = product_asked(asked)
    product_id = catalog.best_seller() if card is None else card.id
    if product_id is None:
        return None
    return Use(pricing.product_page(product_id), is_named=card is not None)


_KEEP = """
请按瓶身标签饮用和存放。白酒一般密封、直立、放阴凉避光处，开瓶后盖紧。
过量饮酒有害健康，未满 18 周岁请勿饮酒。
{{ say("有什么酒", "看商品") }}　{{ say("人工", "找客服") }}
"""

INTENT = Intent(
    id="use",
    title="怎么喝怎么存",
    facts=_use,
    without=_KEEP,
    answer="""
{% if facts.page.usage %}
{{ "" if facts.is_named else "以" }}{{ facts.page.title }}{{ "" if facts.is_named else "为例" -}}
：{{ facts.page.usage|truncate(300, true, "…") }}
{% else %}
{{ facts.page.title }}的页面没有写用法，请按标签饮用和存放。
{% endif %}
{% if facts.page.is_liquor and not facts.warns %}
过量饮酒有害健康，未满 18 周岁请勿饮酒。
{% endif %}
{{ go(paths.product(facts.page.id), "看商品页") }}　{{ say("人工", "找客服") if facts.is_named
  else say("有什么酒", "看别的酒") }}
""",
)
