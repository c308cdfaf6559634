"""提现: what can be had, what is on its way, and the page where it is asked for."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import not_selling, seller
from domain import distribution, settings
from kernel.chat import Reply

router = Router("withdraw")

SHOWN = 3


@router.on(Command("提现", "取钱", "到账", "转账", "tixian"))
async def withdraw(call: Call) -> Reply:
    """Money is asked for on the page, where fee, tax and identity are shown before the yes."""
    who = await seller(call)
    if who is None or who.state in {"applied", "rejected"}:
        return not_selling(call, who, "提现")
    figures = await call.read(distribution.figures, call.member_id)
    found = await call.read(distribution.withdrawals, call.member_id, None, SHOWN)
    least = (await call.read(settings.get, settings.Distribution)).withdraw_min_fen
    return call.answer(
        "withdraw.txt", more=paths.WITHDRAW, figures=figures, withdrawals=found, least_fen=least
    )
