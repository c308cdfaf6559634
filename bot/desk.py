"""What the merchant's pages ask of the chat: its answers, their facts, what is like a sentence."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence

from bot.answers import TAPS, said_otherwise
from bot.cards import words_of
from bot.intent import Asked, Intent
from bot.intents import INTENTS
from bot.speech import Speech
from bot.understanding.matcher import NONE, judge
from bot.understanding.slots import slots_of
from bot.understanding.tokens import features, inner
from bot.understanding.weights import weights
from bot.wording import names_of, source_of, typed
from domain.catalog import ProductCard
from domain.chat_answers.ports import FileAnswer, Named
from kernel.errors import DomainError
from kernel.words import folded

log = logging.getLogger("fenmall.bot")
ALIKE = 0.28
"""From this likeness of their features two sentences stand in one group."""
NOBODY = 0
_LINK = re.compile(r"</?a\b[^>]*>")


class Desk:
    """Implements ``domain.chat_answers.ports.ChatKnowledge``."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def answers(self) -> Sequence[FileAnswer]:
        """The files' answers, in the order of their names."""
        return [_file_answer(each) for each in INTENTS.values()]

    def taps(self) -> frozenset[str]:
        """Commands and questions."""
        return TAPS

    def facts(self, intent: str) -> Sequence[Named]:
        """What the answer's text may name, each with what somebody new would read."""
        known = INTENTS.get(intent)
        return [] if known is None else [
            Named(name, self._said(known, f"{{{name}}}")) for name in names_of(known)
        ]  # fmt: skip

    def shown(self, intent: str, text: str = "") -> str:
        """The answer to somebody new; "" if more than a text answers."""
        known = INTENTS.get(intent)
        if known is None:
            return self._plain(source_of(text, {}))
        return "" if known.reply is not None and not text else self._said(known, text)

    def card(self, card: ProductCard) -> tuple[str, str]:
        """As an answer shows it."""
        return words_of(card)

    def nearest(self, sentence: str, most: int) -> Sequence[str]:
        """The best intents that have an answer."""
        ranked = judge(folded(sentence)).ranked
        return [each for each, _ in ranked if each in INTENTS and each != NONE][:most]

    def groups(self, sentences: Sequence[str]) -> Sequence[Sequence[int]]:
        """Each sentence joins the first group whose leader is like it, else leads a new one."""
        return groups_of(sentences)

    def _said(self, intent: Intent, text: str) -> str:
        """What somebody new reads; "" if it can't be said without a person."""
        said = said_otherwise(intent, text) if text else intent
        asked = Asked(member_id=NOBODY, words=intent.title, slots=slots_of(intent.title))
        try:
            facts = said.facts(asked) if said.facts is not None else None
            if said.facts is not None and facts is None:
                return self._plain(said.without)
            return self._plain(said.answer, facts=facts, asked=asked)
        except DomainError:
            return ""
        except Exception:
            log.warning("the answer %s can't be shown to nobody", intent.id, exc_info=True)
            return ""

    def _plain(self, source: str, **context: object) -> str:
        """A rendered text as a phone shows it: links are their labels."""
        return _LINK.sub("", self._speech.drafted(source, **context))


def _file_answer(intent: Intent) -> FileAnswer:
    text, is_whole = typed(intent)
    names = tuple(names_of(intent))
    return FileAnswer(intent.id, intent.title, text, is_whole, names, intent.is_required)


def groups_of(sentences: Sequence[str]) -> list[list[int]]:
    """Greedy groups by the cosine of features: places of sentences, the leader first."""
    known = weights()
    groups: list[list[int]] = []
    lengths: list[float] = []
    holding: dict[str, list[int]] = {}
    for place, sentence in enumerate(sentences):
        cut = inner(features(folded(sentence)))
        rare = {feature: known.rarity_of(feature) ** 2 for feature in cut}
        length = math.sqrt(sum(rare.values())) or 1.0
        shared: dict[int, float] = {}
        for feature in cut:
            for group in holding.get(feature, ()):
                shared[group] = shared.get(group, 0.0) + rare[feature]
        best = max(shared, key=lambda each: (shared[each] / lengths[each], -each), default=None)
        if best is not None and shared[best] / (lengths[best] * length) >= ALIKE:
            groups[best].append(place)
            continue
        for feature in cut:
            holding.setdefault(feature, []).append(len(groups))
        groups.append([place])
        lengths.append(length)
    return groups
