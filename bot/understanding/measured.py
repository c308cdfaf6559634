"""How well sentences with known intents are understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding.matcher import NO_EXAMPLES, NONE, Examples, understand
from kernel.words import folded


@dataclass(frozen=True)
class Measured:
    """Shares of the sentences. A choice of two, or nothing, is neither right nor wrong."""

    count: int
    right: float
    wrong: float

    def __str__(self) -> str:
        return f"{self.count} sentences, {self.right:.1%} right, {self.wrong:.1%} wrong"


def measured(
    sentences: Sequence[str], intents: Sequence[str], examples: Examples = NO_EXAMPLES
) -> Measured:
    """Measure; for a sentence that asks for nothing (``none``) no answer is the right one."""
    right = wrong = 0
    for sentence, wanted in zip(sentences, intents, strict=True):
        found = understand(folded(sentence), examples).intent
        if found is None or found == NONE:
            right += wanted == NONE
        elif found == wanted:
            right += 1
        else:
            wrong += 1
    return Measured(len(sentences), right / len(sentences), wrong / len(sentences))
