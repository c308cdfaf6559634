"""Questions about 送礼: how it works, and the person's gifts that wait."""

from __future__ import annotations

import pytest

from tests.face.chat import Chat
from tests.factories.gifts import paid_gift


@pytest.mark.row("B13")
async def test_a_gift_that_waits_is_named_with_its_page(chat: Chat, me: int, wired: None) -> None:
    number = paid_gift(me).order_no
    answer = await chat.say("怎么送礼给朋友")
    assert answer.text.startswith("您有礼物等好友领取：")
    assert f"/m/orders/{number}/gift" in answer.text
    assert "好友自己填地址，看不到价格，7 天没人领取全额退款" in answer.text
    assert "礼物已付款，等好友领取：" in (await chat.say("订单")).text
