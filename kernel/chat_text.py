"""Chat texts within WeChat's limits: up to 2048 bytes, and not empty.

A longer text becomes several messages, cut where a reader would pause and never inside a link.
"""

from __future__ import annotations

import re
import unicodedata

TEXT_BYTES_MAX = 2048
PARTS_MAX = 3
"""A menu tap, a scan or a follow allows three customer-service messages, a message five."""

CUT_MARK = "…"
_LINK = re.compile(r"<a\s[^>]*>.*?</a>", re.DOTALL)
_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[。！？；!?]|\.\s"),
           re.compile(r"[，、,\s]"))  # fmt: skip


def says_something(text: str) -> bool:
    """Whether a text has a visible character."""
    return any(not sign.isspace() and unicodedata.category(sign)[0] != "C" for sign in text)


def cut(text: str, bytes_max: int) -> str:
    """Shorten a text to ``bytes_max`` bytes between characters, ending in ``…`` if shortened."""
    if len(text.encode()) <= bytes_max:
        return text
    room = bytes_max - len(CUT_MARK.encode())
    return text.encode()[:room].decode("utf-8", "ignore") + CUT_MARK


def head_and_rest(text: str, bytes_max: int = TEXT_BYTES_MAX) -> tuple[str, str]:
    """Split a text into what fits into one message and the rest, which may be empty."""
    if len(text.encode()) <= bytes_max:
        return text, ""
    at = _place_of_cut(text, len(text.encode()[:bytes_max].decode("utf-8", "ignore")))
    return text[:at].rstrip(), text[at:].lstrip()


def parts(text: str, bytes_max: int = TEXT_BYTES_MAX, most: int = PARTS_MAX) -> tuple[str, ...]:
    """Split a text into up to ``most`` messages; the last one is cut with ``…`` if necessary."""
    found: list[str] = []
    while says_something(text):
        if len(found) == most - 1:
            found.append(cut(text, bytes_max))
            break
        head, text = head_and_rest(text, bytes_max)
        if says_something(head):
            found.append(head)
    return tuple(found)


def _place_of_cut(text: str, room: int) -> int:
    """The index after the last paragraph, line, sentence or word that fills half of the room."""
    for pause in _PAUSES:
        ends = [m.end() for m in pause.finditer(text, 0, room) if not _in_link(text, m.end())]
        if ends and ends[-1] >= room // 2:
            return ends[-1]
    link = next((m for m in _LINK.finditer(text) if m.start() < room < m.end()), None)
    return link.start() if link is not None and link.start() > 0 else room


def _in_link(text: str, at: int) -> bool:
    return any(m.start() < at < m.end() for m in _LINK.finditer(text))
