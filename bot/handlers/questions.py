"""Buyers' questions in free words: damaged goods, shipping time, invoices, addresses."""

from __future__ import annotations

from bot import paths
from bot.call import Call
from bot.router import Filter, Found, Router
from kernel.chat import Reply

router = Router("questions")


def mentions(*words: str) -> Filter:
    """Matches a sentence with one of the words anywhere in it."""

    def matches(call: Call) -> Found:
        return any(word in call.words for word in words)

    return matches


@router.on(mentions(
    "碎了", "破了", "破损", "打碎", "漏酒", "漏液", "漏了", "坏了",
    "少发", "漏发", "发错", "没收到",
))  # fmt: skip
async def trouble(call: Call) -> Reply:
    """A parcel is damaged, wrong or incomplete: where to claim, with a photo."""
    return call.answer("ask_trouble.txt")


@router.on(mentions("发票", "开票"))
async def invoice(call: Call) -> Reply:
    """How to ask for an invoice: by a message with the details that the invoice needs."""
    return call.answer("ask_invoice.txt")


@router.on(mentions("多久发", "几天发", "何时发", "什么时候发", "几时发", "发货时间"))
async def dispatch(call: Call) -> Reply:
    """When an order is shipped."""
    return call.answer("ask_dispatch.txt", more=paths.ORDERS)


@router.on(mentions("地址"))
async def address(call: Call) -> Reply:
    """Where delivery addresses are kept, and what can be changed of an order under way."""
    return call.answer("ask_address.txt")
