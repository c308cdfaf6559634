"""我还没成年: somebody says that they are a minor; nothing is sold to them until it is checked."""

from __future__ import annotations

import re

from bot import paths
from bot.call import Call
from bot.router import Router, Wish
from domain import adults
from kernel.chat import Reply

router = Router("minor")

# The sentence is about the sender: 我儿子, 我弟 and the like do not match.
_I = r"(?:我|本人|俺|人家)(?:今年|现在|才|只有|还|也|就|刚|其实|确实|是|目前|，|,)*"
_MINOR = (
    r"(?:(?:没有?|未|不)(?:满|到)?(?:成年|18周?岁?|十八周?岁?)|未成年人?|"
    r"(?:[1-9]|1[0-7]|十[一二三四五六七]?|[一二三四五六七八九])周?岁)"
)
_END = (
    r"(?:呢|啊|哦|了|的|人|哈|呀|，|,|。|\.|!|！|~|而已|"
    r"(?:怎么|咋)办|能买吗?|可以买吗?|能不能买|[?？])*"
)
SAID = re.compile(_I + _MINOR + _END)


@router.on(Wish(SAID, intent="age"))
async def said(call: Call) -> Reply:
    """Record the doubt, and say how a mistake is put right."""
    is_open = await call.write(adults.doubt_what_was_told, call.member_id, "said")
    return call.answer("minor.txt", is_open=is_open, age=paths.AGE)
