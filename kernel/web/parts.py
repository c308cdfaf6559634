"""Parts of pages that show nothing but frozen facts; a process keeps those that it rendered.

Equal facts have equal parts, so that nothing in a kept part can be stale. A template that is used
as a part sees its facts and the shared names only: the time, the path or the form token of a
request would be an undefined name there. ``form_part`` sets the token in afterwards.

Kept parts are compressed: 20 µs a page for a quarter of the memory.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from kernel.ids import nonce

KEPT_MOST = 4_000
"""Parts kept by a process, of 0.3 to 2 kB each: three for each product that is looked at."""

LEVEL = 1
_SLOT = f"token-{nonce(26)}"
"""What stands for the form token in a kept part; nobody outside this process knows it."""


@pass_environment
def part(env: Environment, template: str, **facts: Any) -> Markup:
    """A rendered part of a page. Its facts must be frozen."""
    return Markup(_text(env, template, facts))  # noqa: S704 - rendered with autoescape


@pass_environment
def form_part(env: Environment, template: str, csrf_token: str, **facts: Any) -> Markup:
    """A rendered part with forms, which carry the form token of this request."""
    text = _text(env, template, facts | {"csrf_token": _SLOT})
    return Markup(text.replace(_SLOT, escape(csrf_token)))  # noqa: S704 - the same


def _text(env: Environment, template: str, facts: dict[str, Any]) -> str:
    if env.auto_reload:
        return rendered(env, template, facts)
    return zlib.decompress(_kept(env, template, tuple(facts.items()))).decode()


def rendered(env: Environment, template: str, facts: dict[str, Any]) -> str:
    """Render a part."""
    return env.get_template(template).render(facts)


@lru_cache(maxsize=KEPT_MOST)
def _kept(env: Environment, template: str, facts: tuple[tuple[str, Any], ...]) -> bytes:
    return zlib.compress(rendered(env, template, dict(facts)).encode(), LEVEL)
