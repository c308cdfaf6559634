"""退订 and 恢复: one word stops all promotions, another one starts them again."""

from __future__ import annotations

import re

from bot.call import Call
from bot.router import Command, Router, Wish
from domain import members
from kernel.chat import Reply

router = Router("push_stop")

_WISH = re.compile(
    r"(?:我|想|要|请|帮|给|麻烦|都)*"
    r"(?:退订|取消订阅|(?:不要|别|停止|取消)再?(?:给我)?(?:发(?:消息|广告|信息|促销)|推送))"
    r"(?:消息|广告|促销|推送|所有|全部|了|吧|啦|谢谢)*"
)


@router.on(Wish(_WISH, intent="push_stop"))  # '退订单' is about an order: no match
@router.on(
    Command("退订", "td", "t", "取消订阅", "不要推送", "停止推送", "tuiding", intent="push_stop")
)
async def stop(call: Call) -> Reply:
    """Stop promotions at once; notices about orders and money are still sent."""
    await call.write(members.stop_promotions, call.member_id)
    return call.answer("push_stopped.txt")


@router.on(
    Command("恢复", "订阅", "恢复订阅", "恢复推送", "接收推送", "huifu", intent="push_start")
)
async def agree(call: Call) -> Reply:
    """Start promotions again, until the next 退订."""
    await call.write(members.agree_to_promotions, call.member_id)
    return call.answer("push_agreed.txt")
