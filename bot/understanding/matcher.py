"""Decides what a sentence asks for: one intent, a choice of two, or nothing.

``docs/algorithms/understanding.md`` has the rules in prose. All of it is pure and deterministic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.understanding.slots import NO_SLOTS, Slots, slots_of
from bot.understanding.tokens import features, inner
from bot.understanding.weights import RAREST, Weights, weights

AHEAD = 0.15
"""How far the best intent must be before the second; if not, the person is asked which."""
FLOOR = -0.5
"""The least score that answers: below it the sentence is like nothing that is known."""
NEAR = 0.45
"""How far behind the best an intent may be to be offered as a choice."""
LEAST = -0.75
"""The least score of an intent that is offered as a choice."""
ALIKE = 0.6
"""From this likeness an example sentence of the merchant's, or of a new intent, decides."""
CLEARLY_AHEAD = 0.5
"""How far the intent of a second question must be before the next."""
NONE = "none"
ASKED_TOO = 0.0
"""The least score of a question that is asked beside a greeting."""
COURTESY = frozenset({"greeting", "thanks", "bye"})
SMALL_TALK = COURTESY | {"nonsense", "insult", "spam", "help"}
"""Said beside a question, these are no second question."""

# What a clause says is not wanted: "不是要退货", "我没说退款".
_NOT_ASKED = re.compile(
    r"(?:不是(?:要|想|问|来)|没(?:说|让你|要)|不(?:要|用|想|需要)(?:问|说|讲)?|别(?:跟我)?(?:说|提|扯)|先不(?:说|管))"
    r"[^,，。.!！?？;；|]{1,14}?(?:[,，。.!！?？;； ]|(?=我?(?:就|只|是想|想)))"
)
# Said of what nobody knows; it asks nothing.
_WHO_KNOWS = re.compile("(?:谁|鬼|天)(?:知道|晓得)[呢啊呀嘛哦]?")
# Goods that sell best ("卖得最好的"), unless it is said of people who sell.
_BEST_SOLD = re.compile("(?:卖[得的]?|销量)最(?:好|多|高|火)")
_OF_SELLERS = re.compile("谁|我|名|排|榜|业绩|分销|推广|代理|人|们")
_PARTS = re.compile(
    r"[。！？!?;；\n]+"
    r"|[,，]?(?:另外|还有就是|还有|顺便问?一?下?|以及|再问一?下?|also|and also)[,，]?"
)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence that counts at once, in folded form, and the intent it asks for."""

    sentence: str
    intent: str


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a sentence asks for, and why.

    ``intent`` is None if nothing fits or two fit equally; then ``choices`` names what may have
    been meant. ``also`` is another question in the same message; ``is_also_first`` says that it
    was asked before ``intent``.
    """

    intent: str | None
    score: float = 0.0
    second: str = ""
    choices: tuple[str, ...] = ()
    also: str = ""
    is_also_first: bool = False
    slots: Slots = NO_SLOTS
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The scores of one sentence, best first, and the example that decided."""

    ranked: tuple[tuple[str, float], ...]
    example: str = ""


class Examples:
    """Sentences that count without training: found by the features they share.

    ``titles`` are the questions as taps send them, which are only compared whole.
    """

    def __init__(self, examples: Sequence[Example] = (), titles: Sequence[Example] = ()) -> None:
        self.examples = tuple(examples)
        self.whole = {_bare(each.sentence): each.intent for each in (*titles, *examples)}

    @cached_property
    def _index(self) -> tuple[dict[str, list[int]], list[float]]:
        """Feature → the examples that have it, and the examples' lengths; made at first use.

        A process that is asked no free sentence needs neither them nor the weights.
        """
        holding: dict[str, list[int]] = {}
        lengths: list[float] = []
        known = weights()
        for number, example in enumerate(self.examples):
            cut = inner(features(example.sentence))
            lengths.append(_length(known, cut))
            for feature in cut:
                holding.setdefault(feature, []).append(number)
        return holding, lengths

    def nearest(self, known: Weights, cut: Sequence[str]) -> tuple[Example | None, float]:
        """The most similar example, and the cosine of the two, without the sentences' ends."""
        cut = inner(cut)
        holding, lengths = self._index
        shared: dict[int, float] = {}
        for feature in cut:
            for number in holding.get(feature, ()):
                shared[number] = shared.get(number, 0.0) + known.rarity_of(feature) ** 2
        if not shared:
            return None, 0.0
        own = _length(known, cut)
        number = max(shared, key=lambda each: (shared[each] / lengths[each], -each))
        return self.examples[number], shared[number] / (lengths[number] * own)


def _bare(sentence: str) -> str:
    """A sentence without spaces and signs, for comparison as a whole."""
    return re.sub(r"[\W_]+", "", sentence)


def _length(known: Weights, cut: Sequence[str]) -> float:
    return math.sqrt(sum(known.rarity_of(feature) ** 2 for feature in cut)) or RAREST


NO_EXAMPLES = Examples()


