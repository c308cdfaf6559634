"""What the distributor's conversations share: who may sell, and what to tell who may not (yet)."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from domain import distribution
from domain.distribution import DistributorView
from kernel.chat import TextReply


async def seller(call: Call) -> DistributorView | None:
    """The writer as a distributor, None if they never applied."""
    found: DistributorView | None = await call.read(distribution.distributor, call.member_id)
    return found


def not_selling(call: Call, who: DistributorView | None, wish: str = "") -> TextReply:
    """Where an application stands, or how to become a distributor; always with a next step.

    ``wish`` is what was asked for, so that the answer says what joining has to do with it.
    """
    state = who.state if who is not None else "none"
    reason = who.reason if who is not None else None
    return call.answer("apply.txt", more=paths.APPLY, state=state, reason=reason, wish=wish)
