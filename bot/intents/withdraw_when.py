"""When a withdrawal arrives: those on their way with state and next step, and the rule."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold
from domain import distribution, payouts, settings
from domain.distribution import WithdrawalView
from kernel.chat import Reply
from kernel.refusals import payee_words

SHOWN = 3
ENDED = {"paid", "rejected", "failed", "expired", "cancelled", "returned"}


@dataclass(frozen=True)
class OnTheWay:
    """Withdrawals that have not ended, the last one that was paid, and the rules."""

    open: tuple[WithdrawalView, ...]
    paid: WithdrawalView | None
    review_from_fen: int
    is_stopped: bool
    confirms: bool


def _on_the_way(asked: Asked) -> OnTheWay:
    latest = distribution.list_withdrawals_of_member(asked.member_id)
    grant = payouts.grant_of(asked.member_id)
    return OnTheWay(
        open=tuple(one for one in latest if one.state not in ENDED)[:SHOWN],
        paid=next((one for one in latest if one.state == "paid"), None),
        review_from_fen=settings.get(settings.Distribution).review_from_fen,
        is_stopped=payouts.payout_stop().is_stopped,
        confirms=grant is None or grant.state != "active",
    )


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    facts = await call.read(_on_the_way, asked)
    return call.answer(
        "withdraw_when.txt", more=paths.WITHDRAWALS, facts=facts, payee_words=payee_words,
        is_seller=has_sold(who),
        is_employee=who is not None and who.payee_type == "employee",
    )  # fmt: skip


INTENT = Intent(id="withdraw_when", title="提现多久到账", reply=_reply)
