"""Checkout: 提交订单 over HTTP, from a filled cart to the unpaid order; members and SKUs differ.

Always runs on SQLite; on servers only if ``PG_URL`` and ``MYSQL_URL`` name a database that may be
dropped (its name begins with ``bench``).
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.wiring import subscribe_all
from bench.tools import replay
from bench.tools.load import Shot
from bench.tools.pages import get
from bench.tools.processes import generator, redis_server, shop
from bench.tools.report import in_turn, line, show
from bench.tools.shop import (
    fill_catalog,
    fill_members,
    fill_sessions,
    first_skus,
    in_rows,
    new_shop,
)
from domain import cart, members, orders
from domain.members import AddressForm
from domain.members import sessions as member_sessions
from domain.orders import PlaceOrder, place_checkout
from kernel import clock
from kernel.store import CommandKey, command, database
from kernel.web.browsers import Browser
from models import CartLine, Order

CONNECTIONS = 32
FORM = AddressForm("小林", "13800138000", "四川省", "泸州市", "江阳区", "山泉路 1 号")
LIMIT_IS = "the same statements and rows by the bare driver, no HTTP: "


class Buyers:
    """Members with an address and a filled cart, and their requests of 提交订单."""

    def __init__(self, count: int) -> None:
        fill_members(count)
        self.cookies = fill_sessions(count)
        self.skus = first_skus()
        now = clock.now()
        in_rows(CartLine, [
            {"owner": cart.member_owner(n), "sku": sku, "quantity": 1, "seen_price_fen": price,
             "added_at": now}
            for n, (sku, price) in enumerate(self.skus[:count], 1)
        ])  # fmt: skip
        with database.atomic():
            self.addresses = [members.save_address(n, FORM) for n in range(1, count + 1)]
            (_, quote) = orders.preview_order([(self.skus[0][0], 1)], FORM.province)
            self.freight = quote.freight_fen

    def expected(self, number: int) -> int:
        """The payable amount in fen that the n-th buyer's page showed."""
        return self.skus[number][1] + self.freight

    def shot(self, number: int) -> Shot:
        """The request of the n-th buyer's form."""
        cookie = self.cookies[number]
        sku, price = self.skus[number]
        body = urlencode({
            "_csrf": Browser.csrf_of(cookie.split("fm_s=")[1].split(";")[0]),
            "_idem": f"bench-{number:010d}", "from": "cart", "item": f"{sku}:1:{price}",
            "expected_payable_fen": self.expected(number), "seen_freight": self.freight,
            "seen_reduction": 0, "address": self.addresses[number], "note": "", "adult": "1",
        })  # fmt: skip
        head = (
            f"POST /m/checkout HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Shot((head + body).encode(), b"Location: /m/pay/ORD", b"303")

    def statements(self, number: int) -> list[replay.Statement]:
        """The SQL statements of the n-th buyer's order."""
        member = number + 1
        order = PlaceOrder(
            member_id=member,
            items=((self.skus[number][0], 1),),
            note="",
            address_id=self.addresses[number],
            expected_payable_fen=self.expected(number),
            is_adult=True,
            exempt_confirmed=(),
            cart_owner=cart.member_owner(member),
        )
        key = CommandKey(f"member:{member}", "place_checkout", f"bench-{number:010d}", [])
        name = self.cookies[number].split("fm_s=")[1].split(";")[0]

        def run() -> None:
            member_sessions.find_session(name)
            command(key, place_checkout, order, None)

        return replay.recorded(run)


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, quick)
        else:
            show({"bench": f"checkout_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, quick: bool) -> None:
    count, rounds = (10, 1) if quick else (160, 4)
    turns = rounds + 1
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(url, redis=redis))
        subscribe_all()
        fill_catalog(3 * count * turns)
        buyers = Buyers(3 * count * turns)
        replay.lift_order_ids()
        bare = [buyers.statements(n) for n in range(count * turns, 3 * count * turns)]
        database.close()
        server = stack.enter_context(shop(made.env, made.folder))
        loader = stack.enter_context(generator(folder))
        shots = loader.keep([buyers.shot(n) for n in range(count * turns)])
        pages = loader.keep([
            get(f"/m/checkout?sku={buyers.skus[n][0]}&qty=1", buyers.cookies[n], "确认订单")
            for n in range(count * turns)
        ])  # fmt: skip
        half = count * turns  # of the bare orders, for the second limit
        shown, figure, limit, single = in_turn(
            rounds,
            lambda turn: loader.fire(server, pages, turn * count, count, CONNECTIONS),
            lambda turn: loader.fire(server, shots, turn * count, count, CONNECTIONS),
            lambda turn: replay.round_of(
                made.database_url, bare[turn * count : (turn + 1) * count], CONNECTIONS
            ),
            lambda turn: replay.round_of(
                made.database_url, bare[half + turn * count : half + (turn + 1) * count], 1
            ),
        )
        _check(3 * count * turns)
        note = f"{len(bare[0])} statements an order"
        alone = "an order a transaction" + ("" if engine == "sqlite" else ", 8 threads")
        show(line(f"checkout_{engine}", figure, single, "orders/s", LIMIT_IS + alone, note),
             line(f"checkout_{engine}:page", shown, [], "pages/s", "none"))  # fmt: skip
        if engine == "sqlite":
            together = f"{CONNECTIONS} orders a transaction"
            show(line("checkout_sqlite:together", figure, limit, "orders/s",
                      LIMIT_IS + together, note))  # fmt: skip


def _check(count: int) -> None:
    """Check that all orders exist and are unpaid, and that all carts are empty."""
    found: Any = Order.select().where(Order.state == "awaiting_payment").count()
    assert found == count, json.dumps([found, count])
    assert CartLine.select().count() == 0


if __name__ == "__main__":
    main()
