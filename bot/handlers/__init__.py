"""The order of the routers: a message goes to the first one that takes it."""

from __future__ import annotations

from bot import patience, router, topic
from bot.call import Call
from bot.handlers import (
    apply,
    commission,
    customers,
    help,  # noqa: A004 - the conversation's name; the built-in is not used here
    human,
    invitation,
    keywords,
    link,
    media,
    minor,
    numbers,
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
from bot.router import Command, Router, Unhandled
from kernel.chat import HandOver, Reply

ROUTERS: tuple[Router, ...] = (
    # commands that must always work come before the merchant's own keywords
    push_stop.router,
    human.router,
    minor.router,
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
    invitation.router,
    upline.router,
    welcome.router,
    results.router,
    keywords.contained,
    media.router,
)
GUESSING: tuple[Router, ...] = (numbers.router, questions.router)
"""The meaning of a message is guessed by these, in their order."""

COMMANDS: tuple[Command, ...] = tuple(c for router in ROUTERS for c in router.commands)
questions.learn(list(COMMANDS))


async def dispatch(call: Call) -> Reply | Unhandled | None:
    """Offer a message to each router in turn; None if there is nothing to say."""
    try:
        answer = await router.dispatch(ROUTERS, call)
        if isinstance(answer, Unhandled):
            told = await _unguessed(call)
            if told is not None:
                return told
            answer = await router.dispatch(GUESSING, call)
    except patience.Silence:
        return None
    if call.about is not None:
        await topic.remember(call.deps.trips, call.openid, call.about)
    return answer


async def _unguessed(call: Call) -> Reply | None:
    """The reply to what is not guessed about: words that an agent waits for, and floods."""
    if await human.still_waits(call):
        call.was_told = True
        return HandOver()
    told = await patience.too_much(call)
    if told is None:
        await patience.forgive(call)
    return told
