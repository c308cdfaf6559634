"""Resident memory of the web process after 10,000 mixed requests: chat, lists, product pages."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from bench.tools import chatting
from bench.tools.pages import get
from bench.tools.processes import generator, redis_server, shop
from bench.tools.report import line, show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, new_shop
from kernel.store import database


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    count, products, members = (90, 20, 20) if quick else (10_000, 1_000, 500)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(redis=redis))
        ids = fill_catalog(products)
        fill_members(members)
        cookies = fill_sessions(members)
        database.close()
        said = chatting.shots(members, count // 3 + 1, aes=False)
        shots = []
        for n in range(count):
            cookie = cookies[n % members]
            if n % 3 == 0:
                shots.append(said[n // 3])
            elif n % 3 == 1:
                shots.append(get(f"/m/p/{ids[n % products]}", cookie, "山泉坊"))
            else:
                shots.append(get("/m/category", cookie, "山泉坊"))
        server = stack.enter_context(shop(made.env, made.folder))
        before = server.rss_mb()
        loader = stack.enter_context(generator(folder))
        found = loader.fire(server, loader.keep(shots), 0, count)
        note = f"{before} MB when ready; {found.rate:.0f} requests/s; SQLite, worker inside"
        made_line = line("memory", [found], [], "MB", "at most 125 MB a process", note)
        show(made_line | {"figure": server.rss_mb(), "limit": 125})


if __name__ == "__main__":
    main()
