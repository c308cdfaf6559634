"""Why an order is somebody else's: the reason for a number, or the page that tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold, not_selling
from domain import distribution, settings
from domain.distribution import NoCommissionView
from domain.settings import BindingPolicy
from kernel import catalogues
from kernel.chat import Reply

WHY = catalogues.of("shared").names("not_mine")
_NUMBER = re.compile(r"[a-z]{2,3}[0-9]{6}[0-9a-z]{16}")


@dataclass(frozen=True)
class NotMine:
    """The policy, whether one's own purchases pay, and the reason if an order was named."""

    policy: BindingPolicy
    pays_own: bool
    named: NoCommissionView | None

    @property
    def reason(self) -> str:
        """Why the named order paid nothing, in one sentence."""
        return WHY[self.named.code] if self.named is not None else ""


def _facts(asked: Asked) -> NotMine:
    number = _NUMBER.search(asked.words.replace(" ", ""))
    named = None
    if number is not None:
        named = distribution.why_no_commission(asked.member_id, number[0].upper())
    return NotMine(
        policy=settings.get(BindingPolicy),
        pays_own=settings.get(settings.Distribution).pay_self_purchase,
        named=named,
    )


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if not has_sold(who):
        return not_selling(call, who, "计佣金")
    facts = await call.read(_facts, asked)
    return call.answer("not_mine.txt", more=paths.WHY_NOT_MINE, facts=facts)


INTENT = Intent(id="not_mine", title="这单怎么不是我的", reply=_reply)
