"""Pages under load: the requests of a signed-in shopper, and the limit's template."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from app.runtime import first_business
from bench.tools.load import Shot
from bench.tools.processes import generator, helper, redis_server, shop
from bench.tools.report import in_turn, line, show
from bench.tools.shop import SECRET, fill_catalog, fill_members, fill_sessions, new_shop
from domain import catalog, legal, promises
from domain.catalog.queries import PAGE
from kernel import clock
from kernel.config import parse
from kernel.crypto import Vault, install_vault
from kernel.store import database, open_database
from kernel.web import parts
from kernel.web.templates import ROOT, Renderer
from mall_h5.shop.filters import Sought
from mall_h5.tiles import rendered
from mall_h5.words import FILTERS

LIMIT_IS = "aiohttp rendering one ready dataclass through the same template"
AGENT = "Mozilla/5.0 (Linux; Android 14; Phone) AppleWebKit/537.36 Chrome/122.0 Mobile"


def get(path: str, cookie: str, expected: str) -> Shot:
    """The request of a page by a signed-in shopper."""
    head = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\n"
        f"Accept: text/html\r\nCookie: {cookie}\r\n\r\n"
    )
    return Shot(head.encode(), expected.encode())


def measure(name: str, *, quick: bool) -> None:
    """Measure ``page_list`` or ``page_detail`` and print its line."""
    products, members, count, rounds = (30, 10, 40, 1) if quick else (1_000, 200, 1_200, 5)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(redis=redis))
        ids = fill_catalog(products)
        fill_members(members)
        cookies = fill_sessions(members)
        database.close()
        mall = stack.enter_context(shop(made.env, made.folder))
        limit = stack.enter_context(helper("bench.tools.limits", "page", name, made.database_url))
        loader = stack.enter_context(generator(folder))
        shots = [_shot(name, ids, n, cookies[n % members]) for n in range(min(count, products))]
        file = loader.keep((shots * (count // len(shots) + 1))[:count])
        same = loader.keep([Shot(shot.request, "山泉坊·陈酿".encode()) for shot in shots] * 2)
        figure, bound = in_turn(
            rounds,
            lambda _: loader.fire(mall, file, 0, count),
            lambda _: loader.fire(limit, same, 0, min(count, 2 * len(shots))),
        )
        show(line(name, figure, bound, "pages/s", LIMIT_IS, f"{products} products"))


def _shot(name: str, ids: list[int], number: int, cookie: str) -> Shot:
    if name == "page_list":
        pages = max(len(ids) // PAGE // 2, 1)
        page = number % pages + 1
        first = (page - 1) * PAGE
        return get(f"/m/category?page={page}", cookie, f"山泉坊·陈酿{first:04d}")
    return get(f"/m/p/{ids[number]}", cookie, f'<h1 class="head">山泉坊·陈酿{number:04d}')


@pass_environment
def _rendered_tile(env: Environment, card: catalog.ProductCard, *, hero: bool = False) -> Markup:
    return rendered(env, card, hero)


@pass_environment
def _rendered_part(env: Environment, template: str, **facts: Any) -> Markup:
    return Markup(parts.rendered(env, template, facts))


@pass_environment
def _rendered_form_part(env: Environment, template: str, csrf_token: str, **facts: Any) -> Markup:
    return _rendered_part(env, template, csrf_token=csrf_token, **facts)


def ready(name: str, url: str) -> tuple[Renderer, str, dict[str, Any]]:
    """The mall's renderer, a page's template, and its context."""
    install_vault(Vault.from_secret(SECRET))
    open_database(url)
    env = {"FENMALL_ENV": "test", "PAY_PRIVATE_KEY": "-----BEGIN", "PAY_PUBLIC_KEY": "-----BEGIN"}
    config = parse((ROOT / "config.yaml").read_text(encoding="utf-8"), "config.yaml",
                   {**os.environ, **env}, ROOT)  # fmt: skip
    legal.set_first_values(config.site.name, first_business(config))
    renderer = Renderer(config)
    renderer.env.filters.update(FILTERS)
    renderer.env.filters["tile"] = _rendered_tile  # the limit keeps nothing that it rendered
    renderer.env.globals.update(part=_rendered_part, form_part=_rendered_form_part)
    context: dict[str, Any] = {
        "request_path": "/m/", "request_query": "", "csrf_token": "0" * 40, "care_mode": False,
        "in_wechat": False, "is_signed_in": True, "is_fragment": False, "flash": None,
        "now": clock.now(), "promised": promises.current(),
        "company": legal.business(),
    }  # fmt: skip
    if name == "page_list":
        found = {
            "shelf": catalog.shelf(),
            "categories": catalog.list_shown_categories(),
            "words": "",
            "sought": Sought(),
        }
        return renderer, "h5/shop/shelf.html", context | found
    product_id = catalog.home(1).cards[0].id
    product = catalog.product_page(product_id)
    found = {"product": product, "chosen": product.skus[0].id, "jssdk": None}
    return renderer, "h5/shop/product.html", context | found
