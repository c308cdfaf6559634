"""帮助: the list of commands, for a shopper or for a distributor."""

from __future__ import annotations

from bot.call import Call
from bot.router import Command, Router
from bot.selling import is_selling
from kernel.chat import Reply

router = Router("help")


@router.on(Command("帮助", "功能", "菜单", "使用帮助", "help", "bangzhu", intent="help"))
async def show_help(call: Call) -> Reply:
    """The list of commands; a tap on one sends it."""
    return call.answer("help.txt", is_selling=await is_selling(call))
