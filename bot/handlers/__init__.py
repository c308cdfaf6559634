"""The order of the routers: a message goes to the first one that takes it."""

from __future__ import annotations

from bot.call import Call
from bot.handlers import (
    apply,
    commission,
    customers,
    fallback,
    help,  # noqa: A004 - the conversation's name; the built-in is not used here
    human,
    keywords,
    link,
    media,
    offers,
    orders,
    poster,
    products,
    push_stop,
    questions,
    results,
    upline,
    welcome,
    withdraw,
)
from bot.router import UNHANDLED, Command, Router, Unhandled
from kernel.chat import HandOver, Reply

ROUTERS: tuple[Router, ...] = (
    # commands that must always work come before the merchant's own keywords
    push_stop.router,
    human.router,
    keywords.exact,
    help.router,
    products.router,
    offers.router,
    orders.router,
    poster.router,
    link.router,
    commission.router,
    customers.router,
    withdraw.router,
    apply.router,
    upline.router,
    welcome.router,
    results.router,
    keywords.contained,
    human.mentioned,
    # from here on the meaning of a message is guessed
    offers.asked,
    questions.router,
    media.router,
    fallback.router,
)

FIRST_GUESS = offers.asked
COMMANDS: tuple[Command, ...] = tuple(c for router in ROUTERS for c in router.commands)
fallback.learn(list(COMMANDS))


async def dispatch(call: Call) -> Reply | Unhandled | None:
    """Offer a message to each router in turn; nothing is guessed about what waits for an agent."""
    for router in ROUTERS:
        if router is FIRST_GUESS and await human.still_waits(call):
            call.was_told = True
            return HandOver()
        answer = await router.dispatch(call)
        if not isinstance(answer, Unhandled):
            return answer
    return UNHANDLED
