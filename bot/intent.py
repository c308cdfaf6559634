"""An answer to a question in free words: what people say, the facts, and the text, in one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A question and its answer (问答). Each file of ``bot/intents`` holds one as ``INTENT``.

    ``words`` in normal form (``bot/words.py``): one of them anywhere in a sentence asks this. Of
    several intents the one with the highest ``weight`` answers. ``answer`` is a Jinja text with
    the tools of ``bot/speech.py``. ``facts`` is a query by member id, whose result the text knows
    as ``facts``. ``more`` is the page that an overlong answer links to.
    """

    id: str
    words: tuple[str, ...]
    answer: str
    weight: int = 0
    facts: Callable[[int], Any] | None = None
    more: str = "/m/"

    def is_asked(self, words: str) -> bool:
        """True if a sentence in normal form contains one of the words."""
        return any(word in words for word in self.words)
