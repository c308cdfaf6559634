"""The time from starting ``python -m app serve`` to its first "ready"."""

from __future__ import annotations

import time

from bench.tools.processes import shop
from bench.tools.report import Round, line, show
from bench.tools.shop import fill_catalog, new_shop
from kernel.store import database


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    rounds = []
    with new_shop() as made:
        fill_catalog(5 if quick else 100)
        database.close()
        for _ in range(1 if quick else 5):
            started = time.perf_counter()
            with shop(made.env, made.folder) as server:
                taken = time.perf_counter() - started
                rounds.append(Round(1, taken, taken * 1000, taken * 1000,
                                    server.cpu_seconds() * 1000, server.rss_mb()))  # fmt: skip
    said = line("start", rounds, [], "s", "at most 1.6 s")
    said["figure"] = round(sorted(each.seconds for each in rounds)[len(rounds) // 2], 2)
    show(said | {"limit": 1.6})


if __name__ == "__main__":
    main()
