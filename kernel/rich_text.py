"""HTML that staff write: cleaned to a closed list of tags, with pictures by their ids (富文本).

``clean`` gives what is stored. A picture is stored as ``<img src="{id}" alt="…">``: whatever
address was typed, a page shows it from the shop's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

TAGS = {
    "p", "div", "br", "hr", "h2", "h3", "b", "strong", "ul", "ol", "li", "table", "thead",
    "tbody", "tr", "th", "td", "img",
}  # fmt: skip
"""No link, no style and no class: a text can neither lead away nor look like the page's own."""

ATTRIBUTES = {"img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
DROPPED = {"script", "style", "title", "noscript", "template", "iframe", "object"}
ALT_MOST = 120
INPUT_MOST = 400_000
_PICTURE = re.compile(r"(?:^|/)([0-9a-f]{64})(?:-[0-9]{1,5}\.(?:jpg|webp))?$")
_SPAN = re.compile(r"[1-9]|1[0-9]|20")
_IMG = re.compile(r'<img((?: [a-z]+="[^"<>]*")*)>')
_SRC = re.compile(r' src="([^"]*)"')
_ALT = re.compile(r' alt="([^"]*)"')
_BREAK = re.compile(r"<(?:br|hr|/p|/div|/h2|/h3|/li|/tr|/table)[^>]*>")
_CELL = re.compile(r"</t[dh]>")
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"(?:<(?:p|div)>(?:\s|&nbsp;|<br>)*</(?:p|div)>\s*)+\Z")


@dataclass(frozen=True)
class Cleaned:
    """Cleaned HTML, the ids of its pictures, and how many pictures of elsewhere were removed."""

    html: str
    pictures: tuple[str, ...]
    foreign: int = 0


def clean(html: str) -> Cleaned:
    """HTML as it is stored; "" if it shows nothing."""
    import nh3

    kept = nh3.clean(
        html[:INPUT_MOST],
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags=DROPPED,
        url_schemes={"http", "https"},
        link_rel=None,
    )
    pictures: list[str] = []
    foreign = 0

    def one(found: re.Match[str]) -> str:
        nonlocal foreign
        source = _SRC.search(found[1])
        if source is None:
            foreign += 1
            return ""
        pictures.append(source[1])
        alt = _ALT.search(found[1])
        return f'<img src="{source[1]}" alt="{alt[1] if alt else ""}">'

    kept = _BLANK.sub("", _IMG.sub(one, kept).strip())
    ids = tuple(dict.fromkeys(pictures))
    return Cleaned(kept if ids or text_of(kept) else "", ids, foreign)


def pictures_in(html: str) -> list[str]:
    """The ids of the pictures of stored HTML, each once."""
    found = (_SRC.search(each[1]) for each in _IMG.finditer(html))
    return list(dict.fromkeys(each[1] for each in found if each))


def text_of(html: str) -> str:
    """The words of stored HTML, a line for each block, with those of its pictures."""
    said = _IMG.sub(lambda found: f"\n{_alt_of(found[1])}\n", html)
    said = _TAG.sub("", _CELL.sub(" ", _BREAK.sub("\n", said)))
    lines = (line.strip() for line in unescape(said).replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)


def drawn(html: str, pictures: Mapping[str, Any], draw: Callable[[Any, str], str]) -> str:
    """Stored HTML with ``draw(picture, alt)`` in place of each picture; unknown ones are left out.

    ``draw`` gives HTML.
    """

    def one(found: re.Match[str]) -> str:
        source = _SRC.search(found[1])
        picture = pictures.get(source[1]) if source else None
        return draw(picture, _alt_of(found[1])) if picture is not None else ""

    return _IMG.sub(one, html)


def of_plain(text: str) -> str:
    """A plain text as HTML: a paragraph for each line."""
    lines = (line.strip() for line in text.split("\n"))
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)


def _alt_of(attributes: str) -> str:
    found = _ALT.search(attributes)
    return unescape(found[1]) if found else ""


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        found = _PICTURE.search(value.split("?", 1)[0])
        return found[1] if found else None
    if name == "alt":
        return re.sub(r'[<>"]', "", value)[:ALT_MOST]
    return value if _SPAN.fullmatch(value) else None
