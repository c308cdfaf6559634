"""Whether a product is in stock, and what can be done if it is not."""

from __future__ import annotations

from dataclasses import dataclass

from bot.about import candidates, page_asked
from bot.call import Call
from bot.intent import Asked, Intent
from domain import promises
from domain.catalog import ProductCard, ProductPage
from domain.promises import Promises
from kernel.chat import Reply

_ONE = """
{{ facts.page.title }}
{% for sku in facts.page.skus %}
{{ sku.spec_text or "标准" }}：
{%- if sku.is_sold_out %}暂时售罄
{%- elif facts.wanted > sku.left %}现有 {{ sku.left }} 件，不够 {{ facts.wanted }} 件
{%- elif sku.is_low %}仅剩 {{ sku.left }} 件
{%- else %}有货{{ "，够 " ~ facts.wanted ~ " 件" if facts.wanted > 1 }}
{%- endif %}

{% endfor %}
{% if facts.is_short %}
补货日期还没有定。给客服留言，到货后在这里通知您：
{{ say("留言 " ~ facts.page.title ~ "到货请通知我", "到货通知我") }}
{{ say("有什么酒", "看看别的") }}　{{ say("人工", "找客服") }}
{% else %}
付款后 {{ facts.promised.ship_within_hours }} 小时内发货。
{{ go(paths.product(facts.page.id), "去购买") }}　{{ say("运费多少") }}
{% endif %}
"""
_ALL = """
{% if facts.sold_out %}
暂时售罄：{{ facts.sold_out|map(attribute="title")|join("、") }}。
其余在售的都有货，您要哪一款？
{% else %}
在售的都有货，您要哪一款？
{% endif %}
{% for card in facts.cards %}
{{ say(card.title ~ "还有货吗", card.title) }}{{ "（售罄）" if card.is_sold_out }}
{% endfor %}

{{ go(paths.HOME, "看全部商品") }}　{{ say("人工", "找客服") }}
"""


@dataclass(frozen=True)
class Stock:
    """A product with its stock, and how many pieces are wanted (0: not said)."""

    page: ProductPage
    promised: Promises
    wanted: int = 0

    @property
    def is_short(self) -> bool:
        """True if no specification has what is wanted."""
        return all(sku.left < max(self.wanted, 1) for sku in self.page.skus)


@dataclass(frozen=True)
class Shelf:
    """The products that may be meant."""

    cards: tuple[ProductCard, ...]

    @property
    def sold_out(self) -> list[ProductCard]:
        """Those without stock."""
        return [card for card in self.cards if card.is_sold_out]


def _stock(asked: Asked) -> Stock | None:
    page = page_asked(asked)
    if page is None:
        return None
    return Stock(page, promises.current(), asked.slots.quantity or 0)


async def stock_reply(call: Call, asked: Asked) -> Reply:
    """The stock of the product that is asked about, else of those that may be meant."""
    stock = await call.read(_stock, asked)
    if stock is not None:
        call.about = stock.page.id
        return call.answer_with(_ONE, facts=stock)
    cards = await call.read(candidates, asked)
    if not cards:
        return call.answer("product_none.txt", words="")
    return call.answer_with(_ALL, facts=Shelf(tuple(cards)))


INTENT = Intent(id="stock", title="还有货吗", reply=stock_reply)
