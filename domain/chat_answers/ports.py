"""What the chat tells the merchant's pages about its answers, and where it reports questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.catalog import ProductCard
from domain.chat_answers.facts import Heard


@dataclass(frozen=True)
class Named:
    """What a text may name in braces: a fact, or a tap. ``sample`` is its present value."""

    name: str
    sample: str = ""


@dataclass(frozen=True)
class FileAnswer:
    """An answer that comes with the program. ``text`` is "" if no text alone makes it.

    ``is_whole``: ``text`` says all of it, so that it can be edited. ``names`` are the facts and
    taps that it uses. ``is_required``: it can't be switched off.
    """

    intent: str
    title: str
    text: str
    is_whole: bool
    names: tuple[str, ...]
    is_required: bool = False


class ChatKnowledge(Protocol):
    """The chat's answers and its understanding, for the merchant's pages."""

    def answers(self) -> Sequence[FileAnswer]:
        """The answers that come with the program."""

    def taps(self) -> frozenset[str]:
        """The commands and questions that any text may name as a tap."""

    def facts(self, intent: str) -> Sequence[Named]:
        """What the text of an answer may name, with the values for somebody new; a query."""

    def shown(self, intent: str, text: str = "") -> str:
        """An answer as somebody new reads it, in the file's words or in others; a query."""

    def card(self, card: ProductCard) -> tuple[str, str]:
        """The title and the line of a product's card."""

    def nearest(self, sentence: str, most: int) -> Sequence[str]:
        """The intents of files that a sentence may ask for, the nearest first."""

    def groups(self, sentences: Sequence[str]) -> Sequence[Sequence[int]]:
        """Sentences that are alike, by their places; the first of each group leads it."""


class AskedBook(Protocol):
    """Takes reports of questions; it never waits or fails and costs next to nothing."""

    def record(self, heard: Heard) -> None:
        """Count a message, and keep its sentence if it was not understood."""


class NoBook:
    """Keeps nothing; for commands and tests without a database."""

    def record(self, heard: Heard) -> None:
        """Does nothing."""


class NoKnowledge:
    """No answers: for processes without a chat."""

    def answers(self) -> Sequence[FileAnswer]:
        """None."""
        return ()

    def taps(self) -> frozenset[str]:
        """None."""
        return frozenset()

    def facts(self, intent: str) -> Sequence[Named]:
        """None."""
        return ()

    def shown(self, intent: str, text: str = "") -> str:
        """The text as it is."""
        return text

    def card(self, card: ProductCard) -> tuple[str, str]:
        """The title alone."""
        return card.title, ""

    def nearest(self, sentence: str, most: int) -> Sequence[str]:
        """None."""
        return ()

    def groups(self, sentences: Sequence[str]) -> Sequence[Sequence[int]]:
        """Each for itself."""
        return [[place] for place in range(len(sentences))]


_installed: list[ChatKnowledge] = []


def install_knowledge(knowledge: ChatKnowledge | None) -> None:
    """Set what the pages ask; None takes it away."""
    _installed[:] = [] if knowledge is None else [knowledge]


def knowledge() -> ChatKnowledge:
    """What the pages ask."""
    return _installed[0] if _installed else NoKnowledge()
