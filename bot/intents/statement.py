"""A statement of commission: there is none by month, but every entry and every payment."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold, not_selling
from domain import distribution
from kernel.chat import Reply

TEXT = """
目前没有按月的结算单：佣金每天结算，每一笔都在明细里，写明订单、比例和日期。
{% set month = figures.month %}
近 30 天：订单 {{ month.orders }}，成交 ¥{{ month.sales_fen|yuan }}，
{{- "佣金 ¥" ~ (month.commission_fen|yuan) }}
现在：可提现 ¥{{ figures.available_fen|yuan }}，待结算 ¥{{ figures.pending_fen|yuan }}，
{{- "已提现 ¥" ~ (figures.withdrawn_fen|yuan) }}
{{ go(paths.ENTRIES, "佣金明细") }}　{{ go(paths.WITHDRAWALS, "提现记录") }}
需要盖章的单据，或金额对不上，请找 {{ say("人工", "客服") }}。
"""


async def _reply(call: Call, _: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if not has_sold(who):
        return not_selling(call, who, "看佣金账单")
    figures = await call.read(distribution.distributor_figures, call.member_id)
    return call.answer_with(TEXT, more=paths.ENTRIES, figures=figures)


INTENT = Intent(id="statement", title="佣金结算单", reply=_reply)
