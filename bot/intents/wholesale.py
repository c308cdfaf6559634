"""Many bottles, a company's order, supply of a shop: today's sum, and whom to ask."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.about import product_asked
from bot.intent import Asked, Intent
from domain import catalog, pricing, promises, settings
from domain.catalog import SkuLine
from domain.pricing import Quote
from domain.promises import Promises
from domain.settings import Trade

_AGENCY = re.compile("代理|加盟|经销|总代|区域|dealer|agent|distributor")
PIECES_MOST = 99_999


@dataclass(frozen=True)
class Bulk:
    """Many pieces of a product with the sum of now; ``most`` is what one order takes of it."""

    line: SkuLine | None
    pieces: int
    quote: Quote | None
    most: int
    wants_agency: bool
    promised: Promises


def _bulk(asked: Asked) -> Bulk:
    pieces = asked.slots.quantity or 0
    line = _line(asked) if 1 < pieces <= PIECES_MOST else None
    quote = None if line is None else pricing.quote_goods([(line, pieces)], None, asked.member_id)
    return Bulk(
        line, pieces, quote, settings.get(Trade).max_line_quantity,
        wants_agency=_AGENCY.search(asked.words) is not None, promised=promises.current(),
    )  # fmt: skip


def _line(asked: Asked) -> SkuLine | None:
    """The first specification of the product that is asked about."""
    card = product_asked(asked)
    if card is None:
        return None
    sku = pricing.product_page(card.id).skus[0]
    return catalog.sku_lines([sku.id])[sku.id]


INTENT = Intent(
    id="wholesale",
    title="团购批发",
    facts=_bulk,
    answer="""
商城没有另外的批发价目，网上下单按商品页的价格，一款一次最多 {{ facts.most }} 件。
{% if facts.quote %}
{{ facts.line.title }} {{ facts.line.spec_text }} {{ facts.pieces }} 件，现在商品合计
{{- " ¥" ~ facts.quote.reduced_goods_fen|yuan_whole }}。
{% endif %}
{% set hours = facts.promised.question_answer_hours %}
团购、供货要谈价，发送「留言 团购」加上商品、数量、地区和电话，{{ hours }} 小时内答复。
{% if facts.wants_agency %}
区域经销也这样留言；个人分享赚佣金可以免费 {{ say("申请分销") }}。
{% endif %}
{{ go(paths.HOME, "看商品") }}　{{ say("开发票") }}　{{ say("人工", "找客服") }}
""",
)
