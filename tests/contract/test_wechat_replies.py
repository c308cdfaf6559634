"""Every answer of the chat is sent as a valid passive reply, or not at all."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat.inbound import Inbound
from kernel import clock
from kernel.chat import Article, Event, HandOver, NewsReply, Push, Text, TextReply
from simulator.account import replies
from simulator.people import phones
from simulator.settings import Settings
from simulator.sim import Sim
from simulator.world import Phone
from tests.contract.conftest import wechat_config
from tests.harness.keys import shared_keys

ANY = st.text(max_size=120)
LONG = st.builds(lambda part, times: part * times, st.text(min_size=1, max_size=6),
                 st.integers(1, 900))  # fmt: skip
WORDS = st.one_of(ANY, LONG, st.just(""))
URLS = st.one_of(st.just("https://m.example/m/p/1"), st.just("u" * 2100), st.just(""))
CARDS = st.builds(Article, WORDS, WORDS, URLS, URLS)
REPLIES = st.one_of(
    st.builds(TextReply, WORDS),
    st.builds(NewsReply, st.lists(CARDS, max_size=10).map(tuple)),
    st.just(HandOver()),
    st.none(),
)


@cache
def wechat() -> tuple[Sim, Phone, Inbound]:
    """A simulated account with one person, and our gateway to it."""
    sim = Sim(Settings(**shared_keys().for_settings()))
    phone = phones.add(sim, {"id": "lin", "name": "小林"})
    return sim, phone, Inbound(wechat_config("http://127.0.0.1"))


@pytest.mark.parametrize("mode", ["plain", "safe"])
@given(reply=REPLIES, is_event=st.booleans())
def test_wechat_accepts_every_rendered_answer(mode: str, reply: Any, is_event: bool) -> None:
    sim, phone, inbound = wechat()
    common = (phone.openid, sim.settings.original_id, clock.now())
    message: Any = Event(*common, kind="click") if is_event else Text(*common, "1", "在吗")
    body = inbound.render(Push(message, "k", is_encrypted=mode == "safe"), reply)
    shown = replies.read(sim, phone, mode, body, "click" if is_event else "text")
    if isinstance(reply, TextReply) and reply.content.isalpha() and reply.content.isascii():
        assert shown is not None
        assert shown[1]["content"].rstrip("…") in reply.content
