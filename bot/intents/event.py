"""What runs now: promotions; prizes, draws and red packets only if there are any (none yet)."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from bot.handlers import offers
from bot.intent import Asked, Intent
from bot.speech import say
from kernel.chat import Reply, TextReply

_WON = re.compile("中奖|中没中|恭喜|领奖|兑奖|到账|中了|盖|扫")


async def _reply(call: Call, asked: Asked) -> Reply:
    listed = await offers.offers(call)
    if not isinstance(listed, TextReply):
        return listed
    lines = ["本店目前没有抽奖、红包和扫码领奖。"]
    if _WON.search(asked.words):
        lines.append(f"说您中奖、要您先付钱或给验证码的，请别理会，{say('人工', '找客服核实')}。")
    lines += [listed.content, call.speech.go(paths.CAMPAIGN_RULES, "活动规则")]
    return TextReply("\n".join(lines))


INTENT = Intent(id="event", title="最近的活动", reply=_reply)
