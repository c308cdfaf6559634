"""帮助: the list of all commands."""

from __future__ import annotations

from bot.call import Call
from bot.router import Command, Router
from domain import legal
from kernel.chat import Reply

router = Router("help")


@router.on(Command("帮助", "功能", "菜单", "使用帮助", "怎么用", "help", "bangzhu"))
async def show_help(call: Call) -> Reply:
    """The list of commands; a tap on one sends it."""
    return call.answer("help.txt", company=legal.last_business())
