"""The wish for promotions in free words: started if it says so plainly, else by one tap.

A consent is not guessed: who only asks how it works, or why nothing comes, says 恢复 themselves.
"""

from __future__ import annotations

import re

from bot.call import Call
from bot.handlers import push_stop
from bot.intent import Asked, Intent
from domain import members
from kernel.chat import Reply

TITLE = "恢复接收消息"
_NEWS = r"(?:优惠|促销|活动|上新)?(?:消息|推送|通知|订阅)(?:提醒)?"
_START = r"(?:打开|开启|开通|恢复|接收)"
_PLAIN = re.compile(
    rf"(?:请|帮我|给我|麻烦|我要|重新)*(?:{_START}{_NEWS}|{_START}接收{_NEWS}|把{_NEWS}(?:打开|开启|恢复))(?:吧|了|一下)*"
)

HOW = """
{% if is_on %}
您现在就能收到优惠消息；不想收到时，随时发送 {{ say("退订") }}。
{{ go(paths.CONSENTS, "授权管理") }}　{{ say("人工", "找客服") }}
{% else %}
您现在不会收到优惠消息。想收到请点击 {{ say("恢复", "恢复接收") }}，随时可以退订。
订单、退款和佣金的通知不用订阅。
{{ go(paths.CONSENTS, "授权管理") }}　{{ say("优惠", "现在的优惠") }}
{% endif %}
"""


async def _reply(call: Call, asked: Asked) -> Reply:
    if _PLAIN.fullmatch(asked.words.replace(" ", "")):
        return await push_stop.agree(call)
    member = await call.read(members.member_detail, asked.member_id)
    return call.answer_with(HOW, is_on=member.wants_promotions)


INTENT = Intent(id="push_start", title=TITLE, reply=_reply)
