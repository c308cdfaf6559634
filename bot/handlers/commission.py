"""佣金: earned today, pending, available, and the last entries with their reasons."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain import distribution
from kernel.chat import Reply

router = Router("commission")

SHOWN = 3


@router.on(Command("佣金", "我的佣金", "收益", "余额", "业绩", "yongjin", intent="commission"))
async def commission(call: Call) -> Reply:
    """The current figures and the newest entries, also for suspended or former distributors."""
    who = await distributor_of_sender(call)
    if who is None or who.state in {"applied", "rejected"}:
        return not_selling(call, who, "看佣金")
    found = await call.read(distribution.distributor_figures, call.member_id)
    entries = await call.read(distribution.list_commission_of_member, call.member_id, None, SHOWN)
    return call.answer("commission.txt", more=paths.ENTRIES, figures=found, entries=entries)
