"""Leaks of personal information: clocks, people, notices, evidence."""

from __future__ import annotations

from typing import Any

import pytest

from domain import leaks, members
from domain.leaks import LeakForm
from domain.leaks.service import add_page
from domain.leaks.telling import _claim, _record, tell_next
from domain.outbox import Postpone
from kernel.errors import Conflict, Invalid, NotFound, Retryable, Unknown
from models import LeakPerson, Member, WechatIdentity
from tests.factories.distribution import pass_time
from tests.factories.members import APPID, make_member
from tests.factories.messenger import FakeMessenger, Words

FORM = LeakForm("收货人姓名和电话", "旧文件外发", "可能接到诈骗电话", "已收回文件", "不要转账",
                "林经理 0830-1234567")  # fmt: skip


def _number(member_id: int) -> str:
    return str(Member.get_by_id(member_id).public_no)


def test_a_leak_goes_from_discovery_to_evidence(db: Any) -> None:
    yu, hui, other = make_member("小雨"), make_member("阿慧"), make_member("老周")
    leak_id = leaks.open_leak(FORM, "staff:boss")
    numbers = f"{_number(yu)}，{_number(hui)}\n{_number(yu)}".replace("，", " ")
    assert leaks.choose_people(leak_id, "listed", numbers, None, "staff:boss") == 2
    assert leaks.choose_people(leak_id, "listed", numbers, None, "staff:boss") == 0
    assert leaks.leaks_of(yu) == []
    leaks.announce(leak_id, 1, "staff:boss")
    with pytest.raises(Conflict, match="leak_announced"):
        leaks.announce(leak_id, 1, "staff:boss")
    no, people = _claim(leak_id)
    assert [member for _, member in people] == [yu, hui]
    _record(people[0][0], "template")
    _record(people[1][0], "no_way")
    assert _claim(leak_id) == (no, [])
    assert leaks.own_leak(no, yu).advice == "不要转账"
    with pytest.raises(NotFound):
        leaks.own_leak(no, other)
    leaks.read_by(no, yu)
    with pytest.raises(Conflict, match="authority_untold"):
        leaks.close_leak(leak_id, "漏洞已修复", "staff:boss")
    leaks.tell_authority(leak_id, "受理编号 1", "staff:boss")
    leaks.told_by_hand(leak_id, people[1][0], "电话告知", "staff:boss")
    leaks.close_leak(leak_id, "漏洞已修复", "staff:boss")
    found = leaks.leak_detail(leak_id)
    assert found.counts == {"reached": 1, "by_hand": 1, "read": 1}
    with pytest.raises(Conflict, match="leak_closed"):
        leaks.tell_again(leak_id, "staff:boss")


def test_what_was_being_sent_when_the_process_died_is_not_sent_twice(db: Any) -> None:
    yu = make_member("小雨")
    leak_id = leaks.open_leak(FORM, "staff:boss")
    leaks.choose_people(leak_id, "listed", _number(yu), None, "staff:boss")
    leaks.announce(leak_id, 1, "staff:boss")
    assert len(_claim(leak_id)[1]) == 1
    assert _claim(leak_id)[1] == []
    assert LeakPerson.get().state == "unknown"


def test_clocks_run_from_the_discovery(db: Any) -> None:
    leak_id = leaks.open_leak(FORM, "staff:boss")
    assert leaks.count_open() == (1, 0)
    pass_time(days=2)
    found = leaks.leak_detail(leak_id)
    assert found.is_authority_late
    assert found.is_people_late
    leaks.need_not_tell(leak_id, "文件已加密，密钥未泄露", "staff:boss")
    assert not leaks.leak_detail(leak_id).is_people_late


def test_everybody_of_a_segment_is_added_once(db: Any) -> None:
    made = [make_member(f"m{n}") for n in range(3)]
    leak_id = leaks.open_leak(FORM, "staff:boss")
    assert add_page(leak_id, "all", None, 0) == 3
    assert add_page(leak_id, "all", None, made[-1]) == 0
    assert add_page(leak_id, "all", None, 0) == 3
    assert LeakPerson.select().count() == 3


def test_an_unknown_number_adds_nobody(db: Any) -> None:
    leak_id = leaks.open_leak(FORM, "staff:boss")
    with pytest.raises(Invalid, match="member_unknown"):
        leaks.choose_people(leak_id, "listed", f"{_number(make_member('a'))} 1", None, "staff:x")
    assert LeakPerson.select().count() == 0


async def test_each_is_told_once_and_what_never_left_waits(store: Any) -> None:
    """One is reached, one follows nobody, one call ends unknown, and WeChat refuses the rest."""

    def begin() -> tuple[int, list[str]]:
        people = [make_member(name) for name in ("小雨", "阿慧", "老周", "小王", "小陈")]
        openids = [str(WechatIdentity.get(WechatIdentity.member == p).openid) for p in people]
        for openid in (openids[0], *openids[2:]):
            members.follow(APPID, openid)
            members.record_message(APPID, openid)
        leak_id = leaks.open_leak(FORM, "staff:boss")
        numbers = " ".join(_number(each) for each in people)
        leaks.choose_people(leak_id, "listed", numbers, None, "staff:boss")
        leaks.announce(leak_id, 1, "staff:boss")
        return leak_id, openids

    def states() -> list[str]:
        return [row.state for row in LeakPerson.select().order_by(LeakPerson.id)]

    leak_id, openids = await store.write(begin)
    messenger: Any = FakeMessenger()
    messenger.faults = {
        openids[2]: [Unknown("no_answer", "")], openids[3]: [Retryable("system_busy", "")],
    }  # fmt: skip
    with pytest.raises(Postpone):
        await tell_next(store, messenger, Words(), leak_id)
    assert await store.read(states) == ["reached", "not_reached", "unknown", "waiting", "waiting"]
    assert await tell_next(store, messenger, Words(), leak_id) == 2
    assert await tell_next(store, messenger, Words(), leak_id) == 0
    assert await store.read(states) == ["reached", "not_reached", "unknown", "reached", "reached"]
    assert [openid for openid, _ in messenger.texts] == [openids[0], openids[3], openids[4]]
