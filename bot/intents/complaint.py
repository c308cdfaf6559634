"""A complaint: the sentence typed gets a number and a time limit; or what became of one."""

from __future__ import annotations

import re

from bot.call import Call
from bot.handlers import human
from bot.intent import Asked, Intent
from bot.tickets import is_guess, line_of
from kernel.chat import Reply

# Asks how to complain, and says nothing of what happened; with the usual slips.
_HOW = re.compile(
    r"(?:请问|我?(?:要|想|该)|怎么|怎样|如何|哪里|在哪里?|去哪|能|可以|有没有)*投[诉拆述素](?:举报)?"
    r"(?:的|通道|渠道|入口|电话|热线|方式|在哪里?|是?多少|怎么走|吗|呢)*"
)

# Asks what became of a complaint. Who says that nobody acted complains again.
_SAID_BEFORE = r"(?:投[诉拆述素]|举报|反映|反应|工单|留言|意见)"
_PROGRESS = re.compile(
    rf".*{_SAID_BEFORE}[^，。,;；]{{0,8}}?(?<!没人)(?<!没有人)(?<!不)"
    r"(?:处理|解决|结果|进展|进度|答复|回复|回音|消息|下文|受理)[^，。,;；]{0,8}"
    r"(?:吗|没|没有|么|嘛|了|呢|样|何|哪|久|时候|[?？])"
)
_PROGRESS_MOST = 30


async def _reply(call: Call, asked: Asked) -> Reply:
    if _HOW.fullmatch(asked.words.replace(" ", "")):
        return await human.how_to_complain(call)
    if len(asked.words) <= _PROGRESS_MOST and _PROGRESS.fullmatch(asked.words.replace(" ", "")):
        return await human.progress(call)
    if is_guess(call, "complaint"):
        return await human.how_to_complain(call, words=line_of(call))
    return await human.note_complaint(call)


INTENT = Intent(id="complaint", title="我要投诉", reply=_reply)
