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

from bot import paths
from bot.speech import Speech
from domain.notices import Kind, ResolvedNotice
from domain.push import MONEY_WORDS, kind_of, value_for
from kernel import clock
from kernel.money import yuan
from kernel.refusals import explain, payee_words

TEXTS = Path(__file__).resolve().parents[1] / "texts" / "zh_CN" / "chat" / "notices"

# What a field asks for, by a word in its label. The first match counts: narrow words stand first.
LABELS: tuple[tuple[tuple[str, ...], Callable[[ResolvedNotice], str]], ...] = (
    (MONEY_WORDS, lambda resolved: _sum(resolved)),
    (("快递单号", "运单", "物流单号"), lambda resolved: _first(resolved, Kind.TRACKING)),
    (("单号", "编号"), lambda resolved: _first(resolved, Kind.NUMBER, Kind.TRACKING)),
    (("公司", "快递"), lambda resolved: _first(resolved, Kind.COMPANY)),
    (("客户", "用户", "姓名", "好友"), lambda resolved: _first(resolved, Kind.WHO)),
    (("商品", "产品"), lambda resolved: _first(resolved, Kind.TITLE)),
    (("原因",), lambda resolved: _first(resolved, Kind.REASON)),
)
STATE_LABELS = ("状态", "结果", "进度", "类型")
NOBODY, NOTHING = "顾客", "-"
_LINK = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class NoticeText:
    """The words of one notice."""

    about: str
    text: str


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

    def text(self, resolved: ResolvedNotice) -> str:
        """The text for the chat window."""
        return self._speech.fitted(self._said(resolved), resolved.page or paths.HOME)

    def values(
        self, resolved: ResolvedNotice, fields: Sequence[tuple[str, str]]
    ) -> Mapping[str, str]:
        """The values of a template's fields by key, for fields given as (key, label).

        A field that can't be filled is left out. Each value fits the kind that its key names;
        WeChat refuses the whole message otherwise (47003).
        """
        found = {
            key: value_for(kind_of(key), self._candidates(resolved, kind_of(key), label))
            for key, label in fields
        }
        return {key: value for key, value in found.items() if value is not None}

    def url(self, resolved: ResolvedNotice) -> str:
        """The address that the message opens; '' if it opens none."""
        return self._speech.url(resolved.page) if resolved.page else ""

    def _said(self, resolved: ResolvedNotice) -> str:
        tools = {
            "page": partial(self._speech.go, resolved.page), "explain": explain,
            "payee_words": payee_words,
        }  # fmt: skip
        return self._speech.written(self._words(resolved).text, **tools, **resolved.facts)

    def _words(self, resolved: ResolvedNotice) -> NoticeText:
        if self._speech.is_demo:  # so that a changed file takes effect at once
            self._texts = self._load()
        return self._texts[resolved.key]

    def _load(self) -> dict[str, NoticeText]:
        return {
            key: NoticeText(table["about"], table["text"])
            for path in sorted(self._folder.glob("*.toml"))
            for key, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
        }

    def _candidates(self, resolved: ResolvedNotice, kind: str, label: str) -> Iterator[str]:
        """Values for a field, best first: by its label, by its kind, the notice in short."""
        state = self._words(resolved).about
        if any(word in label for word in STATE_LABELS):
            yield state
        yield from _by_kind(kind, resolved)
        for words, fact in LABELS:
            if any(word in label for word in words):
                yield fact(resolved)
                break
        if kind in ("phrase", "short_thing"):
            yield state
        elif kind == "character_string":
            yield from (_first(resolved, Kind.NUMBER), _first(resolved, Kind.TRACKING))
        yield _LINK.sub("", self._said(resolved).partition("\n")[0])
        yield {"name": NOBODY, "character_string": NOTHING}.get(kind, state)


def _by_kind(kind: str, resolved: ResolvedNotice) -> Iterator[str]:
    """Values that the kind alone decides: the fact's instant (Shanghai), else now; or the sum."""
    instants = (value for value in resolved.facts.values() if isinstance(value, datetime))
    at = next(instants, clock.now()).astimezone(clock.SHANGHAI)
    day = f"{at.year}年{at.month}月{at.day}日"
    if kind == "time":
        yield f"{day} {at:%H:%M}"
    elif kind == "date":
        yield day
    elif kind == "amount":
        yield _sum(resolved)


def _first(resolved: ResolvedNotice, *kinds: Kind) -> str:
    value = resolved.first(*kinds)
    return "" if value is None else str(value)


def _sum(resolved: ResolvedNotice) -> str:
    """The notice's sum; empty where it has none (0 fen is a sum)."""
    fen = resolved.first(Kind.SUM)
    return "" if fen is None else f"¥{yuan(fen)}"
