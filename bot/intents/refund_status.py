"""What became of a refund: the person's newest cases, or an order's, with state, sum and date."""

from __future__ import annotations

from bot import paths, purchases, refunds
from bot.call import Call
from bot.intent import Asked, Intent
from kernel.chat import Reply


async def _reply(call: Call, asked: Asked) -> Reply:
    one = await call.read(purchases.named, asked)
    if one is not None:
        cases = await call.read(refunds.cases_of_order, one.order.id)
        return call.answer("refunds.txt", more=paths.CASES, cases=cases, returned=[])
    cases = await call.read(refunds.cases_of, asked.member_id)
    returned = await call.read(refunds.returned_to, asked.member_id)
    return call.answer("refunds.txt", more=paths.CASES, cases=cases, returned=returned)


INTENT = Intent(id="refund_status", title="退款进度", reply=_reply)
