"""How chat answers are rendered: templates, the two kinds of link, and the length limit.

In a text WeChat interprets only ``<a>``, and no entities. Text from outside can't be escaped, so
its angle brackets are replaced by their full-width forms.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from bot import paths
from domain import legal
from kernel.chat_text import TEXT_BYTES_MAX
from kernel.money import calculation_text
from kernel.text import isolated
from kernel.web.templates import Renderer

_IN_ADDRESS = "/?=&%:#+,;@~"
_BRACKETS = str.maketrans({"<": "＜", ">": "＞"})
_IN_LINK = str.maketrans({'"': "＂", "&": "＆", "#": "＃", " ": "\u3000"})


class Speech:
    """Renders ``templates/chat/*.txt``; each is compiled when it is first asked for."""

    def __init__(self, renderer: Renderer, public_url: str) -> None:
        self._env = renderer.env.overlay(autoescape=False, finalize=shown)
        self._public_url = public_url
        self.is_demo = bool(self._env.auto_reload)
        self._ready: dict[str, Template] = {}
        self._fixed: dict[tuple[object, ...], tuple[object, str]] = {}
        self._written: dict[str, Template] = {}
        self._tools = {"go": self.go, "say": say, "paths": paths, "sum_shown": calculation_text}

    def text(self, template: str, **context: Any) -> str:
        """A rendered chat text, trimmed; a template makes its links with ``go`` and ``say``."""
        found = self._template(template)
        return _tidy(found.render(self._facts() | context))

    def _facts(self) -> dict[str, Any]:
        """What every text may name: links, and the company as it is shown now."""
        return {**self._tools, "company": legal.last_business()}

    def written(self, source: str, **context: Any) -> str:
        """Render a text that is no file in ``templates/chat``; it is compiled once."""
        known = self._written.get(source)
        if known is None:
            known = self._written[source] = self._env.from_string(source)
        return _tidy(known.render(self._facts() | context))

    def drafted(self, source: str, **context: Any) -> str:
        """Like ``written``, for a text that is looked at once; nothing of it is kept."""
        return _tidy(self._env.from_string(source).render(self._facts() | context))

    def _template(self, name: str) -> Template:
        """A compiled template; in the demo a changed file is read again."""
        known = self._ready.get(name)
        if known is None or self.is_demo:
            known = self._ready[name] = self._env.get_template(f"chat/{name}")
        return known

    def fixed(self, template: str, **facts: bool) -> str:
        """A chat text whose only facts are yes and no, rendered once as the company is now."""
        company, key = legal.last_business(), (template, *facts.items())
        known = self._fixed.get(key)
        if known is None or known[0] is not company or self.is_demo:
            known = self._fixed[key] = company, self.text(template, **facts)
        return known[1]

    def url(self, path: str) -> str:
        """The full address of a path of ours; one in the mall signs the person in.

        ``s=chat`` says by what they come (ADR 82).
        """
        if path.startswith("/m/"):
            return f"{self._public_url}/oauth/login?next={quote(path, safe='/')}&s=chat"
        return f"{self._public_url}{quote(path, safe=_IN_ADDRESS)}"

    def go(self, path: str, label: str) -> Markup:
        """A link to a page of ours."""
        return Markup(f'<a href="{self.url(path)}">{shown(label)}</a>')  # noqa: S704 - shown plain

    def fitted(self, text: str, more: str) -> str:
        """A text cut to WeChat's limit at a line end, with a link to the page that has it all."""
        if len(text.encode()) <= TEXT_BYTES_MAX:
            return text
        tail = f"…\n{self.go(more, '查看全部')}"
        room = TEXT_BYTES_MAX - len(tail.encode())
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
    """A link that sends a command as if typed; characters special in a URL become full-width."""
    word = plain(command).translate(_IN_LINK)
    href = f"weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid={word}"
    return Markup(f'<a href="{href}">{shown(label or command)}</a>')  # noqa: S704 - shown plain


def plain(value: Any) -> str:
    """A value as text that can't form a link; links that we made are left as they are."""
    if isinstance(value, Markup):
        return value
    return str(value).translate(_BRACKETS)


def shown(value: Any) -> str:
    """Like ``plain``; also isolates right-to-left text so that it can't reorder the line."""
    return value if isinstance(value, Markup) else isolated(plain(value))
