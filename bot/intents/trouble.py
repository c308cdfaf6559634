"""A parcel is damaged, wrong or incomplete: where to claim, with a photo, and until when."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.purchases import SENT, asked_about
from domain import promises


def _facts(asked: Asked) -> dict[str, Any]:
    shown = asked_about(asked, "all", fits=lambda one: one.order.state in SENT)
    return {"promised": promises.current(), "shown": shown}


INTENT = Intent(
    id="trouble",
    title="收到的酒有问题",
    facts=_facts,
    more=paths.ORDERS,
    answer="""
很抱歉给您添麻烦了。请拍下商品、外箱和快递面单，在订单里申请售后：可退、可换，也可只退一部分。
{% for one in facts.shown if one.claim_path %}
{{ go(one.claim_path, "申请售后") }} {{ one.order.lines[0].title }}
{%- if one.order.complete_by_at -%}
  ，{{ one.order.complete_by_at|when }} 前可申请
{%- else -%}
  ，收到后 {{ facts.promised.complete_after_days }} 天内都可申请
{%- endif %}

{% else %}
{{ go(paths.ORDERS, "我的订单") }}（确认收货后 {{
  facts.promised.complete_after_days }} 天内可申请，过期请找客服）
{% endfor %}
{{ "破损包赔；" if facts.promised.covers_breakage }}属于我们的责任，寄回运费由我们承担，{{
  facts.promised.answer_hours }} 小时内答复。
{{ say("退款进度") }}　{{ say("人工", "找客服") }}
""",
)
