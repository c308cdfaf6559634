"""When a refund's money arrives: by how it was paid, and the person's own last refund."""

from __future__ import annotations

from typing import Any

from bot import paths
from bot.intent import Asked, Intent
from bot.refunds import cases_of
from domain import payments, promises

UNDER_WAY = frozenset({"refunding", "abnormal", "refunded", "settled_by_hand"})


def _facts(asked: Asked) -> dict[str, Any]:
    newest = cases_of(asked.member_id)
    return {
        "promised": promises.current(),
        "minutes": payments.REFUND_TO_CHANGE_MINUTES,
        "days": payments.REFUND_TO_CARD_DAYS,
        "cases": newest[:1],
        "is_under_way": bool(newest) and newest[0].case.state in UNDER_WAY,
    }


INTENT = Intent(
    id="refund_when",
    title="退款多久到账",
    facts=_facts,
    more=paths.CASES,
    answer="""
退款由微信原路退回：付款用零钱的，一般 {{ facts.minutes }} 分钟内到账；用银行卡、信用卡的，一般 {{
  facts.days }} 个工作日内。
{% if not facts.is_under_way %}
申请后 {{ facts.promised.answer_hours }} 小时内答复；不用寄回的同意后马上退，要寄回的收到退货后退。
{% endif %}
{% if facts.cases %}
{% set cases = facts.cases %}
{% include "chat/_cases.txt" %}
{% endif %}

到账后这里会通知您，也可在微信的账单里查。
{{ say("退款进度") }}　{{ say("人工", "问客服") }}
""",
)
