"""Why a commission is as it is: the calculation of each entry, and what reduced it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold, not_selling
from domain import distribution, ledger
from domain.distribution import CommissionView, WithdrawalView
from domain.ledger import member_account
from kernel import typed
from kernel.chat import Reply

SEARCHED = 20
SHOWN = 3
YUAN = 100
TENTH = 10
# "41块", "41.72", "41块7"; no counts, days or rates.
_SUM = re.compile(
    r"(?<![0-9.])(?:[0-9]{1,6}块[0-9](?![0-9])|[0-9]{1,6}(?:\.[0-9]{1,2})?[块元]?)"
    r"(?![0-9.]|\s*(?:瓶|箱|单|个|笔|天|月|号|日|年|折|度|件|%|点|级))"
)

Sum = tuple[int, int]
"""A sum that somebody named, and by less than how many fen the one they mean may differ."""


@dataclass(frozen=True)
class Why:
    """The entries that the question is about, or a withdrawal whose net was named."""

    entries: tuple[CommissionView, ...]
    withdrawal: WithdrawalView | None
    debt_fen: int


def _why(asked: Asked) -> Why:
    """What the named sum belongs to: an entry, else a withdrawal, else the newest entries."""
    latest = distribution.list_commission_of_member(asked.member_id, None, SEARCHED)
    debt_fen = -ledger.balance(member_account("debt", asked.member_id))
    sums = _sums(asked)
    meant = _entry_of(latest, sums)
    if meant is not None:
        return Why((meant,), None, debt_fen)
    paid_out = _withdrawal_of(asked.member_id, sums) if sums else None
    reduced = [one for one in latest if one.taken_fen] if "退" in asked.words else []
    return Why(tuple((reduced or latest)[:SHOWN]), paid_out, debt_fen)


def _sums(asked: Asked) -> list[Sum]:
    """The sums of a sentence in fen; whole yuan are often cut or rounded."""
    found = [(typed.amount(named), _within(named)) for named in _SUM.findall(asked.words)]
    low, high = asked.slots.price_from_fen, asked.slots.price_to_fen
    if not found and low is not None and high is not None:  # "四十一块" is read as about 41
        found.append(((low + high) // 2, YUAN))
    return found


def _within(named: str) -> int:
    """What "41.72", "41块7" and "41" leave open."""
    if "." in named:
        return 1
    return TENTH if named[-1].isdigit() and not named.isdigit() else YUAN


def _entry_of(entries: list[CommissionView], sums: list[Sum]) -> CommissionView | None:
    """The entry that the named sums fit best, the newest of equals; the price counts less."""
    if not entries or not sums:
        return None
    best = max(entries, key=lambda entry: _fit(entry, sums))
    return best if _fit(best, sums) > (0, 0) else None


def _fit(entry: CommissionView, sums: list[Sum]) -> tuple[int, int]:
    """How many sums name its commission or what was taken of it, and how many its price."""
    own = (entry.amount_fen, entry.left_fen, entry.taken_fen)
    return (
        sum(any(_means(one, fen) for fen in own) for one in sums),
        sum(_means(one, entry.base_fen) for one in sums),
    )


def _withdrawal_of(member_id: int, sums: list[Sum]) -> WithdrawalView | None:
    """The newest withdrawal of which a named sum arrived, if something was kept of it."""
    for one in distribution.list_withdrawals_of_member(member_id, None, SEARCHED):
        if one.net_fen < one.gross_fen and any(_means(each, one.net_fen) for each in sums):
            return one
    return None


def _means(named: Sum, fen: int) -> bool:
    """Whether somebody who names a sum may mean this one."""
    return fen > 0 and abs(named[0] - fen) < named[1]


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if not has_sold(who):
        return not_selling(call, who, "看佣金")
    facts = await call.read(_why, asked)
    return call.answer("commission_why.txt", more=paths.ENTRIES, facts=facts)


INTENT = Intent(id="commission_why", title="佣金怎么算的", reply=_reply)
