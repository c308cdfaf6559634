"""Codes, and the values that verbs take and queries give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.system_state import State as SystemState

Outcome = Literal["understood", "choices", "unknown", "person"]
OUTCOMES: tuple[Outcome, ...] = ("understood", "choices", "unknown", "person")
MissedState = Literal["open", "example", "answered", "synonym", "dismissed"]
AnswerState = Literal["ours", "changed", "own", "off"]


@dataclass(frozen=True)
class Heard:
    """A message of a member in words: what the chat made of it.

    ``sentence`` is what was said if it was not understood, else "". ``member_id`` only bounds how
    many sentences of one person are taken; it is not kept.
    """

    outcome: Outcome
    intent: str = ""
    sentence: str = ""
    member_id: int = 0


@dataclass(frozen=True)
class MissedReport:
    """A sentence without personal data that was not understood ``times`` times until ``at``."""

    form: str
    sentence: str
    outcome: Outcome
    times: int
    at: datetime


@dataclass(frozen=True)
class MissedView:
    """A sentence that was not understood (没听懂的话), and what became of it."""

    id: int
    sentence: str
    outcome: str  # choices, unknown
    times: int
    first_at: datetime
    last_at: datetime
    state: str
    intent: str
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True)
class MissedGroup:
    """Sentences that are alike, the most frequent first."""

    sentences: tuple[MissedView, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of all of them."""
        return tuple(each.id for each in self.sentences)

    @property
    def times(self) -> int:
        """How often they were said in all."""
        return sum(each.times for each in self.sentences)

    @property
    def last_at(self) -> datetime:
        """When one of them was last said."""
        return max(each.last_at for each in self.sentences)


@dataclass(frozen=True)
class ExampleView:
    """A sentence that the merchant gave to an intent (说法)."""

    id: int
    sentence: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True)
class AnswerForm:
    """What the merchant may change of an answer; the title of an own one only.

    ``picture`` is the content id of a stored picture or "", ``products`` are ids of products. Both
    follow the text as messages of their own.
    """

    text: str
    title: str = ""
    picture: str = ""
    products: tuple[int, ...] = ()


@dataclass(frozen=True)
class Follows:
    """What follows the text of an answer: a picture, and products as cards."""

    picture: str = ""
    products: tuple[int, ...] = ()


@dataclass(frozen=True)
class AnswerView:
    """An answer as the merchant sees it (聊天问答).

    ``text`` is the merchant's, "" while the program's stands; ``ours`` is the program's text.
    ``is_whole``: all of the program's answer is in ``ours``. ``edition`` 0: never changed.
    ``is_required``: it can't be switched off.
    """

    intent: str
    title: str
    text: str
    ours: str
    is_whole: bool
    is_own: bool
    is_off: bool
    edition: int
    changed_at: datetime | None
    changed_by: str | None
    follows: Follows = Follows()
    examples: int = 0
    asked: int = 0  # in 30 days
    is_required: bool = False

    @property
    def state(self) -> AnswerState:
        """off, own, changed, or ours."""
        if self.is_off:
            return "off"
        if self.is_own:
            return "own"
        return "changed" if self.is_changed else "ours"

    @property
    def is_changed(self) -> bool:
        """Whether the merchant changed what is said or what follows it."""
        return bool(self.text) or self.follows != Follows()

    @property
    def said(self) -> str:
        """The text that answers; "" if the program makes it by itself."""
        return self.text or self.ours


@dataclass(frozen=True)
class OwnAnswer:
    """An answer of the merchant's, for the chat."""

    intent: str
    title: str
    text: str


@dataclass(frozen=True)
class LiveAnswers:
    """Everything that the merchant changed, for the chat; ``edition`` counts the changes."""

    edition: int
    texts: dict[str, str]  # of files' intents
    follows: dict[str, Follows]  # of files' and own intents
    off: frozenset[str]
    own: tuple[OwnAnswer, ...]
    examples: tuple[tuple[str, str], ...]  # intent, sentence


@dataclass(frozen=True)
class WeekFigures:
    """How seven days' messages were answered, by outcome."""

    understood: int
    choices: int
    unknown: int
    person: int

    @property
    def total(self) -> int:
        """All messages."""
        return self.understood + self.choices + self.unknown + self.person


class AnswersEdition(SystemState):
    """Counts the changes of answers and examples, and the merchant's own answers."""

    KEY = "chat_answers"
    edition: int = 0
    own: int = 0
