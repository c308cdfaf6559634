"""What the chat can do: the same list as the command 帮助."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import help as commands
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    return await commands.show_help(call)


INTENT = Intent(id="help", title="能做什么", reply=_reply)
