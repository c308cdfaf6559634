"""商品: the products for sale, or those that a search finds."""

from __future__ import annotations

from bot import shelf
from bot.call import Call
from bot.cards import SHOWN, product_reply
from bot.router import ANYTHING, Command, Router
from domain import pricing
from kernel.chat import Reply

router = Router("products")


@router.on(
    Command(
        "商品",
        "产品",
        "商城",
        "推荐商品",
        "买酒",
        "选购",
        "搜索",
        "搜",
        "shangpin",
        "mall",
        "shop",
        intent="product",
        takes=ANYTHING,
        is_apart=True,
    )
)
async def products(call: Call, rest: str) -> Reply:
    """The first products of the mall, or those that contain every word."""
    if rest:
        return product_reply(call, await call.read(pricing.search, rest, SHOWN + 1), rest)
    return product_reply(call, await call.read(shelf.first_cards, SHOWN + 1))
