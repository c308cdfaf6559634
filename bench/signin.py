"""The cart page's p99 while attackers try passwords by 30 concurrent sign-ins, and without them.

Each attack uses another login and address, so that no limit stops it and every one needs a hash.
In ``signin`` each of the 30 tries again half a second after its answer, in ``signin:flood`` at
once, which also floods the server with requests. The figure is the p99 with attacks, the limit
that without, and the ratio must stay below two.
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench.tools.load import Shot
from bench.tools.pages import get
from bench.tools.processes import Generator, Server, generator, redis_server, shop
from bench.tools.report import Round, in_turn, line, show
from bench.tools.shop import (
    fill_catalog,
    fill_members,
    fill_sessions,
    first_skus,
    in_rows,
    new_shop,
)
from domain import cart
from kernel import clock
from kernel.ids import token
from kernel.store import database
from kernel.web.browsers import Browser
from models import CartLine

HOSTILE = 30
SHOPPERS = 4
MEMBERS = 20
PAUSE = 0.5
LEAD_SECONDS = 1.0
TURN = 2_000  # prepared guesses of a round, each used once
LIMIT_IS = "p99 of the same page with nobody trying passwords"


@dataclass
class Siege:
    """Attackers who try passwords beside the shoppers, and the statuses of their answers."""

    server: Server
    loader: Generator
    attacker: Generator
    carts: Path
    guesses: Path
    count: int
    seconds: float
    used: int = 0
    answered: Counter[str] = field(default_factory=Counter)

    def quiet(self, _: int) -> Round:
        """A round with shoppers only."""
        return self.loader.fire(self.server, self.carts, 0, self.count, SHOPPERS, self.seconds)

    def beside(self, pause: float) -> Callable[[int], Round]:
        """A round with shoppers and 30 concurrent sign-ins."""

        def run(number: int) -> Round:
            seconds = self.seconds + LEAD_SECONDS
            first, self.used = self.used, self.used + TURN
            self.attacker.begin(self.server, self.guesses, first, TURN, HOSTILE, seconds, pause)
            time.sleep(LEAD_SECONDS)
            done = self.quiet(number)
            self.answered.update(self.attacker.end())
            return done

        return run


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    rounds, seconds, count = (1, 1.0, 1_000) if quick else (4, 3.0, 5_000)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(redis=redis))
        cookies = _fill()
        server = stack.enter_context(shop(made.env, made.folder))
        loader = stack.enter_context(generator(folder))
        (there := folder / "attacker").mkdir()
        attacker = stack.enter_context(generator(there))
        pages = [get("/m/cart", cookies[n % MEMBERS], "山泉坊·陈酿") for n in range(count)]
        guesses = [_guess(n) for n in range(2 * (rounds + 1) * TURN)]
        siege = Siege(
            server, loader, attacker, loader.keep(pages), attacker.keep(guesses), count, seconds
        )
        for name, pause in (("signin", PAUSE), ("signin:flood", 0.0)):
            siege.answered.clear()
            beside, alone = in_turn(rounds, siege.beside(pause), siege.quiet)
            show(_said(name, beside, alone, dict(siege.answered)))


def _said(
    name: str, beside: list[Round], alone: list[Round], answered: dict[str, int]
) -> dict[str, object]:
    note = f"{HOSTILE} in flight, answered by status: {answered}; ratio is of p99, to stay below 2"
    said = line(name, beside, alone, "ms", LIMIT_IS, note)
    figure, limit = (statistics.median(r.p99_ms for r in rs) for rs in (beside, alone))
    return said | {
        "figure": round(figure, 1), "limit": round(limit, 1), "ratio": round(figure / limit, 2),
    }  # fmt: skip


def _fill() -> list[str]:
    """Create members with filled carts; returns their Cookie headers."""
    fill_catalog(20)
    fill_members(MEMBERS)
    cookies = fill_sessions(MEMBERS)
    now = clock.now()
    in_rows(CartLine, [
        {"owner": cart.member_owner(n), "sku": sku, "quantity": 1, "seen_price_fen": price,
         "added_at": now}
        for n in range(1, MEMBERS + 1) for sku, price in first_skus()[:4]
    ])  # fmt: skip
    database.close()
    return cookies


def _guess(number: int) -> Shot:
    """The request of a wrong password, with its own login and address."""
    cookie = token()
    body = urlencode({
        "_csrf": Browser.csrf_of(cookie), "login": f"somebody-{number}", "password": "x" * 12,
    })  # fmt: skip
    head = (
        f"POST /admin/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: fm_admin={cookie}\r\n"
        f"X-Forwarded-For: 198.{18 + number // 65_536}.{number // 256 % 256}.{number % 256}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Shot((head + body).encode(), b"", b"")


if __name__ == "__main__":
    main()
