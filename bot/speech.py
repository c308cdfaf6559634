"""How the chat puts answers into words: its templates, its two kinds of link, its length limit.

WeChat honours ``<a>`` in a text and nothing else, and reads no entities: what comes from outside
is not escaped but loses its angle brackets to their full-width twins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from bot import paths
from kernel.web.render import Renderer

TEXT_BYTES = 2048
_IN_ADDRESS = "/?=&%:#+,;@~"
_BRACKETS = str.maketrans({"<": "＜", ">": "＞"})
_IN_LINK = str.maketrans({'"': "＂", "&": "＆", "#": "＃", " ": "\u3000"})


class Speech:
    """Renders ``templates/chat/*.txt``, compiled once."""

    def __init__(self, renderer: Renderer, public_url: str) -> None:
        self._env = renderer.env.overlay(autoescape=False, finalize=plain)
        self._public_url = public_url
        self._is_demo = bool(self._env.auto_reload)
        self._ready: dict[str, Template] = {}
        self._fixed: dict[str, str] = {}
        self._tools = {"go": self.go, "say": say, "paths": paths, "percent": percent}
        for name in self._env.list_templates(filter_func=lambda n: n.startswith("chat/")):
            self._ready[name] = self._env.get_template(name)

    def text(self, template: str, **context: Any) -> str:
        """A chat text without blank ends; ``go`` and ``say`` make its links."""
        found = self._template(template)
        return _tidy(found.render(**self._tools, **context))

    def block(self, template: str, block: str, context: Mapping[str, Any]) -> str:
        """One block of a template that holds many; empty if there is no such block."""
        found = self._template(template)
        if block not in found.blocks:
            return ""
        made = found.new_context(self._tools | dict(context))
        return _tidy("".join(found.blocks[block](made)))

    def _template(self, name: str) -> Template:
        """A compiled template; in the demo a changed file is read again."""
        full = f"chat/{name}"
        return self._env.get_template(full) if self._is_demo else self._ready[full]

    def fixed(self, template: str) -> str:
        """A chat text that says the same to everybody, put together once."""
        known = self._fixed.get(template)
        if known is None or self._is_demo:
            known = self._fixed[template] = self.text(template)
        return known

    def url(self, path: str) -> str:
        """An address of ours; one in the mall arrives signed in."""
        if path.startswith("/m/"):
            return f"{self._public_url}/oauth/login?next={quote(path, safe='/')}"
        return f"{self._public_url}{quote(path, safe=_IN_ADDRESS)}"

    def go(self, path: str, label: str) -> Markup:
        """A link to a page of ours."""
        return Markup(f'<a href="{self.url(path)}">{plain(label)}</a>')  # noqa: S704 - plain

    def fitted(self, text: str, more: str) -> str:
        """A text within WeChat's limit: whole lines, and a link to the page that has it all."""
        if len(text.encode()) <= TEXT_BYTES:
            return text
        tail = f"…\n{self.go(more, '查看全部')}"
        room = TEXT_BYTES - len(tail.encode())
        kept = []
        for line in text.splitlines():
            room -= len(line.encode()) + 1
            if room < 0:
                break
            kept.append(line)
        return "\n".join([*kept, tail])


def _tidy(made: str) -> str:
    return "\n".join(line.rstrip() for line in made.strip().splitlines())


def say(command: str, label: str = "") -> Markup:
    """A link that sends a command as if it had been typed; signs of an address become wide."""
    word = plain(command).translate(_IN_LINK)
    href = f"weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={word}"
    return Markup(f'<a href="{href}">{plain(label or command)}</a>')  # noqa: S704 - plain


def percent(rate_bp: int) -> str:
    """A rate for people: 2050 → '20.5'."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def plain(value: Any) -> str:
    """A value as text that can't be taken for a link; our own links pass."""
    if isinstance(value, Markup):
        return value
    return str(value).translate(_BRACKETS)
