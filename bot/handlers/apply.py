"""申请分销: how to become a distributor, and the state of an application."""

from __future__ import annotations

from datetime import timedelta

from bot import paths
from bot.call import Call
from bot.earning import earning
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain.distribution import DistributorView
from kernel.chat import Reply

router = Router("apply")


@router.on(Command("申请分销", "分销", "分销中心", "推广中心", intent="distributor_apply"))
async def apply(call: Call) -> Reply:
    """Explain how to apply, free of charge; the agreement is shown and accepted on the page."""
    who = await distributor_of_sender(call)
    if who is not None and who.can_earn:
        return selling(call, who)
    promised = await call.promised()
    if who is None:
        facts = await call.read(earning, None)
        return call.answer("apply_how.txt", more=paths.APPLY, facts=facts, promised=promised)
    if who.state == "applied":
        by = who.applied_at + timedelta(days=promised.application_answer_days)
        return call.answer("apply.txt", more=paths.APPLY, state=who.state, answer_by=by)
    return not_selling(call, who)


def selling(call: Call, who: DistributorView) -> Reply:
    """A distributor who asks to apply is shown the ways to sell."""
    return call.answer("apply_active.txt", more=paths.SELLING, who=who)
