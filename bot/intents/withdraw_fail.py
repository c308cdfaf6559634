"""A withdrawal that did not arrive: why each failed, and what prevents a new one."""

from __future__ import annotations

from dataclasses import dataclass

from bot import paths
from bot.call import Call
from bot.intent import Asked, Intent
from bot.selling import distributor_of_sender, has_sold, not_selling
from bot.texts import TEXTS
from domain import distribution, ledger, settings
from domain.distribution import WithdrawalView
from domain.ledger import member_account
from kernel.chat import Reply
from kernel.refusals import payee_words

SHOWN = 2
PAGES = {
    "terms_not_accepted": (paths.SELLER_SETTINGS, "去同意"),
    "identity_missing": (paths.IDENTITY, "去填写"),
    "document_missing": (paths.IDENTITY, "去上传"),
    "payee_unreviewed": (paths.IDENTITY, "查看"),
    "payee_frozen": (paths.FREEZE, "原因与申诉"),
}
"""Where somebody mends what prevents a withdrawal."""


@dataclass(frozen=True)
class Trouble:
    """A withdrawal that ended without payment or waits, and why it was rejected."""

    one: WithdrawalView
    rejected: str = ""
    is_taken_back: bool = False


@dataclass(frozen=True)
class Failing:
    """The newest withdrawals, and what prevents one of all that is there."""

    troubles: tuple[Trouble, ...]
    paid: WithdrawalView | None
    available_fen: int
    problem: str
    mend: tuple[str, str] | None


def _failing(asked: Asked) -> Failing:
    latest = distribution.list_withdrawals_of_member(asked.member_id, None, SHOWN + 1)
    newest_paid = latest[0] if latest and latest[0].state == "paid" else None
    available = ledger.balance(member_account("available", asked.member_id))
    problem, mend = _prevented(asked.member_id, available)
    unpaid = [one for one in latest if one.state != "paid"][:SHOWN]
    troubles = tuple(_trouble(one, asked.member_id) for one in unpaid)
    return Failing(troubles, newest_paid, available, problem, mend)


def _trouble(one: WithdrawalView, member_id: int) -> Trouble:
    """With the reason that a person gave, or that its owner took it back."""
    if one.state not in {"rejected", "returned"} or one.fail_reason:
        return Trouble(one)
    steps = distribution.withdrawal_detail(one.id, member_id).steps
    last = next((step for step in reversed(steps) if step.to_state == "rejected"), None)
    if last is None:
        return Trouble(one)
    if last.actor.startswith("staff:"):
        return Trouble(one, rejected=last.why)
    return Trouble(one, is_taken_back=last.actor.startswith("member:"))


def _prevented(member_id: int, available_fen: int) -> tuple[str, tuple[str, str] | None]:
    """The first thing that prevents a withdrawal of all there is, in words, and its page."""
    most = settings.get(settings.Distribution).withdraw_max_fen
    found = distribution.withdrawal_preview(member_id, min(available_fen, most)).problems
    if not found:
        return "", None
    return TEXTS.text(found[0].code, **found[0].facts), PAGES.get(found[0].code)


async def _reply(call: Call, asked: Asked) -> Reply:
    who = await distributor_of_sender(call)
    if not has_sold(who):
        return not_selling(call, who, "提现")
    facts = await call.read(_failing, asked)
    return call.answer(
        "withdraw_fail.txt", more=paths.WITHDRAWALS, facts=facts, payee_words=payee_words
    )


INTENT = Intent(id="withdraw_fail", title="提现没到账", reply=_reply)
