"""提现: the available amount, what is on its way, and the page where a withdrawal is requested."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from bot.texts import TEXTS
from domain import distribution, payouts, settings
from kernel import typed
from kernel.chat import Reply, Text
from kernel.errors import Invalid
from kernel.refusals import payee_words

router = Router("withdraw")

SHOWN = 3
NAMES = ("提现", "我要提现", "取钱", "tixian")
# What may follow the command to be read as an amount; a sentence that contains a number is not.
_AMOUNT = (
    r"[\d.,，。+\-−－¥￥eEwWkK%％万千百元块圆角毛分钱\s]*\d"
    r"[\d.,，+\-−－eEwWkK%％万千百元块圆角毛分钱\s]*"
)
_SUM = re.compile(rf"{_AMOUNT}[。.！!~～\s]*")
_ASKED = re.compile(
    rf"\s*(?:{'|'.join(NAMES)})[\s:：]*(?P<amount>{_AMOUNT})[。.！!~～\s]*", re.IGNORECASE
)


@router.on(Command(*NAMES, intent="withdraw", takes=_SUM))
async def withdraw(call: Call) -> Reply:
    """Lead to the page: fee, tax and identity are shown there before the request is confirmed."""
    who = await distributor_of_sender(call)
    if who is None or who.state in {"applied", "rejected"}:
        return not_selling(call, who, "提现")
    figures = await call.read(distribution.distributor_figures, call.member_id)
    found = await call.read(distribution.list_withdrawals_of_member, call.member_id, None, SHOWN)
    rules = await call.read(settings.get, settings.Distribution)
    asked_fen, unread = _asked(call)
    return call.answer(
        "withdraw.txt", more=paths.WITHDRAW, who=who, figures=figures, withdrawals=found,
        rules=rules, asked_fen=asked_fen, unread=unread, payee_words=payee_words,
    )  # fmt: skip


@router.on(Command("免确认", "免确认收款", "自动到账", intent="withdraw"))
async def without_confirming(call: Call) -> Reply:
    """免确认收款: whether it is on for this person, what it means, and where it is changed."""
    who = await distributor_of_sender(call)
    if who is None or who.state in {"applied", "rejected"}:
        return not_selling(call, who, "提现")
    grant = await call.read(payouts.grant_of, call.member_id)
    brakes = await call.read(settings.get, settings.PayoutBrakes)
    return call.answer(
        "without_confirming.txt", more=paths.WITHDRAW,
        is_active=grant is not None and grant.state == "active",
        is_offered=await call.read(payouts.are_grants_offered),
        bill_fen=brakes.granted_bill_fen, day_fen=brakes.granted_person_day_fen,
    )  # fmt: skip


def _asked(call: Call) -> tuple[int | None, str]:
    """The amount after the command in fen, or the error code why it can't be read."""
    text = call.message.content if isinstance(call.message, Text) else ""
    match = _ASKED.fullmatch(text)
    if match is None:
        return None, ""
    try:
        return typed.amount(match["amount"]), ""
    except Invalid as refused:
        return None, f"没看懂金额“{match['amount'].strip()}”：{TEXTS.of(refused)}"
