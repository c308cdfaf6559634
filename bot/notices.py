"""The wording of notices (服务通知), for members and the owner: a notice's facts become a text.

Implements ``domain.push.ports.NoticeWords``. ``texts/zh_CN/chat/notices/`` has a table per notice:
``about``, at most five characters, and ``text``. A template message's fields are filled by what
their labels and kinds ask for, each made to fit its kind (``domain.push.keywords``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from jinja2 import Template

from bot import paths
from bot.speech import Speech
from domain.notices import Kind, Told
from domain.push import MONEY_WORDS, kind_of, value_for
from kernel import clock
from kernel.money import yuan
from kernel.refusals import explain, payee_words

TEXTS = Path(__file__).resolve().parents[1] / "texts" / "zh_CN" / "chat" / "notices"

# What a field asks for, by a word in its label. The first match counts: narrow words stand first.
LABELS: tuple[tuple[tuple[str, ...], Callable[[Told], str]], ...] = (
    (MONEY_WORDS, lambda told: _sum(told)),
    (("快递单号", "运单", "物流单号"), lambda told: _first(told, Kind.TRACKING)),
    (("单号", "编号"), lambda told: _first(told, Kind.NUMBER, Kind.TRACKING)),
    (("公司", "快递"), lambda told: _first(told, Kind.COMPANY)),
    (("客户", "用户", "姓名", "好友"), lambda told: _first(told, Kind.WHO)),
    (("商品", "产品"), lambda told: _first(told, Kind.TITLE)),
    (("原因",), lambda told: _first(told, Kind.REASON)),
)
STATE_LABELS = ("状态", "结果", "进度", "类型")
NOBODY, NOTHING = "顾客", "-"
_LINK = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class NoticeText:
    """The words of one notice."""

    about: str
    text: Template


class ChatNotices:
    """The wording of every notice."""

    def __init__(self, speech: Speech, folder: Path = TEXTS) -> None:
        self._speech = speech
        self._folder = folder
        self._texts = self._load()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the notices that have a text."""
        return frozenset(self._texts)

    def text(self, told: Told) -> str:
        """The text for the chat window."""
        return self._speech.fitted(self._said(told), told.page or paths.HOME)

    def values(self, told: Told, fields: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """The values of a template's fields by key, for fields given as (key, label).

        A field that can't be filled is left out. Each value fits the kind that its key names;
        WeChat refuses the whole message otherwise (47003).
        """
        found = {
            key: value_for(kind_of(key), self._candidates(told, kind_of(key), label))
            for key, label in fields
        }
        return {key: value for key, value in found.items() if value is not None}

    def url(self, told: Told) -> str:
        """The address that the message opens; '' if it opens none."""
        return self._speech.url(told.page) if told.page else ""

    def _said(self, told: Told) -> str:
        tools = {
            "page": partial(self._speech.go, told.page), "explain": explain,
            "payee_words": payee_words,
        }  # fmt: skip
        return self._speech.said(self._words(told).text, **tools, **told.facts)

    def _words(self, told: Told) -> NoticeText:
        if self._speech.is_demo:  # so that a changed file takes effect at once
            self._texts = self._load()
        return self._texts[told.key]

    def _load(self) -> dict[str, NoticeText]:
        return {
            key: NoticeText(table["about"], self._speech.compiled(table["text"]))
            for path in sorted(self._folder.glob("*.toml"))
            for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
        }

    def _candidates(self, told: Told, kind: str, label: str) -> Iterator[str]:
        """Values for a field, best first: by its label, by its kind, the notice in short."""
        state = self._words(told).about
        if any(word in label for word in STATE_LABELS):
            yield state
        yield from _by_kind(kind, told)
        for words, fact in LABELS:
            if any(word in label for word in words):
                yield fact(told)
                break
        if kind in ("phrase", "short_thing"):
            yield state
        elif kind == "character_string":
            yield from (_first(told, Kind.NUMBER), _first(told, Kind.TRACKING))
        yield _LINK.sub("", self._said(told).partition("\n")[0])
        yield {"name": NOBODY, "character_string": NOTHING}.get(kind, state)


def _by_kind(kind: str, told: Told) -> Iterator[str]:
    """Values that the kind alone decides: the fact's instant (Shanghai), else now; or the sum."""
    instants = (value for value in told.facts.values() if isinstance(value, datetime))
    at = next(instants, clock.now()).astimezone(clock.SHANGHAI)
    day = f"{at.year}年{at.month}月{at.day}日"
    if kind == "time":
        yield f"{day} {at:%H:%M}"
    elif kind == "date":
        yield day
    elif kind == "amount":
        yield _sum(told)


def _first(told: Told, *kinds: Kind) -> str:
    value = told.first(*kinds)
    return "" if value is None else str(value)


def _sum(told: Told) -> str:
    """The notice's sum; empty where it has none (0 fen is a sum)."""
    fen = told.first(Kind.SUM)
    return "" if fen is None else f"¥{yuan(fen)}"
