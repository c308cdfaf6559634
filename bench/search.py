"""The search for goods: 10,000 products of different names, a page of results rendered.

The limit runs the same statements by the bare driver, one after the other, and renders one page
that is ready. Always runs on SQLite; on servers only if ``PG_URL`` and ``MYSQL_URL`` name a
database that may be dropped (its name begins with ``bench``). ``SEARCH_PRODUCTS`` sets the number.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bench.tools.pages import ready
from bench.tools.replay import Bare, Statement, recorded
from bench.tools.report import Round, in_turn, line, of_times, show
from bench.tools.shop import fill_catalog, new_shop
from domain import pricing
from domain.search import index_missing
from domain.search.wiring import subscribe_all
from kernel.store import database
from mall_h5.shop.filters import Sought
from models import Product, ProductSearch

LIMIT_IS = "the same statements by the bare driver and one ready page rendered"
NAMES = """
山泉 清溪 松鹤 云岭 古泉 金谷 青禾 白鹿 紫陶 长河 东篱 南山 玉泉 石门 竹溪 梅坞 桃源 临江 望岳 听雨
陈酿 窖藏 坛藏 头曲 特曲 大曲 老酒 珍品 礼盒 小酒 桂花 青梅 高粱 原浆 封坛 佳宴 喜宴 年华 经典 臻享
"""
HOUSES, SERIES = (row.split() for row in NAMES.strip().splitlines())
ASKED = (
    "{house}{series}", "{series}", "{house} {series}", "{series} 52度", "{house}",
    "{series}300以上",
    "{house}坊{series}500ml", "shanquan", "chenniang {house}", "{series}礼盒",
)  # fmt: skip


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, quick)
        else:
            show({"bench": f"search_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, quick: bool) -> None:
    products = 200 if quick else int(os.environ.get("SEARCH_PRODUCTS", "10000"))
    with new_shop(url) as made:
        _fill(products)
        page = _Page(made.database_url)
        asked = [
            form.format(house=HOUSES[n % 20], series=SERIES[n * 7 % 20])
            for n, form in enumerate(ASKED * (2 if quick else 20))
        ]
        said = {words: recorded(partial(pricing.shelf, words=words)) for words in set(asked)}
        bare = Bare(made.database_url)
        figure, bound = in_turn(
            1 if quick else 5,
            lambda _: _timed(asked, page.found),
            lambda _: _timed(asked, lambda words: page.bare(bare, said[words])),
        )
    note = f"{products} products, {len(set(asked))} searches"
    show(line(f"search_{engine}", figure, bound, "pages/s", LIMIT_IS, note))


def _fill(products: int) -> None:
    subscribe_all()
    fill_catalog(products)
    with database.atomic():
        for row in list(Product.select(Product.id)):
            title = f"{HOUSES[row.id % 20]}坊·{SERIES[row.id // 20 % 20]}{row.id // 400:02d}号"
            Product.update(title=title).where(Product.id == row.id).execute()
        ProductSearch.delete().execute()
        while index_missing(1000):
            pass


class _Page:
    """The page of a search, by the shop and by the limit."""

    def __init__(self, url: str) -> None:
        self._renderer, self._template, self._context = ready("page_list", url)
        self._ready = self._context | {"sought": Sought(words="陈酿"), "words": "陈酿"}

    def found(self, words: str) -> None:
        """Search, and render what was found."""
        shelf = pricing.shelf(words=words)
        assert shelf.cards, words
        self._render(self._context | {
            "shelf": shelf, "words": words, "sought": Sought(words=words)})  # fmt: skip

    def bare(self, bare: Bare, statements: Sequence[Statement]) -> None:
        """Run the statements by the driver, and render a page that is ready."""
        bare.send(statements)
        self._render(self._ready)

    def _render(self, context: dict[str, Any]) -> None:
        assert self._renderer.env.get_template(self._template).render(context)


def _timed(asked: list[str], run: Callable[[str], None]) -> Round:
    taken, cpu = [], time.process_time()
    for words in asked:
        started = time.perf_counter()
        run(words)
        taken.append(time.perf_counter() - started)
    return of_times(taken, time.process_time() - cpu)


if __name__ == "__main__":
    main()
