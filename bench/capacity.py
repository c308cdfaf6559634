"""The capacity of two web processes under a mixed load over HTTP, with 100,000 past orders.

Of a hundred requests 60 are home, shelf and product, 20 chat, 10 the buyer's orders, 5 checkouts
and 5 the merchant's pages. Runs on PostgreSQL (``PG_URL`` names a database that may be dropped)
and its own Redis; ``CAPACITY_ORDERS`` sets the number of past orders. The goal is 400 requests a
second with a p99 of 400 ms. For comparison the same number of bare aiohttp processes with fixed
answers is printed. Load generators and servers share the machine.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.checkout import Buyers
from bench.tools import chatting
from bench.tools.load import Shot
from bench.tools.pages import get
from bench.tools.processes import Generator, Server, generator, helper, redis_server, shop
from bench.tools.report import Round, in_turn, line, show
from bench.tools.shop import fill_catalog, new_shop
from bench.tools.trade import Trade
from kernel.store import database
from models import Product
from tests.face.desk import COOKIE, hire, open_session
from tests.harness.ports import free_port

PROCESSES = 2
CONNECTIONS = 32  # of each process
KINDS = (
    "page", "page", "chat", "page", "orders", "page", "page", "chat", "page", "checkout",
    "page", "page", "chat", "page", "orders", "page", "page", "chat", "page", "desk",
)  # fmt: skip
DESK = ("/admin/", "/admin/orders", "/admin/orders?q=4321", "/admin/members", "/admin/commission")
LIMIT_IS = "bare aiohttp, as many processes, ready answers; goal: 400/s at p99 <= 400 ms"


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    url = os.environ.get("PG_URL", "")
    if not url and not quick:
        show({"bench": "capacity", "note": "left out: no database URL given"})
        return
    orders = int(os.environ.get("CAPACITY_ORDERS", "300" if quick else "100000"))
    processes = PROCESSES if url else 1  # SQLite serves from one
    count, rounds = (40, 1) if quick else (1_500, 3)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(url, redis=redis))
        loads = _loads(processes, count * (rounds + 1), orders)
        database.close()
        mall, bare = [], []
        for _ in range(processes):
            own = {**made.env, "PORT": str(free_port()), "FENMALL_PRIVATE_PORT": str(free_port())}
            mall.append(stack.enter_context(shop(own, made.folder)))
            bare.append(stack.enter_context(helper("bench.tools.limits", "ready")))
        loaders = [stack.enter_context(generator(_own(folder, n))) for n in range(processes)]
        files = [loader.keep(shots) for loader, shots in zip(loaders, loads, strict=True)]
        plain = [loader.keep([get("/", "", "ready")] * count) for loader in loaders]
        figure, limit = in_turn(
            rounds,
            lambda turn: _fired(loaders, mall, files, turn * count, count),
            lambda _: _fired(loaders, bare, plain, 0, count),
        )
        note = f"{orders} orders; {processes} processes, {processes * CONNECTIONS} connections"
        show(line("capacity", figure, limit, "requests/s", LIMIT_IS, note))


def _own(folder: Path, number: int) -> Path:
    path = folder / str(number)
    path.mkdir()
    return path


def _fired(
    loaders: Sequence[Generator], servers: Sequence[Server], files: Sequence[Path], first: int,
    count: int,
) -> Round:  # fmt: skip
    """Send one burst to all processes at once; returns the sum of requests and the worst times."""
    with ThreadPoolExecutor(len(servers)) as pool:
        rounds = list(pool.map(
            lambda each: each[0].fire(each[1], each[2], first, count, CONNECTIONS),
            zip(loaders, servers, files, strict=True),
        ))  # fmt: skip
    return Round(
        sum(each.count for each in rounds), max(each.seconds for each in rounds),
        max(each.p50_ms for each in rounds), max(each.p99_ms for each in rounds),
        sum(each.cpu_ms for each in rounds) / len(rounds), max(each.rss_mb for each in rounds),
    )  # fmt: skip


def _loads(processes: int, count: int, orders: int) -> list[list[Shot]]:
    """``count`` mixed requests for each process; every checkout is by another member."""
    buys = count // len(KINDS) + 1
    fill_catalog(max(200, processes * buys))
    buyers = Buyers(processes * buys)
    Trade(orders).fill()
    products = [row.id for row in Product.select(Product.id).order_by(Product.id).limit(200)]
    hire("boss", "owner")
    desk = f"{COOKIE}={open_session('boss')}"
    return [
        _mixed(buyers, range(n * buys, (n + 1) * buys), products, desk, count)
        for n in range(processes)
    ]


def _mixed(
    buyers: Buyers, own: range, products: Sequence[int], desk: str, count: int
) -> list[Shot]:  # fmt: skip
    chat = iter(chatting.shots(len(buyers.cookies), count, aes=False))
    buys = iter(own)
    shots = []
    for n in range(count):
        cookie = buyers.cookies[own[n % len(own)]]
        kind = KINDS[n % len(KINDS)]
        if kind == "chat":
            shots.append(next(chat))
        elif kind == "orders":
            shots.append(get("/m/orders", cookie, "我的订单"))
        elif kind == "page":
            shots.append(_page(n, products, cookie))
        elif kind == "checkout":
            shots.append(buyers.shot(next(buys)))
        else:
            shots.append(get(DESK[n // len(KINDS) % len(DESK)], desk, "退出"))
    return shots


def _page(n: int, products: Sequence[int], cookie: str) -> Shot:
    path = ("/m/", f"/m/category?page={n % 5 + 1}", f"/m/p/{products[n % len(products)]}")[n % 3]
    return get(path, cookie, "山泉坊")


if __name__ == "__main__":
    main()
