"""How much talk of one person is answered: a flood gets one line, talk without sense two answers.

Both count free words only. Commands, taps and 退订 are answered before. Redis holds the counts for
minutes; while it is away, a flood is counted by this process and unfit talk is always the first.
Counting that fails in whatever way costs nobody an answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from bot.call import Call
from kernel.chat import Reply, Text, Voice
from kernel.errors import LimitReached

log = logging.getLogger("fenmall.bot")

A_MINUTE = 60
SENTENCES_A_MINUTE = 20
ANSWERED_IN_A_ROW = 2
COUNTED = 9
REMEMBERED_SECONDS = 180
REDIS_SECONDS = 0.3
MOST_HERE = 1_000
ALWAYS = frozenset({"push_stop", "human"})
"""What is answered in a flood, too, in whatever words it is asked."""
UNFIT = frozenset({"insult", "nonsense", "spam"})

CALM = """
您的消息有点多，我先缓一缓，一分钟后继续回答。这些照常可用：
{{ say("订单") }}　{{ say("帮助") }}　{{ say("人工", "找客服") }}
"""

_unfit_lately: OrderedDict[str, None] = OrderedDict()
"""Who said something unfit to this process; whoever did not costs no round trip."""


class Silence(Exception):
    """Nothing is said to this message."""


async def too_much(call: Call) -> Reply | None:
    """A calm line to a flood of free words; None if the sentence is answered as usual.

    Raises Silence after the line, until the minute is over.
    """
    message = call.message
    is_tap = isinstance(message, Text) and bool(message.menu_id)
    if is_tap or not isinstance(message, Text | Voice):
        return None
    if await _passes(call, "said", SENTENCES_A_MINUTE) or call.meaning.intent in ALWAYS:
        return None
    if await _passes(call, "calmed", 1):
        return call.answer_with(CALM)
    raise Silence


async def times(call: Call, kind: str) -> int:
    """How often a person said something unfit of a kind in a row, this time included."""
    _unfit_lately[call.openid] = None
    while len(_unfit_lately) > MOST_HERE:
        _unfit_lately.popitem(last=False)
    name = _key(call)
    try:
        found = await call.deps.trips.ask("GET", name)
        kept = found.decode() if isinstance(found, bytes) else found or ""
        row = [*kept.split(), kind]
        row = row[:COUNTED] if row[0] == kind else [kind]
        await call.deps.trips.ask("SET", name, " ".join(row), "EX", REMEMBERED_SECONDS)
    except Exception as error:
        log.info("how often somebody said it is not remembered: %s", error)
        return 1
    return len(row)


async def forgive(call: Call) -> None:
    """End the row: this person asks something again.

    A process knows only whom it heard itself; the others forget after REMEMBERED_SECONDS.
    """
    if call.openid not in _unfit_lately or call.meaning.intent in UNFIT:
        return
    _unfit_lately.pop(call.openid, None)
    try:
        await call.deps.trips.ask("DEL", _key(call))
    except Exception as error:
        log.info("the end of unfit talk is not remembered: %s", error)


async def _passes(call: Call, name: str, most: int) -> bool:
    """Count a message; False beyond ``most`` a minute."""
    try:
        async with asyncio.timeout(REDIS_SECONDS):
            await call.deps.limiter.hit(
                name, call.openid, most=most, seconds=A_MINUTE, is_rough=True
            )
    except LimitReached:
        return False
    except Exception as error:
        log.info("how much somebody says is not counted: %s", error)
    return True


def _key(call: Call) -> str:
    return f"unfit:{call.openid}"
