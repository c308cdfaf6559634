"""The example sentences of ``corpus/chat``: a file per intent, a sentence per line.

``corpus/chat/<intent>.txt`` is the half that weights are trained and rules are tuned on.
``corpus/chat/kept/<intent>.txt`` is kept apart and only measures.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from bot.understanding.tokens import CLASSES
from kernel.pinyin import READINGS

FOLDER = Path(__file__).resolve().parents[2] / "corpus" / "chat"
KEPT = FOLDER / "kept"


def tuned() -> tuple[list[str], list[str]]:
    """The sentences to tune on, and their intents."""
    return _all(FOLDER)


def kept() -> tuple[list[str], list[str]]:
    """The sentences that only measure, and their intents."""
    return _all(KEPT)


@cache
def examples(intent: str) -> tuple[str, ...]:
    """The tuned sentences of one intent; none if it has no file."""
    path = FOLDER / f"{intent}.txt"
    return tuple(_lines(path)) if path.exists() else ()


def fingerprint() -> str:
    """What the weights were trained from: a digest of the tuned half and the word classes."""
    digest = hashlib.sha256(CLASSES.read_bytes() + READINGS.read_bytes())
    for sentence, intent in zip(*tuned(), strict=True):
        digest.update(f"{intent}\t{sentence}\n".encode())
    return digest.hexdigest()[:16]


def _all(folder: Path) -> tuple[list[str], list[str]]:
    sentences: list[str] = []
    intents: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        lines = _lines(path)
        sentences += lines
        intents += [path.stem] * len(lines)
    return sentences, intents


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]
