"""Shared by the distributors' commands: who may sell, and the answer to those who may not."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from domain import distribution, legal
from domain.distribution import DistributorView
from kernel.chat import TextReply


async def distributor_of_sender(call: Call) -> DistributorView | None:
    """The sender as a distributor; None if they never applied."""
    found: DistributorView | None = await call.read(distribution.distributor, call.member_id)
    return found


def not_selling(call: Call, who: DistributorView | None, wish: str = "") -> TextReply:
    """The state of an application, or how to become a distributor; always with a next step.

    ``wish`` is the command that was sent; the answer says how joining relates to it.
    """
    state = who.state if who is not None else "none"
    reason = who.reason if who is not None else None
    return call.answer(
        "apply.txt", more=paths.APPLY, state=state, reason=reason, wish=wish,
        company=legal.last_business(),
    )  # fmt: skip
