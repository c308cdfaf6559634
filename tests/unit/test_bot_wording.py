"""Conversion between our answers in Jinja and the merchant's plain text; text is never code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import OF_THE_FILES, said_otherwise
from bot.desk import Desk, groups_of
from bot.intent import Intent
from bot.speech import Speech, shown
from bot.wording import names_of, source_of, typed
from kernel.web.templates import Renderer
from tests.face.chat import config_with

CONFIG = config_with()
SPEECH = Speech(Renderer(CONFIG), "https://mall.example")
PLAIN = Intent(
    id="plain",
    title="多久发货",
    facts=lambda _: {"hours": 48, "fee_fen": 1000},
    answer="""
付款后 {{ facts.hours }} 小时内发货，运费 ¥{{ facts.fee_fen|yuan }}。
{{ go(paths.ORDERS, "我的订单") }}　{{ say("人工", "找客服") }}
""",
)
WITH_CASES = Intent(
    id="cases",
    title="分情况",
    facts=lambda _: {"is_open": True, "hours": 48},
    answer="""
{% set shown = facts.hours %}
{% if facts.is_open %}开着，{{ facts.until }} 关门{% else %}关了{% endif %}

留言 {{ facts.hours }} 小时内答复。{{ "是" if facts.is_open }}
{{ say("人工") }}
""",
)


def test_an_answer_without_cases_keeps_its_text_after_conversion() -> None:
    text, is_whole = typed(PLAIN)
    assert text == "付款后 {hours} 小时内发货，运费 ¥{fee_fen}。\n{我的订单}\u3000{找客服}"
    assert is_whole
    said = said_otherwise(PLAIN, text)
    facts = {"hours": 48, "fee_fen": 1000}
    assert SPEECH.written(said.answer, facts=facts) == SPEECH.written(PLAIN.answer, facts=facts)


def test_a_fact_that_may_be_missing_cannot_be_named() -> None:
    assert set(names_of(WITH_CASES)) == {"hours", "人工"}
    text, is_whole = typed(WITH_CASES)
    assert not is_whole
    assert "{until}" not in text
    assert "{hours}" in text


class Anything:
    """A fake with every fact, each printed as the same text."""

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __str__(self) -> str:
        return "x"


@pytest.mark.parametrize("intent", OF_THE_FILES.intents.values(), ids=lambda each: each.id)
def test_every_convertible_answer_keeps_its_text(intent: Intent) -> None:
    text, is_whole = typed(intent)
    assert "{%" not in text
    assert "{{" not in text
    if is_whole and "|" not in intent.answer:
        said = said_otherwise(intent, text).answer
        one, other = (SPEECH.drafted(each, facts=Anything()) for each in (said, intent.answer))
        assert one.split() == other.split()


@given(st.text(max_size=80))
def test_no_typed_text_becomes_code_or_a_link(text: str) -> None:
    said = SPEECH.drafted(source_of(text.replace("{", "｛"), {}))
    assert "<" not in said
    printed = shown("x" + text.replace("{", "｛") + "x")
    assert SPEECH.drafted(source_of("x" + text.replace("{", "｛") + "x", {})).split() == (
        printed.split()
    )


def test_text_that_looks_like_jinja_is_sent_unchanged() -> None:
    for text in ("{{ company }}", "{% if 1 %}", "{# a #}", "100%}", '"引号"\\n', "🍶"):
        assert SPEECH.drafted(source_of(text.replace("{", "｛"), {})) == text.replace("{", "｛")


def test_a_command_in_braces_becomes_a_command_link() -> None:
    said = SPEECH.drafted(source_of('找 {人工} 或 {a"b}', {}))
    assert said.startswith('找 <a href="weixin://bizmsgmenu?msgmenucontent=人工&msgmenuid=人工">')
    assert said.count("<a href=") == 2


def test_pages_show_answers_as_a_new_follower_sees_them() -> None:
    desk = Desk(SPEECH)
    assert desk.shown("greeting") == ""
    assert desk.shown("greeting", "您好 {人工}") == "您好 人工"
    assert desk.shown("own_1", "可以停车") == "可以停车"
    assert "开发票" in {each.title for each in desk.answers()}
    assert {"人工", "佣金", "开发票"} <= desk.taps()


def test_a_failing_preview_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError

    odd = Intent(id="invoice", title="开发票", facts=broken, answer="{{ facts.x }}")
    monkeypatch.setitem(OF_THE_FILES.intents, "invoice", odd)  # type: ignore[arg-type]
    assert Desk(SPEECH).shown("invoice") == ""


def test_sentences_with_the_same_question_are_grouped() -> None:
    said = [
        "可以停车吗", "酒瓶回收吗", "请问可以停车吗", "空酒瓶回收不", "能参观酒厂吗",
        "你们那停车方便吗", "啊啊啊",
    ]  # fmt: skip
    assert groups_of(said) == [[0, 2, 5], [1, 3], [4], [6]]
    assert groups_of([]) == []
