"""How a distributor leaves, and what happens to the money."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, not_selling
from domain import distribution
from kernel.chat import Reply

TEXT = """
可以随时退出，不用说明理由：打开 {{ go(paths.SELLER_SETTINGS, "分销设置") }}，点「退出分销」。
退出后新订单不再计佣，客户备注会删除；购物和会员账号不受影响，以后可以重新申请。
您的钱都保留：可提现 ¥{{ figures.available_fen|yuan }}
{%- if figures.pending_fen %}，待结算 ¥{{ figures.pending_fen|yuan }} 照常结算{% endif %}
{%- if figures.withdrawing_fen %}，提现中 ¥{{ figures.withdrawing_fen|yuan }} 照常付款{% endif %}
{%- if figures.debt_fen %}，待抵扣 ¥{{ figures.debt_fen|yuan }}{% endif %}。
{{ say("提现") }}　{{ say("人工", "问客服") }}
"""

NOBODY = """
您现在不是分销商，不需要退出。
不想再收到促销消息，请发送 {{ say("退订") }}；其他的请找 {{ say("人工", "客服") }}。
"""


async def _reply(call: Call, _: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if who is None or who.state == "rejected":
        return call.answer_with(NOBODY)
    if who.state in {"applied", "left"}:
        return not_selling(call, who)
    figures = await call.read(distribution.distributor_figures, call.member_id)
    return call.answer_with(TEXT, more=paths.SELLER_SETTINGS, figures=figures)


INTENT = Intent(id="leave", title="退出分销", reply=_reply)
