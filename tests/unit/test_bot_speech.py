"""Chat texts: their links, what they do to other people's brackets, and their length limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from jinja2 import UndefinedError
from jinja2.loaders import DictLoader
from markupsafe import Markup

from bot.call import Call
from bot.router import UNHANDLED, Command, Router, event, kind, says_nothing, says_something
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
    return Call(message, 7, cast("Any", None), speech)


def test_every_answer_compiles() -> None:
    """Each is compiled when it is first asked for: a broken one would not stop the start."""
    env = Renderer(CONFIG).env
    names = env.list_templates(filter_func=lambda name: name.startswith("chat/"))
    assert len(names) > 30
    for name in names:
        env.get_template(name)


# --- links


def test_links_into_the_mall_arrive_signed_in_and_others_go_straight(speech: Speech) -> None:
    assert speech.url("/m/search?q=酒&p=2") == (
        "https://mall.example/oauth/login?next=/m/search%3Fq%3D%E9%85%92%26p%3D2&s=chat"
    )
    assert speech.url("/legal/terms?v=1") == "https://mall.example/legal/terms?v=1"
    assert speech.url('/c/"><a>') == "https://mall.example/c/%22%3E%3Ca%3E"


def test_a_command_link_sends_its_word() -> None:
    assert say("提现", "去提现") == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=提现&msgmenuid=提现">去提现</a>'
    )


def test_a_command_with_signs_stays_one_address_and_is_read_back_the_same() -> None:
    made = say('海报 A&B "特"#1', "要海报")
    assert made == (
        '<a href="weixin://bizmsgmenu?msgmenucontent=海报　A＆B　＂特＂＃1'
        '&msgmenuid=海报　A＆B　＂特＂＃1">要海报</a>'
    )
    assert split_command(normal("海报　A＆B　＂特＂＃1"), ["海报"]) == 'a&b "特"#1'


def test_what_comes_from_outside_can_t_become_a_link() -> None:
    text = of("{{ name }}|{{ say(name) }}|{{ go('/m/', name) }}", name='<a href="x">"&amp;')
    assert text.startswith('＜a href="x"＞"&amp;|')
    assert text.count("<a ") == 2
    assert text.count("</a>") == 2


def test_trusted_markup_stays() -> None:
    assert of("{{ own }}", own=Markup("<a href='x'>y</a>")) == "<a href='x'>y</a>"
    assert plain(3) == "3"


def test_a_missing_value_is_a_fault_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        of("{{ nobody }}")


# --- the limit of 2,048 bytes


def test_a_text_that_fits_is_left_alone(speech: Speech) -> None:
    text = "字" * (TEXT_BYTES_MAX // 3)
    assert speech.fitted(text, "/m/") == text


def test_a_longer_text_loses_whole_lines_and_gains_a_link(speech: Speech) -> None:
    lines = [f"{n} {say('订单', f'第{n}行')}" for n in range(60)]
    fitted = speech.fitted("\n".join(lines), "/m/orders")
    assert len(fitted.encode()) <= TEXT_BYTES_MAX
    kept = fitted.splitlines()
    assert kept[:-2] == lines[: len(kept) - 2]
    assert kept[-2:] == ["…", str(speech.go("/m/orders", "查看全部"))]
    assert len(kept) > 10


def test_one_endless_line_becomes_the_link_alone(speech: Speech) -> None:
    fitted = speech.fitted("字" * 1000, "/m/")
    assert fitted == f"…\n{speech.go('/m/', '查看全部')}"


def test_every_template_compiles_and_is_short_enough_for_what_it_says(speech: Speech) -> None:
    assert len(speech.fixed("help.txt").encode()) < TEXT_BYTES_MAX
    assert speech.fixed("help.txt") is speech.fixed("help.txt")


# --- what a call says


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


async def test_the_first_handler_that_fits_answers_with_what_the_filters_found(
    speech: Speech,
) -> None:
    router = Router("t")

    @router.on(kind(Event), event("click"))
    async def tap(call: Call) -> TextReply:
        return TextReply("tap")

    @router.on(kind(Text), Command("海报"), says_something)
    async def poster(call: Call, rest: str, words: str) -> TextReply:
        return TextReply(f"{rest}|{words}")

    @router.on(Command("海报"))
    async def never(call: Call) -> TextReply:
        raise AssertionError("an earlier handler fits")

    posted = call(replace(TEXT, content="海报 陈酿"), speech)
    assert await router.dispatch(posted) == TextReply("陈酿|海报 陈酿")
    assert await router.dispatch(call(TEXT, speech)) is UNHANDLED
    assert [c.names for c in router.commands] == [("海报",), ("海报",)]


def test_a_command_that_stands_alone_takes_no_sentence(speech: Speech) -> None:
    stop = Command("退订", alone=True)
    assert stop(call(replace(TEXT, content="退订！"), speech)) == {"rest": ""}
    assert stop(call(replace(TEXT, content="退订单"), speech)) is False


def test_saying_nothing(speech: Speech) -> None:
    assert says_nothing(call(Image("o1", "gh", NOW, "1", "m"), speech)) is True
    assert says_something(call(Image("o1", "gh", NOW, "1", "m"), speech)) is False
