"""申请分销: how to become a distributor, and the state of an application."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain.distribution import DistributorView
from kernel.chat import Reply

router = Router("apply")


@router.on(Command("申请", alone=True, shown=False))
@router.on(
    Command("申请分销", "分销", "成为分销商", "我要分销", "加盟", "代理", "分销中心", "推广中心")
)
async def apply(call: Call) -> Reply:
    """Explain how to apply, free of charge; the agreement is shown and accepted on the page."""
    who = await distributor_of_sender(call)
    return selling(call, who) if who is not None and who.can_earn else not_selling(call, who)


def selling(call: Call, who: DistributorView) -> Reply:
    """A distributor who asks to apply is shown the ways to sell."""
    return call.answer("apply_active.txt", more=paths.SELLING, who=who)
