"""A chat with two answers, for tests of the merchant's changes to answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.chat_answers import MissedReport
from domain.chat_answers.ports import FileAnswer, NoKnowledge
from kernel import clock

WHEN = FileAnswer(
    "dispatch", "多久发货", "付款后 {hours} 小时内发货。\n{订单}", True, ("hours", "订单")
)
MONEY = FileAnswer("commission", "我的佣金", "", False, ())


class Knowledge(NoKnowledge):
    """Two answers: shipping times and commission."""

    def answers(self) -> Sequence[FileAnswer]:
        """The answers."""
        return (WHEN, MONEY)

    def taps(self) -> frozenset[str]:
        """The commands for buttons."""
        return frozenset({"人工", "订单"})

    def groups(self, sentences: Sequence[str]) -> Sequence[Sequence[int]]:
        """Group sentences by their first two characters."""
        found: dict[str, list[int]] = {}
        for place, sentence in enumerate(sentences):
            found.setdefault(sentence[:2], []).append(place)
        return list(found.values())


def missed(sentence: str, times: int = 1, at: datetime | None = None) -> MissedReport:
    """A report of a sentence that was not understood."""
    return MissedReport(sentence, sentence, "unknown", times, at or clock.now())
