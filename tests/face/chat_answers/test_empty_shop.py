"""Questions about goods in a shop that has none."""

from __future__ import annotations

from tests.face.chat import Chat


async def test_an_empty_shop_says_so(chat: Chat, me: int) -> None:
    for words in ("有什么酒", "多少钱", "还有货吗", "度数和规格", "300元左右的酒"):
        assert (await chat.say(words)).text.startswith("商城正在上新，还没有可买的商品。"), words