def judge(sentence: str, examples: Examples = NO_EXAMPLES) -> Judgement:
    """The score of each intent for one question in folded form."""
    known = weights()
    sentence = _WHO_KNOWS.sub(" ", sentence)
    cut = features(_NOT_ASKED.sub(" ", sentence) or sentence)
    scored = sorted(zip(known.scores(cut), known.intents, strict=True), reverse=True)[:4]
    ranked = _of_goods([(intent, score) for score, intent in scored], sentence)
    example, likeness = examples.nearest(known, cut) if examples.examples else (None, 0.0)
    if example is None or likeness < ALIKE:
        return Judgement(ranked=tuple(ranked))
    best = max(ranked[0][1], 0.0) + likeness
    ranked = [(example.intent, best), *(each for each in ranked if each[0] != example.intent)]
    return Judgement(ranked=tuple(ranked), example=example.sentence)


def _of_goods(ranked: list[tuple[str, float]], sentence: str) -> list[tuple[str, float]]:
    """The ranking, where what sells best asks for products, and not for a seller's place."""
    if ranked[0][0] != "rank" or not _BEST_SOLD.search(sentence) or _OF_SELLERS.search(sentence):
        return ranked
    return [("product", ranked[0][1]), *(each for each in ranked[1:] if each[0] != "product")]


def understand(sentence: str, examples: Examples = NO_EXAMPLES) -> Meaning:
    """What a sentence in folded form asks for."""
    named = examples.whole.get(_bare(sentence))
    slots = slots_of(sentence)
    if named is not None:
        return Meaning(intent=named, score=1.0, slots=slots, example=sentence)
    whole = judge(sentence, examples)
    (best, score), (second, next_score) = _without_courtesy(whole.ranked)
    parts = _judged_parts(sentence, examples)
    asked = _asked_in(parts)
    if score - next_score < AHEAD and score >= FLOOR and set(asked[:2]) == {best, second}:
        first, other = asked[:2]  # no choice: both are asked
        return Meaning(
            intent=first, score=_share(score), second=other, also=other, slots=slots,
            example=whole.example,
        )  # fmt: skip
    if score - next_score < AHEAD or score < FLOOR:
        least = max(score - NEAR, LEAST)
        choices = tuple(
            i for i, each in whole.ranked[:3] if each >= least and i not in {NONE, *SMALL_TALK}
        )
        return Meaning(
            intent=None, score=_share(score), second=second, choices=choices, slots=slots
        )
    if best == NONE:
        return Meaning(intent=NONE, score=_share(score), second=second, slots=slots)
    also = next((each for each in asked if each != best), "")
    return Meaning(
        intent=best, score=_share(score), second=second, slots=slots, also=also,
        is_also_first=bool(also) and _stands_before(also, best, parts), example=whole.example,
    )  # fmt: skip


def _without_courtesy(
    ranked: tuple[tuple[str, float], ...],
) -> tuple[tuple[str, float], tuple[str, float]]:
    """The best two; beside a question that is nearly as likely, a greeting or thanks is none."""
    best, second, third = ranked[:3]
    if best[0] in COURTESY and second[1] >= ASKED_TOO and second[0] not in SMALL_TALK:
        return second, third
    if second[0] in COURTESY and best[0] not in SMALL_TALK:
        return best, third
    return best, second


def _share(score: float) -> float:
    """A score as a number from 0 to 1: 0.5 on the border, 0.98 at a distance of one."""
    return 1 / (1 + math.exp(-4 * score))


def because(sentence: str, intent: str) -> tuple[str, ...]:
    """The five features of a folded sentence that speak most for an intent."""
    known = weights()
    if intent not in known.intents:
        return ()
    found = known.speaking_for(intent, features(sentence))[:5]
    return tuple(feature.replace(" ", "") for feature, _ in found)


def _judged_parts(sentence: str, examples: Examples) -> list[Judgement]:
    """The scores of each part between sentence ends, or beside 另外 and the like; [] for one."""
    parts = [part for part in _PARTS.split(sentence) if part and len(part.strip()) > 2]
    return [judge(part, examples) for part in parts] if len(parts) > 1 else []


def _asked_in(parts: Sequence[Judgement]) -> list[str]:
    """The intents of parts that are sure by themselves, in order, each once."""
    found: dict[str, None] = {}
    for part in parts:
        (best, score), (_, next_score) = part.ranked[:2]
        is_sure = score >= 0 and score - next_score >= CLEARLY_AHEAD
        if is_sure and best not in {NONE, *SMALL_TALK}:
            found[best] = None
    return list(found)


def _stands_before(other: str, best: str, parts: Sequence[Judgement]) -> bool:
    """Whether the part that asks another question precedes the one that fits ``best`` most."""
    fits = [dict(part.ranked).get(best, -math.inf) for part in parts]
    first = next(place for place, part in enumerate(parts) if part.ranked[0][0] == other)
    return max(fits) > -math.inf and first < fits.index(max(fits))
