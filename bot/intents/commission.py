"""What a distributor earned: the same figures as the command 佣金."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import commission
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await commission.commission(call)


INTENT = Intent(id="commission", title="我的佣金", reply=_reply)
