"""The simulator refuses template values that exceed WeChat's documented limits, by kind."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.account.template_values import KINDS, fits
from tests.contract.sim_shop import Desk

GOOD = {
    "thing": ["字" * 20, "A1，陈酿52度！"],
    "short_thing": ["已发货"],
    "const": ["已发货", "字" * 20],
    "enum": ["已发货"],
    "number": ["0", "3.50", "1" * 32],
    "letter": ["abcXYZ", "a" * 32],
    "symbol": ["★-&，", "~"],
    "character_string": ["WX-2025/01#a b", "1" * 32, "（A）"],
    "time": ["15:01", "9:05:59", "2019年10月1日 15:01", "2026-01-02 00:00~2026-01-02 23:59"],
    "date": [
        "2019年10月1日", "2019年10月1日 15:01", "2019年10月", "10月1日", "2018/01/01",
        "2018.01.01", "2018-01", "01-01", "2018-01-01~2018-01-09", "2月29日",
    ],
    "amount": ["¥10", "￥1234567890.12元", "0.5", "3元", "$3"],
    "phone_number": ["+86-0766-66888866", "138****1234"],
    "car_number": ["粤A8Z888挂", "A12345", "粤B12345"],
    "name": ["张三", "陈" * 10, "A" * 20, "Ann O'Neil", "阿卜杜勒·伊敏"],
    "phrase": ["配送中", "字" * 5],
}  # fmt: skip
BAD = {
    "thing": ["字" * 21, "两\n行", "制\x08表", "", "  "],
    "short_thing": ["六个字放不下"],
    "const": ["字" * 21],
    "enum": ["字" * 21],
    "number": ["", "三", "1,000", "-1", "1" * 33, "1.", "１２"],
    "letter": ["a1", "甲", "a" * 33, "a b"],
    "symbol": ["a", "1", "字", "------", "😀"],
    "character_string": ["单号1", "1" * 33, "a\tb", "１２"],
    "time": [
        "2019年10月1日", "24:00", "15:60", "下午3点", "2019年2月30日 10:00", "10:00~11:00~12:00",
        "15:01 2019年10月1日", "１５:０１",
    ],
    "date": ["15:01", "2019年13月1日", "2019-02-30", "20190101", "明天", "2018-01/01", "00-10"],
    "amount": ["12345678901", "1,000.00", "¥", "元", "-1", "¥1.234", "约10元", "10 元", "¥¥1"],
    "phone_number": ["1" * 18, "电话", "138a"],
    "car_number": ["粤粤12345", "粤A8Z8888挂", "A-1234", "粤A 123"],
    "name": ["陈" * 11, "A" * 21, "张3", "张" + "a" * 10],
    "phrase": ["OK", "六个字放不下", "已发货1", "已，发"],
}  # fmt: skip


def test_every_kind_has_cases() -> None:
    assert set(GOOD) == set(BAD) == set(KINDS)


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, vs in GOOD.items() for v in vs])
def test_a_value_of_its_kind_passes(kind: str, value: str) -> None:
    assert fits(kind, value)


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, vs in BAD.items() for v in vs])
def test_a_value_that_is_not_of_its_kind_is_refused(kind: str, value: str) -> None:
    assert not fits(kind, value)


async def _give(desk: Desk, kind: str, key: str, **more: Any) -> None:
    content = f"一:{{{{thing9.DATA}}}}\n二:{{{{{key}.DATA}}}}"
    await desk.do("/templates", id="T", title="通知", kind=kind, content=content, **more)
    await desk.do("/phones/lin/follow")
    if kind == "subscribe":
        await desk.do("/phones/lin/subscribe", templates={"T": "accept"})


async def _send(desk: Desk, kind: str, key: str, value: Any) -> Any:
    path = {"template": "template/send", "subscribe": "subscribe/bizsend"}[kind]
    data = {"thing9": {"value": "好"}, key: {"value": value}}
    body = {"touser": desk.sim.world.phones["lin"].openid, "template_id": "T", "data": data}
    return await desk.api(f"/cgi-bin/message/{path}", body)


@pytest.mark.parametrize("kind", ["template", "subscribe"])
async def test_the_refusal_names_the_key_and_nothing_is_shown(desk: Desk, kind: str) -> None:
    await _give(desk, kind, "phrase2")
    answer = await _send(desk, kind, "phrase2", "已发货OK")
    assert answer["errcode"] == 47003
    assert "argument invalid! data.phrase2.value invalid rid: " in answer["errmsg"]
    empty = await _send(desk, kind, "phrase2", " ")
    assert (empty["errcode"], "data.phrase2.value is empty" in empty["errmsg"]) == (47003, True)
    chat = await desk.see("/phones/lin/chat")
    assert [m for m in chat["messages"] if m["via"] == kind] == []
    assert (await _send(desk, kind, "phrase2", "已发货"))["errcode"] == 0


@pytest.mark.parametrize("kind", ["template", "subscribe"])
async def test_a_constant_takes_its_own_values_only(desk: Desk, kind: str) -> None:
    await _give(desk, kind, "const2", choices={"const2": ["已发货", "已签收"]})
    answer = await _send(desk, kind, "const2", "在路上")
    assert (answer["errcode"], "data.const2.value" in answer["errmsg"]) == (47003, True)
    assert (await _send(desk, kind, "const2", "已签收"))["errcode"] == 0
    if kind == "subscribe":
        listed = (await desk.api("/wxaapi/newtmpl/gettemplate"))["data"][0]
        values = {"keywordCode": "const2.DATA", "enumValueList": ["已发货", "已签收"]}
        assert listed["keywordEnumValueList"] == [values]
