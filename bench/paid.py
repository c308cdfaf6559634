"""Payments: from WeChat's notification to the booked sale with its commission, over HTTP.

Each notification is verified, stored, compared with its payment and booked. The order becomes
paid, its stock is sold, and its seller's commission becomes pending. The members have no openid,
so that no notices are sent. Always runs on SQLite; on servers only if ``PG_URL`` and ``MYSQL_URL``
name a database that may be dropped (its name begins with ``bench``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pickle
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.wiring import subscribe_all
from bench.checkout import FORM
from bench.tools import replay
from bench.tools.load import Shot
from bench.tools.paying import Told, shot_of
from bench.tools.processes import generator, helper, redis_server, shop
from bench.tools.report import in_turn, line, show
from bench.tools.shop import (
    APPID,
    Shop,
    fill_catalog,
    fill_members,
    first_skus,
    in_rows,
    new_shop,
)
from domain import distribution, ledger, members, orders
from domain.orders import PlaceOrder
from domain.orders.payable import begin_order_payment
from domain.payments import receive_notice, service
from domain.payments.ports import Notification
from gateways.wechatpay import fields
from kernel import clock
from kernel.store import database, store_for
from models import Binding, Commission, Distributor, Order, Payment, WechatIdentity

CONNECTIONS = 16
SELLERS = 20
MCHID = "1900000001"
LIMIT_IS = (
    "the same statements and rows by the bare driver, behind an aiohttp handler that verifies"
)


@dataclass(frozen=True)
class Waiting:
    """An unpaid order, and the notification of its payment."""

    out_trade_no: str
    amount_fen: int

    @property
    def event(self) -> dict[str, Any]:
        """The notification's decrypted content."""
        return {
            "mchid": MCHID, "appid": APPID, "out_trade_no": self.out_trade_no,
            "transaction_id": f"42{self.out_trade_no[-24:]}", "trade_type": "NATIVE",
            "trade_state": "SUCCESS", "bank_type": "OTHERS",
            "success_time": "2026-11-29T12:00:00+08:00", "payer": {"openid": "oBench"},
            "amount": {"total": self.amount_fen, "payer_total": self.amount_fen,
                       "currency": "CNY", "payer_currency": "CNY"},
        }  # fmt: skip

    def notice(self, number: int) -> Notification:
        """The notification as parsed by the gateway."""
        event = self.event
        return Notification(
            id=f"bench-{number:010d}", event_type="TRANSACTION.SUCCESS", created_at=clock.now(),
            plain=json.dumps(event, ensure_ascii=False), result=fields.payment(event),
        )  # fmt: skip

    def statements(self, number: int) -> list[list[replay.Statement]]:
        """The SQL statements of the notification, per transaction."""
        notice = self.notice(number)
        return [
            replay.recorded(lambda: service.store_notice(notice)),
            replay.recorded(lambda: service.book_notice(notice)),
        ]


def main(*, quick: bool = False) -> None:
    """Measure and print for each available engine."""
    urls = {"sqlite": "", "postgresql": os.environ.get("PG_URL", ""),
            "mariadb": os.environ.get("MYSQL_URL", "")}  # fmt: skip
    for engine, url in urls.items():
        if url or engine == "sqlite":
            _measure(engine, url, quick)
        else:
            show({"bench": f"paid_{engine}", "note": "left out: no database URL given"})


def _measure(engine: str, url: str, quick: bool) -> None:
    count, rounds = (6, 1) if quick else (60, 4)
    half = count * (rounds + 1)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(redis_server(folder))
        made = stack.enter_context(new_shop(url, redis=redis))
        subscribe_all()
        waiting = _fill(2 * half + SELLERS)
        asyncio.run(_first(waiting, 2 * half))
        bookings = {
            waiting[n].out_trade_no: waiting[n].statements(n) for n in range(half, 2 * half)
        }
        told = folder / "told.pickle"
        told.write_bytes(
            pickle.dumps(Told(made.database_url, made.keys.wechatpay_public_key, bookings))
        )
        database.close()
        server = stack.enter_context(shop(made.env, made.folder))
        bare = stack.enter_context(helper("bench.tools.paying", str(told)))
        loader = stack.enter_context(generator(folder))
        shots = loader.keep([_shot(made, n, each) for n, each in enumerate(waiting[: 2 * half])])
        figure, limit = in_turn(
            rounds,
            lambda turn: loader.fire(server, shots, turn * count, count, CONNECTIONS),
            lambda turn: loader.fire(bare, shots, half + turn * count, count, CONNECTIONS),
        )
        _check(2 * half + SELLERS)
    first = next(iter(bookings.values()))
    note = f"{sum(map(len, first))} statements a payment"
    show(line(f"paid_{engine}", figure, limit, "payments/s", LIMIT_IS, note))


def _shot(made: Shop, number: int, each: Waiting) -> Shot:
    return shot_of(made.keys.wechatpay_private_key, number, each.event)


def _fill(count: int) -> list[Waiting]:
    """Create unpaid orders of bound members, each with another SKU."""
    fill_catalog(count)
    fill_members(count + SELLERS)
    WechatIdentity.delete().execute()
    now = clock.now()
    sellers = range(count + 1, count + SELLERS + 1)
    in_rows(Distributor, [
        {"member": n, "state": "active", "display_name": f"{n} 号酒铺",
         "referral_code": f"Y{n:06d}", "terms_version": "1", "applied_at": now}
        for n in sellers
    ])  # fmt: skip
    in_rows(Binding, [
        {"member": n, "p1": sellers[n % SELLERS], "bound_at": now} for n in range(1, count + 1)
    ])  # fmt: skip
    waiting = []
    with database.atomic():
        distribution.save_rule("all", 0, None, "levels", 0, (1000,), "operator:bench", None)
        for member, (sku, _) in enumerate(first_skus()[:count], 1):
            waiting.append(_order(member, sku))
        # no queries to WeChat during the measurement
        Payment.update(next_query_at=now + timedelta(days=1)).execute()
    return waiting


def _order(member: int, sku: int) -> Waiting:
    items = ((sku, 1),)
    _, quote = orders.preview_order(items, FORM.province)
    placed = orders.place_order(
        PlaceOrder(
            member_id=member, items=items, address_id=members.save_address(member, FORM),
            expected_payable_fen=quote.payable_fen, is_adult=True,
        )
    )  # fmt: skip
    ticket = begin_order_payment(placed["order_no"], member, "native", MCHID, APPID)
    return Waiting(ticket.out_trade_no, ticket.amount_fen)


async def _first(waiting: list[Waiting], after: int) -> None:
    """Pay one order of each seller by the store, so that the sellers' accounts exist."""
    store = store_for(database.obj, threads=1, lock=False)
    for number in range(after, after + SELLERS):
        assert await receive_notice(store, waiting[number].notice(number)) == "booked"
    await store.close()


def _check(count: int) -> None:
    """Check that all orders are paid, each with its commission, and that the ledger is right."""
    assert Order.select().where(Order.state == "paid").count() == count
    assert Commission.select().where(Commission.state == "pending").count() == count
    faults = ledger.check_fully().faults
    assert not faults, faults[:3]


if __name__ == "__main__":
    main()
