"""Repairs the XML of a push that is malformed because of what a person typed.

XML 1.0 forbids control characters even as references, and CDATA ends at its first ``]]>``; WeChat
sends such messages nevertheless. They must not be lost: a 退订 with a control character still has
to stop the promotions.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from kernel.text import xml_safe

_OPEN = "<![CDATA["
_NAME = re.compile(r"<([A-Za-z_][\w.-]{0,63})>\s*\Z")
_NOT_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NUMBERED = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")


def mended(body: bytes) -> bytes:
    """The push without the bytes, characters and references that XML forbids.

    CDATA sections become escaped text. A DOCTYPE is left in place, and the parser refuses it.
    """
    text = xml_safe(body.decode("utf-8", "ignore"))
    parts: list[str] = []
    at = 0
    while (start := text.find(_OPEN, at)) >= 0:
        parts.append(_plain(text[at:start]))
        name = _NAME.search(text, max(at, start - 80), start)
        ending = f"]]></{name[1]}>" if name else "]]>"
        end = text.find(ending, start)
        if end < 0:
            break
        parts.append(escape(text[start + len(_OPEN) : end]))
        at = end + len("]]>")
    return ("".join(parts) + _plain(text[at:])).encode()


def _plain(text: str) -> str:
    """Text outside of CDATA, with only references that XML defines and allows."""
    return _NOT_REFERENCE.sub("&amp;", _NUMBERED.sub(_allowed, text))


def _allowed(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if number <= 0x10FFFF and xml_safe(chr(number)) else ""
