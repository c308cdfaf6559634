"""A poster, of the product that the sentence names or the best-selling one."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from bot.handlers import poster
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender
from kernel.chat import Reply

_TROUBLE = re.compile(
    "打不开|扫不[出了上]|扫出来|[模很太]糊|转圈|失败|空白|白的|失效|过期|屏蔽|[不没]显示|不出来|保存不|没有?保存|存不"
    "|没反应|不是我|旧的|老的"
)

TEXT = """
重新要一张就好，二维码、价格和名称都是最新的：{{ say("海报", "重新要一张") }}
保存时长按图片。聊天里打不开的话，可以用网页版：{{ go(paths.POSTER, "我的海报") }}
还是不行，请把截图发给 {{ say("人工", "客服") }}。
"""


async def _reply(call: Call, asked: Asked) -> Reply:
    if _TROUBLE.search(asked.words):
        who = await distributor_of_sender(call)
        if who is not None and who.can_earn:
            return call.answer_with(TEXT, more=paths.POSTER)
    return await poster.poster_in_words(call, asked.words)


INTENT = Intent(id="poster", title="推广海报", reply=_reply)
