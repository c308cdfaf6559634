"""A person asks whether their data leaked: the answer is from what is on record."""

from __future__ import annotations

import pytest

from domain import leaks
from domain.leaks import LeakForm
from models import Member
from tests.face.chat import Chat

SAID = (
    "收货人姓名和电话",
    "旧导出文件外发",
    "可能接到诈骗电话",
    "已收回文件",
    "不要向来电转账",
    "林经理",
)


@pytest.mark.row("L4")
async def test_the_chat_says_what_is_on_record(chat: Chat, me: int) -> None:
    before = await chat.say("我的信息泄露了吗")
    assert "没有登记到涉及您的泄露" in before.text
    leak_id = leaks.open_leak(LeakForm(*SAID), "staff:boss")
    leaks.choose_people(leak_id, "listed", Member.get_by_id(me).public_no, None, "staff:boss")
    leaks.announce(leak_id, 1, "staff:boss")
    assert SAID[4] in (await chat.say("我的信息泄露了吗")).text
