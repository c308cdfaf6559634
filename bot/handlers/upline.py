"""推荐人: the member's upline, the reason, and the dates from which and until which it counts."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from domain import distribution, settings
from kernel.chat import Reply

router = Router("upline")


@router.on(Command("推荐人", "我的推荐人", "我的上级", "上级", "谁推荐的", intent="upline"))
async def upline(call: Call) -> Reply:
    """Why this person is my upline, with a link to the whole history of the binding."""
    view = await call.read(distribution.upline_with_history, call.member_id)
    policy = await call.read(settings.get, settings.BindingPolicy)
    return call.answer("upline.txt", more=paths.WHY_UPLINE, view=view, policy=policy)
