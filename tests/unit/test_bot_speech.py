"""Chat texts: links, escaping of typed text, and the length limit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.loaders import DictLoader
from markupsafe import Markup

from bot.call import Call
from bot.ports import WeChatsRecognition
from bot.router import (
    ANYTHING,
    UNHANDLED,
    Command,
    Router,
    dispatch,
    event,
    kind,
    says_nothing,
    says_something,
)
from bot.speech import TEXT_BYTES_MAX, Speech, plain, say
from bot.words import normal, split_command
from kernel import clock
from kernel.chat import Event, Image, Message, Text, TextReply, Voice
from kernel.web.templates import Renderer
from tests.face.chat import config_with

CONFIG = config_with()
NOW = clock.now()
TEXT = Text("o1", "gh", NOW, "1", "帮助")


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Speech(Renderer(CONFIG), "https://mall.example")


def of(template: str, **context: Any) -> str:
    renderer = Renderer(CONFIG)
    renderer.env.loader = DictLoader({"chat/t.txt": template})
    return Speech(renderer, "https://mall.example").text("t.txt", **context)


def call(message: Message, speech: Speech) -> Call:
    deps: Any = SimpleNamespace(hearing=WeChatsRecognition())
    return Call(message, 7, deps, speech)


def test_every_answer_compiles() -> None:
    """A template is compiled when it is first used, so that a broken one does not stop a start."""
    env = Renderer(CONFIG).env
    names = env.list_templates(filter_func=lambda name: name.startswith("chat/"))
    assert len(names) > 30
    for name in names:
        env.get_template(name)


# --- links


def test_links_into_the_mall_pass_the_sign_in_and_others_are_direct(speech: Speech) -> None:
    assert speech.url("/m/search?q=酒&p=2") == (
        "https://mall.example/oauth/login?next=/m/search%3Fq%3D%E9%85%92%26p%3D2&s=chat"
    )
    assert speech.url("/legal/terms?v=1") == "https://mall.example/legal/terms?v=1"
    assert speech.url('/c/"><a>') == "https://mall.example/c/%22%3E%3Ca%3E"


def test_a_command_link_sends_its_command() -> None:
    assert say("提现", "去提现") == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=提现&msgmenuid=提现">去提现</a>'
    )


def test_a_command_link_with_special_characters_is_valid_and_read_back() -> None:
    made = say('海报 A&B "特"#1', "要海报")
    assert made == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=海报　A＆B　＂特＂＃1'
        '&msgmenuid=海报　A＆B　＂特＂＃1">要海报</a>'
    )
    assert split_command(normal("海报　A＆B　＂特＂＃1"), ["海报"]) == ('a&b "特"#1', True)


def test_values_from_outside_cannot_become_a_link() -> None:
    text = of("{{ name }}|{{ say(name) }}|{{ go('/m/', name) }}", name='<a href="x">"&amp;')
    assert text.startswith('＜a href="x"＞"&amp;|')
    assert text.count("<a ") == 2
    assert text.count("</a>") == 2


def test_trusted_markup_is_not_escaped() -> None:
    assert of("{{ own }}", own=Markup("<a href='x'>y</a>")) == "<a href='x'>y</a>"
    assert plain(3) == "3"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        of("{{ nobody }}")


# --- the limit of 2,048 bytes


def test_a_text_that_fits_is_left_alone(speech: Speech) -> None:
    text = "字" * (TEXT_BYTES_MAX // 3)
    assert speech.fitted(text, "/m/") == text


def test_a_too_long_text_is_cut_by_lines_and_gets_a_link(speech: Speech) -> None:
    lines = [f"{n} {say('订单', f'第{n}行')}" for n in range(60)]
    fitted = speech.fitted("\n".join(lines), "/m/orders")
    assert len(fitted.encode()) <= TEXT_BYTES_MAX
    kept = fitted.splitlines()
    assert kept[:-2] == lines[: len(kept) - 2]
    assert kept[-2:] == ["…", str(speech.go("/m/orders", "查看全部"))]
    assert len(kept) > 10


def test_a_too_long_single_line_is_replaced_by_the_link(speech: Speech) -> None:
    fitted = speech.fitted("字" * 1000, "/m/")
    assert fitted == f"…\n{speech.go('/m/', '查看全部')}"


def test_help_texts_are_within_the_limit_and_fixed_texts_are_cached(speech: Speech) -> None:
    for is_selling in (False, True):
        assert len(speech.text("help.txt", is_selling=is_selling).encode()) < TEXT_BYTES_MAX
    assert speech.fixed("media_voice.txt") is speech.fixed("media_voice.txt")


# --- the words of a call


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (TEXT, "帮助"),
        (replace(TEXT, content="全部功能", menu_id="帮助"), "帮助"),
        (replace(TEXT, menu_id="s_12"), "帮助"),
        (Event("o1", "gh", NOW, kind="click", key="我的客户"), "我的客户"),
        (Event("o1", "gh", NOW, kind="view", key="https://x/"), ""),
        (Voice("o1", "gh", NOW, "1", "m", recognition="佣金。"), "佣金"),
        (Image("o1", "gh", NOW, "1", "m"), ""),
    ],
)
def test_words(message: Message, words: str, speech: Speech) -> None:
    assert call(message, speech).words == words


# --- routers


async def test_the_first_matching_handler_receives_the_values_of_its_filters(
    speech: Speech,
) -> None:
    router = Router("t")

    @router.on(kind(Event), event("click"))
    async def tap(call: Call) -> TextReply:
        return TextReply("tap")

    @router.on(kind(Text), Command("海报", intent="poster", takes=ANYTHING), says_something)
    async def poster(call: Call, rest: str, words: str) -> TextReply:
        return TextReply(f"{rest}|{words}")

    @router.on(Command("海报", intent="poster"))
    async def never(call: Call) -> TextReply:
        raise AssertionError("an earlier handler fits")

    posted = call(replace(TEXT, content="海报 陈酿"), speech)
    assert await dispatch((router,), posted) == TextReply("陈酿|海报 陈酿")
    assert await dispatch((router,), call(TEXT, speech)) is UNHANDLED
    assert [c.names for c in router.commands] == [("海报",), ("海报",)]


def test_a_command_that_stands_alone_takes_no_sentence(speech: Speech) -> None:
    stop = Command("退订", intent="push_stop")
    assert stop(call(replace(TEXT, content="退订！"), speech)) == {"rest": ""}
    assert stop(call(replace(TEXT, content="退订单"), speech)) is False


class Ear:
    """A fake recognition that returns the same sentence for every voice message."""

    def words_of(self, voice: Voice) -> str:
        """The recognised sentence."""
        return "多久发货？"


def test_another_speech_recognition_can_be_used_through_the_port(speech: Speech) -> None:
    spoken = call(Voice("o1", "gh", NOW, "1", "m"), speech)
    spoken.deps.hearing = Ear()  # type: ignore[misc]
    assert (spoken.words, spoken.meaning.intent) == ("多久发货", "dispatch")


def test_the_longest_name_of_a_command_is_matched(speech: Speech) -> None:
    """Before, 人工客服 was read as 人工 with a rest, which the command doesn't accept."""
    human = Command("人工", "人工客服", intent="human")
    assert human(call(replace(TEXT, content="人工客服"), speech)) == {"rest": ""}


def test_a_picture_says_nothing(speech: Speech) -> None:
    assert says_nothing(call(Image("o1", "gh", NOW, "1", "m"), speech)) is True
    assert says_something(call(Image("o1", "gh", NOW, "1", "m"), speech)) is False
