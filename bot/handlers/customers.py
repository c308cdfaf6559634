"""我的客户: the distributor's customers in figures, and those who agreed to be seen."""

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


@router.on(Command("我的客户", "客户", "顾客", "粉丝", "kehu", intent="customers"))
async def customers(call: Call) -> Reply:
    """Counts of all; of who agreed: orders, the last visit, and who is due to buy again."""
    who = await distributor_of_sender(call)
    if who is None or not who.can_earn:
        return not_selling(call, who, "看客户")
    counts = await call.read(distribution.customer_counts, call.member_id)
    found = await call.read(distribution.list_customers, call.member_id, None, SHOWN)
    return call.answer(
        "customers.txt", more=paths.CUSTOMERS, counts=counts, customers=found, now=clock.now()
    )
