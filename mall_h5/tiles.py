"""Product tiles of the mall's grids; a process keeps those that it rendered.

A tile shows nothing but its card, which is frozen, so equal cards have equal tiles. Of a list's
page tiles are most of the work.
"""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from domain.catalog import ProductCard

KEPT_MOST = 1_000
"""Tiles kept by a process, of 1.2 kB each."""


@pass_environment
def tile(env: Environment, card: ProductCard, *, hero: bool = False) -> Markup:
    """The tile of a card; ``hero`` is the first of a page, whose picture is loaded first."""
    return rendered(env, card, hero) if env.auto_reload else _kept(env, card, hero)


def rendered(env: Environment, card: ProductCard, hero: bool) -> Markup:
    """Render a tile."""
    text = env.get_template("h5/shop/_tile.html").render(card=card, hero=hero)
    return Markup(text)  # noqa: S704 - rendered with autoescape


_kept = lru_cache(maxsize=KEPT_MOST)(rendered)
