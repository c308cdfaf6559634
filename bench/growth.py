"""Everyday operations after 10,000, 100,000 and 500,000 orders: none may become slower.

Runs on PostgreSQL and MariaDB if ``PG_URL`` and ``MYSQL_URL`` name a database that may be dropped
(its name begins with ``bench``). ``GROWTH_ORDERS`` sets the sizes, as in "10000,100000". Each
operation is done over HTTP as by a person, one at a time; the median is printed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.tools.report import percentiles, show
from bench.tools.shop import fill_catalog
from bench.tools.trade import CAMPAIGNS, FIRST, Trade
from domain import overview
from kernel.store import database
from models import Sku
from tests.databases import fresh
from tests.harness.merchant import Merchant
from tests.harness.story import ADDRESS
from tests.harness.world import AGENT, Page, Phone, World, open_world

SIZES = "10000,100000,500000"
GOAL_MS, TODAY_GOAL_MS = 60, 100
TIMES = 7
PRODUCTS = 200
Operation = Callable[[], Awaitable[float]]


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine, in the order of the sizes."""
    logging.disable(logging.WARNING)  # the worker's warnings about the generated rows
    sizes = os.environ.get("GROWTH_ORDERS", "300" if quick else SIZES)
    urls = {"postgresql": os.environ.get("PG_URL", ""), "mariadb": os.environ.get("MYSQL_URL", "")}
    if quick and not any(urls.values()):
        urls["sqlite"] = "sqlite"
    for engine, url in urls.items():
        if not url:
            show({"bench": f"growth_{engine}", "note": "left out: no database URL given"})
            continue
        if url != "sqlite" and not url.rsplit("/", 1)[-1].startswith("bench"):
            raise SystemExit("the database is dropped first: its name must begin with bench")
        for size in sizes.split(","):
            asyncio.run(_measure(engine, url, int(size), 2 if quick else TIMES))


async def _measure(engine: str, url: str, orders: int, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="fenmall-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/growth.sqlite3" if url == "sqlite" else url
        await asyncio.to_thread(fresh, url)
        async with open_world(folder, url) as world:
            started = time.perf_counter()
            fill_catalog(PRODUCTS)
            trade = Trade(orders)
            trade.fill()
            await world.runtime.store.write(overview.seal_due)  # as its job does each hour
            filled = time.perf_counter() - started
            for title, operation in (await _operations(world, trade)).items():
                taken = await _taken(operation, times)
                show(_line(engine, title, orders, taken, f"filled in {filled:.0f} s"))
            database.close()  # this thread's: the next size begins with an empty database


async def _taken(operation: Operation, times: int) -> list[float]:
    """Milliseconds of each run, without a first run that fills the caches."""
    return [await operation() for _ in range(times + 1)][1:]


async def _timed(answer: Awaitable[Page | str]) -> float:
    started = time.perf_counter()
    found = await answer
    taken = (time.perf_counter() - started) * 1000
    if isinstance(found, Page):
        assert found.status == 200, (found.url, found.status)
        assert "/sign-in" not in found.url, found.url
    else:
        assert found
    return taken


def _line(engine: str, title: str, orders: int, taken: list[float], note: str) -> dict[str, Any]:
    goal = TODAY_GOAL_MS if title == "today" else GOAL_MS
    p50, p99 = percentiles(taken)
    middle = statistics.median(taken)
    return {
        "bench": f"growth_{engine}:{title}", "orders": orders,
        "figure": round(middle, 1), "unit": "ms", "limit": goal,
        "limit_is": "the goal at 500,000 orders", "ratio": round(middle / goal, 2),
        "p50_ms": round(p50, 1), "p99_ms": round(p99, 1), "best_ms": round(min(taken), 1),
        "runs": len(taken), "note": f"{note}; load {os.getloadavg()[0]:.1f}",
    }  # fmt: skip


async def _operations(world: World, trade: Trade) -> dict[str, Operation]:
    """The operations of a member, a shopper and the owner, by name."""
    owner = await Merchant(world).sign_in()
    phone = await world.phone("bench")
    await phone.follow()
    await phone.open("/m/me")
    product = f"/m/p/{Sku.select().order_by(Sku.id.desc()).first().product_id}"
    pages = {
        "today": "/admin/?days=30",
        "order_desk": "/admin/orders",
        "order_search": f"/admin/orders?q={1_000 + 7 * (trade.orders // 3) % 9_000}",
        "order_search_name": "/admin/orders?q=王",
        "members": "/admin/members",
        "distributors": "/admin/distributors",
        "commission": "/admin/commission",
        "campaign": f"/admin/push/{FIRST + CAMPAIGNS // 2}",
        "campaigns": "/admin/push",
        "audit": "/admin/audit?kind=setting",
    }
    return {
        "chat_reply": lambda: _timed(phone.say("帮助")),
        "product_list": lambda: _timed(phone.open("/m/category?page=2")),
        "product": lambda: _timed(phone.open(product)),
        "checkout": lambda: _checkout(phone, product),
    } | {title: _page_of(owner, path) for title, path in pages.items()}


def _page_of(owner: Merchant, path: str) -> Operation:
    return lambda: _timed(owner.open(path))


async def _checkout(phone: Phone, product: str) -> float:
    """Milliseconds of 提交订单; opening the form before it is not measured."""
    page = await phone.open(product)
    page = await phone.submit(page.form("/m/cart"), qty="1", to="buy")
    form = page.form("/m/checkout")
    fields = form.fields | (ADDRESS if "name" in form.fields else {}) | {"adult": "1"}
    return await _timed(_place(phone, form.action, fields))


async def _place(phone: Phone, url: str, fields: dict[str, str]) -> str:
    headers = {"User-Agent": AGENT}
    async with phone.session.post(
        url, data=fields, headers=headers, allow_redirects=False
    ) as response:
        assert response.status == 303, (response.status, await response.text())
        return response.headers["Location"]
