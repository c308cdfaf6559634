"""A rush (抢购): thousands of members order one SKU at the same moment, over HTTP.

First 1,000 are in stock and 5,000 members buy: 1,000 get an order, and all others the answer that
it is sold out. Then there is enough stock for all. Always runs on SQLite; on servers only if
``PG_URL`` and ``MYSQL_URL`` name a database that may be dropped (its name begins with ``bench``).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.wiring import subscribe_all
from bench.checkout import FORM
from bench.tools import replay
from bench.tools.load import Shot
from bench.tools.processes import Generator, Server, generator, helper, redis_server, shop
from bench.tools.queued import ADDRESS, BUYER, SOLD_OUT, Recorded, Told
from bench.tools.report import Round, in_turn, line, show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, first_skus, new_shop
from domain import catalog, members, orders
from domain.orders import PlaceOrder, place_checkout
from kernel import clock
from kernel.store import CommandKey, command, database
from kernel.web.browsers import Browser
from models import Address, Member, Order, OrderLine, Sku

CONNECTIONS = 256
PLENTY = 1_000_000
KINDS = 4
LIMIT_IS = (
    "the same batch transaction by the bare driver behind an aiohttp handler that only queues"
)


@dataclass(frozen=True)
class Size:
    """The size of a rush; ``seconds`` limits a round with enough stock for all."""

    buyers: int
    stock: int
    rounds: int
    seconds: float


LARGE = Size(buyers=5_000, stock=1_000, rounds=3, seconds=10 / 3)
SMALL = Size(buyers=60, stock=20, rounds=1, seconds=0.2)


class Rush:
    """Members who can buy, a SKU for each round of each kind, and the requests.

    The kinds of round are: little stock with the shop, little stock with the limit, plenty of
    stock with the shop, plenty of stock with the limit.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        fill_catalog(KINDS * (size.rounds + 1), size.stock)
        self.skus = first_skus()
        fill_members(size.buyers)
        self.cookies = fill_sessions(size.buyers)
        Member.insert(id=BUYER, public_no="BENCH", created_at=clock.now()).execute()
        with database.atomic():
            for number, (sku, _) in enumerate(self.skus):
                if self.is_plenty(number):
                    catalog.adjust_stock(sku, PLENTY, "bench")
            self.addresses = [members.save_address(n, FORM) for n in range(1, size.buyers + 1)]
            made = members.save_address(BUYER, FORM)
            Address.update(id=ADDRESS).where(Address.id == made).execute()
            (_, quote) = orders.preview_order([(self.skus[0][0], 1)], FORM.province)
            self.freight = quote.freight_fen
        replay.lift_order_ids()
        self.recorded = [self._record(number) for number in range(len(self.skus))]
        database.close()

    def is_plenty(self, number: int) -> bool:
        """Whether the n-th SKU has enough stock for all."""
        return number % KINDS > 1

    def shots(self, number: int) -> list[Shot]:
        """The requests of all buyers for the n-th SKU, to the shop or to the limit."""
        is_limit = number % 2 == 1
        return [self._shot(number, buyer, is_limit) for buyer in range(self.size.buyers)]

    def _shot(self, number: int, buyer: int, is_limit: bool) -> Shot:
        sku, price = self.skus[number]
        cookie = self.cookies[buyer]
        body = urlencode({
            "_csrf": Browser.csrf_of(cookie.split("fm_s=")[1].split(";")[0]),
            "_idem": f"rush-{number:03d}-{buyer:07d}", "item": f"{sku}:1:{price}",
            "expected_payable_fen": price + self.freight, "seen_freight": self.freight,
            "seen_reduction": 0, "address": self.addresses[buyer], "note": "", "adult": "1",
        })  # fmt: skip
        query = f"?sku={number}&buyer={buyer}" if is_limit else ""
        head = (
            f"POST /m/checkout{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        refusal = None if self.is_plenty(number) else SOLD_OUT.encode()
        return Shot((head + body).encode(), b"Location: /m/pay/ORD", b"303", refusal)

    def _record(self, number: int) -> Recorded:
        """The SQL statements of an order of the n-th SKU."""
        sku, price = self.skus[number]
        order = PlaceOrder(
            member_id=BUYER,
            items=((sku, 1),),
            note="",
            address_id=ADDRESS,
            expected_payable_fen=price + self.freight,
            is_adult=True,
        )
        key = CommandKey(f"member:{BUYER}", "place_checkout", f"rush-record-{number}", [])
        made: dict[str, Any] = {}
        statements = replay.recorded(
            lambda: made.update(command(key, place_checkout, order, None))
        )
        return Recorded(statements, made["order_no"], made["order_id"], key.key)

    def check(self, number: int, answered: int, refused: int) -> None:
        """Check that orders and stock agree with the answers, with one order per member."""
        sku, _ = self.skus[number]
        lines: Any = OrderLine.select(OrderLine.order).where(OrderLine.sku == sku)
        buyers = Order.select(Order.member).where(Order.id.in_(lines)).distinct().count()
        row = Sku.get_by_id(sku)
        stock = self.size.stock + PLENTY * self.is_plenty(number)
        placed = answered - refused
        found = (lines.count(), buyers, row.held, row.stock, row.sold)
        assert found == (placed, placed, placed, stock - placed, 0), (found, placed)
        if not self.is_plenty(number):
            assert row.stock == max(stock - answered, 0), row.stock
        database.close()


class Runner:
    """Sends a round to the shop or to the limit and checks the result."""

    def __init__(self, rush: Rush, loader: Generator, shop: Server, limit: Server) -> None:
        self._rush, self._loader = rush, loader
        self._servers = (shop, limit)
        self._files = [loader.keep(rush.shots(n)) for n in range(len(rush.skus))]

    def round(self, kind: int, turn: int) -> Round:
        """Run one rush, which has its own SKU."""
        number, size = KINDS * turn + kind, self._rush.size
        seconds = size.seconds if self._rush.is_plenty(number) else None
        done = self._loader.fire(
            self._servers[kind % 2], self._files[number], 0, size.buyers, CONNECTIONS, seconds
        )
        self._rush.check(number, done.count, self._loader.refused)
        return done


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, SMALL if quick else LARGE)
        else:
            show({"bench": f"rush_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, size: Size) -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(url, redis=redis))
        subscribe_all()
        rush = Rush(size)
        told = folder / "told.pickle"
        told.write_bytes(pickle.dumps(Told(made.database_url, rush.recorded, rush.addresses)))
        server = stack.enter_context(shop(made.env, made.folder))
        limit = stack.enter_context(helper("bench.tools.queued", str(told)))
        loader = stack.enter_context(generator(folder))
        runner = Runner(rush, loader, server, limit)
        few, few_limit, plenty, plenty_limit = in_turn(
            size.rounds, *(partial(runner.round, kind) for kind in range(KINDS))
        )
        gaps = catalog.skus_out_of_balance()
        assert not gaps, f"stock that is not accounted for: {gaps}"
        database.close()
        note = f"{size.stock} in stock, {size.buyers} buyers a round, none oversold"
        ample = f"{size.buyers} buyers, {size.rounds * size.seconds:.0f} s at most"
        show(line(f"rush_{engine}", few, few_limit, "answers/s", LIMIT_IS, note),
             line(f"rush_{engine}:plenty", plenty, plenty_limit, "orders/s",
                  LIMIT_IS, ample))  # fmt: skip


if __name__ == "__main__":
    main()
