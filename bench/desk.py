"""The merchant's pages after a year of trade, opened by the owner over HTTP.

``DESK_ORDERS`` sets the number of orders (default 20,000; 100,000 take a minute to insert). There
is no limit to compare with: the time of each page is printed, to see which ones become slow.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path

from bench.tools.report import Round, line, of_times, show
from bench.tools.year import FIRST, fill_year
from tests.databases import fresh
from tests.harness.merchant import Merchant
from tests.harness.world import World, open_world

PAGES = {
    "today": "", "month": "?days=30", "orders": "orders", "done": "orders?tab=done",
    "to_ship": "orders?tab=to_ship", "by_words": "orders?q=4321", "search": "search?q=ORDYEAR0000",
    "order": "orders/ORDYEAR000000000123", "refunds": "refunds", "stock": "stock",
    "distributors": "distributors", "distributor": f"distributors/{FIRST + 1}",
    "commission": "commission", "withdrawals": "withdrawals", "members": "members",
    "member": f"members/{FIRST + 1}", "push": "push", "campaign": f"push/{FIRST}",
    "audit": "audit", "outbox": "outbox",
}  # fmt: skip
TIMES = 3


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)  # the worker's warnings about the generated rows
    orders = 300 if quick else int(os.environ.get("DESK_ORDERS", "20000"))
    asyncio.run(_measure(orders))


async def _measure(orders: int) -> None:
    with tempfile.TemporaryDirectory(prefix="fenmall-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/desk.sqlite3"
        await asyncio.to_thread(fresh, url)
        async with open_world(folder, url) as world:
            fill_year(orders)
            rounds, said = await _opened(world)
            note = f"{orders} orders; {said}"
            show(line("desk", rounds, (), "pages/s", "none: see each page's ms", note))


async def _opened(world: World) -> tuple[list[Round], str]:
    """Open each page ``TIMES`` times; returns the rounds, and each page's median as text."""
    owner = await Merchant(world).sign_in()
    taken: dict[str, list[float]] = {page: [] for page in PAGES}
    rounds = []
    for _ in range(TIMES):
        times, cpu = [], time.process_time()
        for page, path in PAGES.items():
            started = time.perf_counter()
            found = await owner.open(f"/admin/{path}")
            times.append(time.perf_counter() - started)
            taken[page].append(times[-1])
            assert found.status == 200, (page, found.status)
            assert "/sign-in" not in found.url, page
        rounds.append(of_times(times, time.process_time() - cpu))
    each = {page: statistics.median(times) * 1000 for page, times in taken.items()}
    slowest = sorted(each, key=lambda page: -each[page])
    return rounds, ", ".join(f"{page} {each[page]:.0f} ms" for page in slowest)


if __name__ == "__main__":
    main()
