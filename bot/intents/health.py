"""Liquor and the body: no advice, the warning of the law, and a doctor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.intent import Asked, Intent

_DRIVES = re.compile("开车|驾|骑|电动车|酒精检测|drive|car")


@dataclass(frozen=True)
class About:
    """What the question is about."""

    drives: bool


def _about(asked: Asked) -> About:
    return About(drives=_DRIVES.search(asked.words) is not None)


INTENT = Intent(
    id="health",
    title="喝酒与健康",
    is_required=True,
    facts=_about,
    answer="""
{% if facts.drives %}
喝酒不开车，也不骑车。多久以后能开，我们不能替您判断，请找代驾或改天。
{% else %}
身体、用药和喝酒的事我们不能给建议，请问医生或药师；没问清楚之前请不要喝。
{% endif %}
过量饮酒有害健康；孕妇、服药的人和未成年人请勿饮酒。身体不舒服请马上就医或拨打 120。
{{ say("人工", "找客服") }}　{{ go("/legal/terms", "购物须知") }}
""",
)
