"""When commission can be withdrawn: the date of each entry that waits, and the rule."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold
from domain import distribution, ledger, settings
from domain.distribution import CommissionView
from domain.ledger import member_account
from kernel.chat import Reply

SHOWN = 5


@dataclass(frozen=True)
class When:
    """The commission that waits, oldest first, and the rule of today."""

    entries: tuple[CommissionView, ...]
    has_more: bool
    pending_fen: int
    freeze_days: int


def _when(asked: Asked) -> When:
    found = distribution.list_waiting_commission(asked.member_id, SHOWN + 1)
    return When(
        entries=tuple(found[:SHOWN]),
        has_more=len(found) > SHOWN,
        pending_fen=ledger.balance(member_account("commission_pending", asked.member_id)),
        freeze_days=settings.get(settings.Distribution).freeze_days,
    )


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    facts = await call.read(_when, asked)
    return call.answer(
        "commission_when.txt", more=paths.ENTRIES, facts=facts, is_seller=has_sold(who),
        is_frozen=who is not None and who.is_frozen,
    )  # fmt: skip


INTENT = Intent(id="commission_when", title="佣金何时到账", reply=_reply)
