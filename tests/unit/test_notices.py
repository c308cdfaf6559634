"""Each notice through every carrier, with unusual facts: valid texts, values and links."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jinja2 import meta

from admin import make_admin_app
from bot.notices import TEXTS, ChatNotices
from bot.speech import Speech
from domain import notices
from domain.notices import Kind, MemberNotice, Notice, OwnerNotice, ResolvedNotice
from domain.push.keywords import unfillable
from domain.push.templates import has_amount
from kernel.chat_text import TEXT_BYTES_MAX
from kernel.web.templates import Renderer
from mall_h5 import make_mall_app
from simulator.account import template_values as wechats
from tests.face.chat import config_with
from tests.factories.notices import EXPLAINED, SECRET, declared, odd, told
from tests.soak import examples

CONFIG = config_with()
ENV = Renderer(CONFIG).env
TOOLS = {"page", "say", "go", "paths", "explain", "payee_words"}
WORDS = ChatNotices(Speech(Renderer(CONFIG), CONFIG.public_url))
ALL = declared()
BY_TEMPLATE = [notice for notice in ALL if notice.OCCASION]
LABELS = ("订单编号", "支付金额", "状态", "到账时间", "商品名称", "客户姓名", "原因", "快递公司",
          "运单号", "数量", "联系电话", "备注", "")  # fmt: skip
FIELDS = [(f"{kind}{n}", label) for kind in wechats.KINDS for n, label in enumerate(LABELS)]
FIELDS += [("first", "标题"), ("keyword1", "内容")]
HREF = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
LEFTOVER = re.compile(r"\{[{%#]|[%}]\}|\bNone\b|\bundefined\b|\b[a-z]+_[a-z_]+\b|¥-|datetime")
TYPED = {Kind.WHO, Kind.TITLE, Kind.REASON, Kind.TEXT, Kind.COMPANY, Kind.TRACKING}
walk = settings(
    deadline=None, max_examples=examples(12), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


def named(notice: type[Notice]) -> str:
    return notice.KEY


def without_typed(said: ResolvedNotice) -> ResolvedNotice:
    """The notice with typed facts replaced, because typed text may contain anything."""
    typed = {f.name for f in notices.facts_of(said.notice) if f.kind in TYPED}
    return replace(said, facts=dict(said.facts) | dict.fromkeys(typed, "字"))


@pytest.mark.parametrize("notice", ALL, ids=named)
def test_each_notice_has_a_valid_chat_text(notice: type[Notice]) -> None:
    @walk
    @given(said=odd(notice))
    def check(said: ResolvedNotice) -> None:
        text = WORDS.text(said)
        assert len(text.encode()) <= TEXT_BYTES_MAX, text
        links = HREF.findall(text)
        assert len(links) == text.count("<a href=") == text.count("</a>")
        for address, label in links:
            assert address.startswith((f"{CONFIG.public_url}/", "weixin://bizmsgmenu?")), address
            assert label.strip(), text
        ours = HREF.sub(r"\2", WORDS.text(without_typed(said)))
        assert ours.strip()
        assert not LEFTOVER.search(ours.replace("XQ", "")), ours
        assert SECRET not in ours, ours

    check()


@pytest.mark.parametrize("notice", BY_TEMPLATE, ids=named)
def test_each_template_field_gets_a_value_that_wechat_accepts(
    notice: type[Notice],
) -> None:
    """WeChat refuses the whole message with 47003 if one value is invalid."""

    @walk
    @given(said=odd(notice))
    def check(said: ResolvedNotice) -> None:
        values = WORDS.values(said, FIELDS)
        for key, value in values.items():
            assert wechats.fits(wechats.kind_of(key), value), (key, value)
        clean = WORDS.values(without_typed(said), FIELDS)
        for key, value in clean.items():
            assert not LEFTOVER.search(value), (key, value)
            assert SECRET not in value, (key, value)
        has_sum = has_amount(str(notice.OCCASION))
        for field in FIELDS:
            if not unfillable([field], has_amount=has_sum):
                assert field[0] in values, field
        address = WORDS.url(said)
        assert not address or address.startswith(f"{CONFIG.public_url}/")

    check()


@pytest.mark.parametrize("notice", ALL, ids=named)
def test_the_page_of_each_notice_exists(notice: type[Notice]) -> None:
    """A link to a renamed page would be a 404 in the buyer's chat."""
    address = WORDS.url(told(notice))
    if not notice.PAGE:
        assert address == ""
        return
    parts = urlsplit(address)
    path = parse_qs(parts.query)["next"][0] if parts.path == "/oauth/login" else parts.path
    face, _, rest = unquote(path)[1:].partition("/")
    assert face == ("admin" if issubclass(notice, OwnerNotice) else "m")
    assert _routes(face, f"/{rest}"), path


def _routes(face: str, path: str) -> bool:
    nothing: Any = None
    app = make_admin_app(nothing, nothing) if face == "admin" else make_mall_app(nothing, nothing)
    for resource in app.router.resources():
        info = resource.get_info()
        pattern = info.get("pattern")
        is_here = info.get("path") == path or (pattern is not None and pattern.fullmatch(path))
        if is_here and any(route.method == "GET" for route in resource):
            return True
    return False


def test_each_notice_has_a_text_and_each_text_a_notice() -> None:
    assert WORDS.keys == set(notices.declared_notices())


@pytest.mark.parametrize("notice", ALL, ids=named)
def test_a_notice_s_state_is_at_most_five_chinese_characters(notice: type[Notice]) -> None:
    value = WORDS.values(told(notice), [("phrase1", "当前状态")]).get("phrase1")
    assert value
    assert wechats.fits("phrase", value)


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.toml")), ids=lambda path: path.stem)
def test_texts_are_in_the_file_of_the_package_of_their_notices(path: Path) -> None:
    keys = set(tomllib.loads(path.read_text(encoding="utf-8")))
    told_there = {n.KEY for n in ALL if n.__module__ == f"domain.{path.stem}.notices"}
    assert keys == told_there


@pytest.mark.parametrize("notice", ALL, ids=named)
def test_a_notice_is_for_a_member_or_for_the_owner_without_a_template(
    notice: type[Notice],
) -> None:
    assert issubclass(notice, MemberNotice | OwnerNotice)
    if issubclass(notice, OwnerNotice):
        assert notice.OCCASION is None
        assert notice.AT_ONCE


def test_a_text_uses_no_fact_that_its_notice_does_not_declare() -> None:
    """The error of an undefined fact would occur only when the notice is sent."""
    used = {
        key: meta.find_undeclared_variables(ENV.parse(table["text"])) - TOOLS
        for path in sorted(TEXTS.glob("*.toml"))
        for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }
    facts = {n.KEY: {f.name for f in notices.facts_of(n)} for n in ALL}
    assert {key: names - facts[key] for key, names in used.items() if names - facts[key]} == {}


@given(code=st.sampled_from(["40164", "45009", "48001", "99999"]))
@settings(deadline=None)
def test_a_refusal_of_wechat_is_explained_in_sentences(code: str) -> None:
    notice = notices.declared_notices()["campaign_stopped"]
    text = WORDS.text(told(notice, why=code, title="双十一"))
    assert "双十一" in text
    assert f"停止：{code}" not in text


def test_codes_of_wechat_are_explained_by_the_one_table() -> None:
    for key in EXPLAINED:
        source = "".join(p.read_text(encoding="utf-8") for p in TEXTS.glob("*.toml"))
        assert "explain(" in source.partition(f"[{key}]")[2].partition("\n[")[0]
