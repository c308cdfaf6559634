"""How commission is earned: what is paid, for what, and one example in this shop's numbers."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.earning import earning
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender
from kernel.chat import Reply


async def _reply(call: Call, _: Asked) -> Reply:
    who = await distributor_of_sender(call)
    can_earn = who is not None and who.can_earn
    facts = await call.read(earning, call.member_id if who is not None else None)
    return call.answer(
        "how_to_earn.txt",
        more=paths.RULES,
        facts=facts,
        can_earn=can_earn,
        is_known=who is not None,
    )


INTENT = Intent(id="how_to_earn", title="推广怎么得佣金", reply=_reply)
