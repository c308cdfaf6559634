"""商品: the products for sale, or those that a search finds."""

from __future__ import annotations

from bot.call import Call
from bot.cards import SHOWN, product_reply
from bot.router import Command, Router
from domain import pricing
from kernel.chat import Reply

router = Router("products")


@router.on(Command("价格", "多少钱", "怎么卖", "shop", alone=True, shown=False))
@router.on(
    Command("商品", "产品", "商城", "推荐商品", "买酒", "选购", "搜索", "搜", "shangpin", "mall")
)
async def products(call: Call, rest: str) -> Reply:
    """The first products of the mall, or those that contain every word."""
    if rest:
        return product_reply(call, await call.read(pricing.search, rest, SHOWN + 1), rest)
    home = await call.read(pricing.home, SHOWN + 1)
    return product_reply(call, home.cards)
