"""Whether somebody is old enough to buy liquor: the law says from eighteen on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.intent import Asked, Intent
from bot.understanding.slots import slots_of
from domain import adults
from domain.adults import MemberDoubt

OF_AGE = 18
_AGE = re.compile(r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*(?:周?岁|year)")
_IS_SOON = re.compile("不到|没到|未满|没满|还没|差|快|就要|才|下周|下个?月")


@dataclass(frozen=True)
class Age:
    """The age that was named; ``is_adult`` if it is one, and not only soon.

    ``doubt`` is the sender's own proof of age, if one was asked for.
    """

    is_adult: bool
    doubt: MemberDoubt | None


def _age(asked: Asked) -> Age:
    ages = [slots_of(f"{each}瓶").quantity or 0 for each in _AGE.findall(asked.words)]
    is_adult = bool(ages) and min(ages) >= OF_AGE and _IS_SOON.search(asked.words) is None
    return Age(is_adult, adults.doubt_of(asked.member_id))


INTENT = Intent(
    id="age",
    title="未成年能买吗",
    is_required=True,
    facts=_age,
    answer="""
{% if facts.is_adult %}
年满 18 周岁就可以买，下单时要确认您和收货人都已成年；送达时可能核对年龄。
{% else %}
未满 18 周岁不能买酒。按《未成年人保护法》，酒不卖给未成年人，家长也不能代买给孩子喝。
未成年人不能代收；下单时要确认您和收货人都已成年，送达时可能核对年龄。
{% endif %}
{% if facts.doubt and facts.doubt.state == "waiting" %}
您的年龄还在核验，请在 {{ facts.doubt.due_at|when }} 前{{ go(paths.AGE, "完成核验") }}。
通过之前，您的酒类订单不付款、不发货。
{% elif facts.doubt and facts.doubt.state == "refused" %}
您的年龄没有通过核验，不能购买酒类；已付的会原路退回。{{ go(paths.AGE, "查看") }}
{% endif %}
{{ go("/legal/terms", "购物须知") }}　{{ say("人工", "找客服") }}
""",
)
