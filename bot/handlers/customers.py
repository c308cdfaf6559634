"""我的客户: the distributor's own customers, masked."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Command, Router
from bot.selling import distributor_of_sender, not_selling
from domain import distribution
from kernel import clock
from kernel.chat import Reply

router = Router("customers")

SHOWN = 5


@router.on(Command("我的客户", "客户", "我的顾客", "顾客", "粉丝", "团队", "kehu"))
async def customers(call: Call) -> Reply:
    """The newest customers: their orders, their last visit, and who is due to buy again."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "看客户")
    count = await call.read(distribution.customer_count, call.member_id)
    found = await call.read(distribution.list_customers, call.member_id, None, SHOWN)
    return call.answer(
        "customers.txt", more=paths.CUSTOMERS, count=count, customers=found, now=clock.now()
    )
