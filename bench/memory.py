"""Resident memory of the web process after 10,000 mixed requests: chat, lists, product pages.

``memory:free`` is the same process after another 1,000 pushes with free sentences: what
understands them is read at the first one.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.tools import chatting
from bench.tools.load import Shot
from bench.tools.pages import get
from bench.tools.processes import Generator, Server, generator, redis_server, shop
from bench.tools.report import Round, line, show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, new_shop
from kernel.store import database

MOST_MB = 125
CONNECTIONS = 32
STEP = 500
"""Requests of one burst, which has to end within a minute on a busy machine, too."""


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
        note = f"{before} MB when ready; SQLite, worker inside"
        _show("memory", server, _fire(loader, server, shots), note)
        free = chatting.shots(members, count // 10, aes=False, words=chatting.free_sentences())
        _show("memory:free", server, _fire(loader, server, free), "the same process")


def _fire(loader: Generator, server: Server, shots: Sequence[Shot]) -> list[Round]:
    file, step = loader.keep(shots), min(len(shots), STEP)
    return [
        loader.fire(server, file, first, step, CONNECTIONS)
        for first in range(0, len(shots), step)
    ]  # fmt: skip


def _show(name: str, server: Server, found: Sequence[Round], note: str) -> None:
    said = line(name, found, [], "MB", f"at most {MOST_MB} MB a process", note)
    show(said | {"figure": server.rss_mb(), "limit": MOST_MB})


if __name__ == "__main__":
    main()
