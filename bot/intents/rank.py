"""One's own place by own sales of this month; there is no public list."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, not_selling
from domain import distribution
from kernel.chat import Reply

TEXT = """
{% if facts.place %}
本月您成交 {{ facts.orders }} 单，共 ¥{{ facts.sales_fen|yuan }}
{%- if facts.sellers > 1 %}，在有成交的 {{ facts.sellers }} 位分销商中排第 {{ facts.place }}
{%- else %}，目前只有您有成交{% endif %}。
{% else %}
本月您还没有成交，所以没有名次。
{% endif %}
只按自己推荐成交的金额算（已付款、不含运费），每月初重新算；不看人数。
没有公开的排行榜，看不到别人的业绩，别人也看不到您的。
{{ go(paths.SELLING, "我的数据") }}　{{ say("海报") }}　{{ say("佣金") }}
"""


async def _reply(call: Call, _: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if who is None or who.state != "active":
        return not_selling(call, who, "看排名")
    facts = await call.read(distribution.place_this_month, call.member_id)
    return call.answer_with(TEXT, more=paths.SELLING, facts=facts)


INTENT = Intent(id="rank", title="我的销售排名", reply=_reply)
