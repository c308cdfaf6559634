"""The tax that is withheld from withdrawals: the table in force, an example, and this year."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold
from domain import distribution, payouts, settings
from domain.distribution import WithdrawalPreview
from domain.payouts import TaxTable
from kernel import clock
from kernel.chat import Reply


@dataclass(frozen=True)
class Taxes:
    """How somebody is taxed: method and table, what was withheld this year, and their next one."""

    method: str  # payroll, none, unset, ordinary, cumulative
    table: TaxTable | None
    year_gross_fen: int
    year_tax_fen: int
    offered: WithdrawalPreview | None


def _taxes(asked: Asked) -> Taxes:
    """The tax of the payee; of somebody who is none that of individuals."""
    today, payee = clock.business_day(clock.now()), payouts.payee_of(asked.member_id)
    rules = settings.get(settings.Distribution)
    method = payouts.tax_method_of(payee) if payee is not None else rules.tax_method
    gross, tax = payouts.income_of_year(asked.member_id, today.year)
    return Taxes(
        method, payouts.tax_table(method, today), gross, tax,
        _offered(asked.member_id, rules.withdraw_max_fen) if payee is not None else None,
    )  # fmt: skip


def _offered(member_id: int, most_fen: int) -> WithdrawalPreview | None:
    """A withdrawal of all that can be withdrawn at once; None if that is nothing."""
    if distribution.distributor(member_id) is None:
        return None
    everything = distribution.withdrawal_preview(member_id, 0).available_fen
    if not everything:
        return None
    return distribution.withdrawal_preview(member_id, min(everything, most_fen))


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    facts = await call.read(_taxes, asked)
    return call.answer("tax.txt", more=paths.WITHDRAWALS, facts=facts, is_seller=has_sold(who))


INTENT = Intent(id="tax", title="提现怎么扣税", reply=_reply)
