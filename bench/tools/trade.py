"""Generates three years of trade within the database, by INSERT … SELECT.

A table of numbers represents the orders; each column is an expression of the number. Rows look as
the flows leave them: states by age, two lines on every third order, three log entries each,
commission on every second order, a campaign per quarter. Values that no page shows (encrypted
addresses, signatures) are placeholders. Works on PostgreSQL, MariaDB and SQLite.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from peewee import MySQLDatabase

from bench.tools.shop import APPID
from kernel import clock
from kernel.fields import to_micros
from kernel.store import database, is_sqlite
from models import (
    AuditEntry,
    Binding,
    CampaignCount,
    Commission,
    Delivery,
    Distributor,
    Member,
    Order,
    OrderLine,
    OrderLog,
    OutboxRow,
    Parcel,
    Payment,
    PayNotice,
    PushCampaign,
    Sku,
    StockMove,
    SystemEvent,
    VisitDay,
    WechatIdentity,
    Withdrawal,
)

FIRST = 10_000  # ids of generated rows begin here, above those of the shop
YEARS = 3
CAMPAIGNS = 4 * YEARS
DAY = 86_400_000_000  # µs
MINUTE = 60_000_000
PAID = "('paid','partly_shipped','shipped','received','completed','refunded')"
SENT = "('shipped','received','completed','refunded')"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


class Trade:
    """The numbers of rows that belong to ``orders`` orders, and their SQL expressions."""

    def __init__(self, orders: int, campaigns: int = CAMPAIGNS) -> None:
        self.orders = orders
        self.campaigns = campaigns
        self.members = max(orders // 5, 200)
        self.sellers = min(max(orders // 100, 20), 5_000)
        self._step = int(timedelta(days=365 * YEARS) / timedelta(microseconds=1)) // orders
        self._now = to_micros(clock.now())
        self._is_sqlite = is_sqlite()
        self._is_mysql = isinstance(database.obj, MySQLDatabase)

    def fill(self, only: Collection[Any] = ()) -> None:
        """Fill all tables, or those of ``only``, and update the engine's statistics."""
        chosen = [each for each in self._tables() if not only or each[0] in only]
        self._numbers()
        with self._unchecked():
            for table, count, values in chosen:
                self._put(table, count, values)
            if not only or CampaignCount in only:
                self._count_messages()
        for name in ("bench_n", "bench_pick"):
            self._run(f"DROP TABLE {name}")
        for table in {each[0] for each in chosen}:
            self._look(table._meta.table_name)

    @contextlib.contextmanager
    def _unchecked(self) -> Iterator[None]:
        """Switch off checks of foreign keys, which take half the time; they are right anyway."""
        if self._is_sqlite:
            off, on = "PRAGMA foreign_keys = 0", "PRAGMA foreign_keys = 1"
        elif self._is_mysql:
            off, on = "SET foreign_key_checks = 0", "SET foreign_key_checks = 1"
        else:
            off, on = (f"SET session_replication_role = '{how}'" for how in ("replica", "origin"))
        self._run(off)
        yield
        self._run(on)

    def _numbers(self) -> None:
        most = max(self.orders * 3, self.members * self.campaigns)
        self._run("CREATE TABLE bench_n (n BIGINT PRIMARY KEY)")
        self._run("INSERT INTO bench_n VALUES (0)")
        have = 1
        while have < most:
            self._run(f"INSERT INTO bench_n SELECT n + {have} FROM bench_n")
            have *= 2
        self._run("CREATE TABLE bench_pick (k BIGINT PRIMARY KEY, sku BIGINT, product BIGINT,"
                  " fen BIGINT)")  # fmt: skip
        skus = list(Sku.select(Sku.id, Sku.product, Sku.price_fen).order_by(Sku.id).tuples())
        self._skus = len(skus)
        for k, (sku, product, fen) in enumerate(skus):
            self._run(f"INSERT INTO bench_pick VALUES ({k}, {sku}, {product}, {fen})")

    def _put(self, table: Any, count: int, values: Mapping[str, str]) -> None:
        """Run one INSERT … SELECT; other columns get the model's defaults."""
        meta = table._meta
        said = {meta.fields[name].column_name: text for name, text in values.items()}
        for field in meta.sorted_fields:
            if field.column_name not in said and field.default is not None:
                said[field.column_name] = _literal(field.db_value(field.default))
        pick = self._mod("b.n * 7919", self._skus)
        quote = "`" if self._is_mysql else '"'  # "by" is a column of parcels
        names = ", ".join(f"{quote}{name}{quote}" for name in said)
        self._run(
            f"INSERT INTO {meta.table_name} ({names}) SELECT {', '.join(said.values())} "
            f"FROM bench_n b JOIN bench_pick p ON p.k = {pick} WHERE b.n < {count} ORDER BY b.n"
        )

    def _count_messages(self) -> None:
        """Fill the campaigns' counts of messages."""
        self._run(
            "INSERT INTO campaign_count (campaign_id, state, number) "
            "SELECT campaign_id, state, COUNT(*) FROM delivery GROUP BY campaign_id, state"
        )

    def _look(self, name: str) -> None:
        """Analyse a table, as the servers do by themselves some minutes later."""
        if self._is_mysql:
            self._run(f"ANALYZE TABLE {name}")
        elif not self._is_sqlite:
            self._vacuum(name)
            self._run(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                      f"(SELECT MAX(id) FROM {name}))")  # fmt: skip

    def _vacuum(self, name: str) -> None:
        """Vacuum a table until its pages count as visible to all.

        A page stays invisible while an older snapshot is open, such as that of autovacuum's own
        ANALYZE after the many inserts, and then the planner avoids scans of the index alone.
        """
        for _ in range(50):
            self._run(f"VACUUM ANALYZE {name}")
            found = database.execute_sql(
                "SELECT relallvisible, relpages FROM pg_class WHERE oid = %s::regclass", (name,)
            ).fetchone()
            if found[0] >= found[1]:
                return
            time.sleep(0.2)

    def _tables(self) -> list[tuple[Any, int, dict[str, str]]]:
        n, orders, members, sellers = "b.n", self.orders, self.members, self.sellers
        return [
            (Member, members, self._member(n)),
            (WechatIdentity, members, self._identity(n)),
            (Distributor, sellers, self._distributor(n)),
            (Binding, members, self._binding(n)),
            (Order, orders, self._order(n)),
            (OrderLine, orders, self._line(_id(n), _id(n))),
            (OrderLine, orders // 3, self._line(f"{FIRST + orders} + {n}", f"{FIRST} + {n} * 3")),
            (OrderLog, orders * 3, self._log(n)),
            (Parcel, orders, self._parcel(n)),
            (Payment, orders, self._payment(n)),
            (PayNotice, orders, self._notice(n)),
            (StockMove, orders * 2, self._move(n)),
            (Commission, orders // 2, self._commission(n)),
            (Withdrawal, sellers * 6, self._withdrawal(n)),
            (VisitDay, max(sellers // 5, 1) * 90, self._visits(n)),
            (PushCampaign, self.campaigns, self._campaign(n)),
            (Delivery, members * self.campaigns, self._delivery(n)),
            (AuditEntry, orders, self._audit(n)),
            (SystemEvent, orders // 4, self._event(n)),
            (OutboxRow, orders // 5, self._job(n)),
        ]

    def _run(self, sql: str) -> None:
        database.execute_sql(sql)

    def _mod(self, number: str, by: int) -> str:
        sign = "%" if self._is_sqlite else "%%"  # the servers' drivers need it doubled
        return f"(({number}) {sign} {by})"

    def _div(self, number: str, by: int) -> str:
        return f"(({number}) {'DIV' if self._is_mysql else '/'} {by})"

    def _text(self, *parts: str) -> str:
        if self._is_sqlite:
            return " || ".join(f"({part})" for part in parts)
        return f"CONCAT({', '.join(parts)})"

    def _number(self, kind: str, number: str, width: int = 12) -> str:
        return self._text(f"'{kind}'", f"{10**width} + {number}")

    def _at(self, number: str, of: int) -> str:
        """The instant of a row in µs: evenly over the years, the last one a minute ago."""
        step = self._step * self.orders // of
        return f"({self._now - MINUTE} - ({of - 1} - ({number})) * {step})"

    def _state(self, number: str) -> str:
        """An order's state by its age; a few are cancelled or refunded."""
        at = self._at(number, self.orders)
        return (
            f"CASE WHEN {self._mod(number, 20)} = 7 THEN 'cancelled' "
            f"WHEN {at} > {self._now - 20 * MINUTE} THEN 'awaiting_payment' "
            f"WHEN {at} > {self._now - 2 * DAY} THEN 'paid' "
            f"WHEN {at} > {self._now - 6 * DAY} THEN 'shipped' "
            f"WHEN {at} > {self._now - 12 * DAY} THEN 'received' "
            f"WHEN {self._mod(number, 97)} = 5 THEN 'refunded' ELSE 'completed' END"
        )

    def _only(self, number: str, states: str, then: str) -> str:
        return f"CASE WHEN {self._state(number)} IN {states} THEN {then} END"

    def _member(self, n: str) -> dict[str, str]:
        return {
            "id": _id(n), "public_no": self._number("Y", n, 8),
            "nickname": self._text("'酒友'", n), "created_at": self._at(n, self.members),
            "push_agreed_at": f"{self._now}",
        }  # fmt: skip

    def _identity(self, n: str) -> dict[str, str]:
        return {
            "id": _id(n), "member": _id(n), "appid": f"'{APPID}'",
            "openid": self._number("oTrade", n), "is_following": "TRUE",
            "followed_at": f"{self._now}",
        }  # fmt: skip

    def _distributor(self, n: str) -> dict[str, str]:
        return {
            "id": _id(n), "member": _id(n), "state": "'active'",
            "display_name": self._text(n, "' 号酒铺'"), "referral_code": self._number("Y", n, 6),
            "terms_version": "'1'", "applied_at": self._at(n, self.members),
        }  # fmt: skip

    def _binding(self, n: str) -> dict[str, str]:
        above = f"CASE WHEN {n} >= {self.sellers} THEN {FIRST} + {self._mod(n, self.sellers)} END"
        return {
            "id": _id(n), "member": _id(n), "p1": above, "bound_at": self._at(n, self.members),
            "expires_at": f"{self._now + 30 * DAY}",
        }  # fmt: skip

    def _order(self, n: str) -> dict[str, str]:
        at = self._at(n, self.orders)
        paid = self._only(n, PAID, f"{at} + {2 * MINUTE}")
        receiver, phone = self._receiver(n), self._phone(n)
        return {
            "id": _id(n), "order_no": self._number("ORDYEAR", n),
            "member": f"{FIRST} + {self._mod(f'{n} * 31', self.members)}",
            "state": self._state(n),
            "goods_fen": "p.fen", "payable_fen": "p.fen",
            "paid_fen": f"COALESCE({self._only(n, PAID, 'p.fen')}, 0)", "sealed_address": "'-'",
            "masked_address": self._text(receiver, "' 138****'", phone, "' 四川省泸州市***'"),
            "receiver": receiver, "phone_end": phone,
            "seller": f"CASE WHEN {self._mod(n, 2)} = 1 THEN {FIRST} + "
                      f"{self._mod(n, self.sellers)} END",
            "created_at": at, "pay_by_at": f"{at} + {DAY}", "paid_at": paid,
            "shipped_at": self._only(n, SENT, f"{at} + {DAY}"),
            "receive_by_at": self._only(n, "('shipped')", f"{at} + {10 * DAY}"),
            "received_at": self._only(n, "('received','completed')", f"{at} + {4 * DAY}"),
            "complete_by_at": self._only(n, "('received')", f"{at} + {17 * DAY}"),
            "completed_at": self._only(n, "('completed')", f"{at} + {12 * DAY}"),
            "cancelled_at": self._only(n, "('cancelled')", at),
        }  # fmt: skip

    def _receiver(self, n: str) -> str:
        names = " ".join(f"WHEN {k} THEN '{name}'" for k, name in enumerate(SURNAMES))
        stars = f"CASE WHEN {self._mod(n, 3)} = 0 THEN '*' ELSE '**' END"
        return self._text(f"CASE {self._mod(f'{n} * 13', len(SURNAMES))} {names} END", stars)

    def _phone(self, n: str) -> str:
        """The last four digits of a phone number; they recur every 9,000 orders."""
        end = f"{1000} + {self._mod(f'{n} * 7', 9_000)}"
        return self._text(f"{end}", "''")

    def _line(self, own: str, order: str) -> dict[str, str]:
        return {
            "id": own, "order": order, "sku": "p.sku", "product": "p.product",
            "title": "'山泉坊·陈酿'", "unit_price_fen": "p.fen", "quantity": "1",
            "line_fen": "p.fen", "paid_fen": "p.fen", "adjustments": "'[]'",
        }  # fmt: skip

    def _log(self, n: str) -> dict[str, str]:
        order, step = self._div(n, 3), self._mod(n, 3)
        before = f"CASE {step} WHEN 1 THEN 'awaiting_payment' WHEN 2 THEN 'paid' END"
        after = f"CASE {step} WHEN 0 THEN 'awaiting_payment' WHEN 1 THEN 'paid' ELSE 'shipped' END"
        return {
            "id": _id(n), "order": _id(order), "from_state": before, "to_state": after,
            "actor": "'system'", "at": self._at(order, self.orders),
        }  # fmt: skip

    def _parcel(self, n: str) -> dict[str, str]:
        return {
            "id": _id(n), "order": _id(n), "company": "'顺丰速运'",
            "tracking_no": self._number("SF", n), "shipped_at": self._at(n, self.orders),
            "by": "'staff:1'",
        }  # fmt: skip

    def _payment(self, n: str) -> dict[str, str]:
        at = self._at(n, self.orders)
        is_paid = f"CASE WHEN {self._state(n)} IN {PAID} THEN 'paid' ELSE 'closed' END"
        return {
            "id": _id(n), "payable_kind": "'order'", "payable_id": _id(n),
            "payable_no": self._number("ORDYEAR", n), "out_trade_no": self._number("PAYYEAR", n),
            "channel": "'jsapi'", "mchid": "'1900000001'", "appid": f"'{APPID}'",
            "amount_fen": "p.fen", "state": is_paid,
            "received_fen": f"COALESCE({self._only(n, PAID, 'p.fen')}, 0)",
            "transaction_id": self._only(n, PAID, self._number("42", n)),
            "created_at": at, "expires_at": f"{at} + {30 * MINUTE}",
            "paid_at": self._only(n, PAID, f"{at} + {2 * MINUTE}"),
        }  # fmt: skip

    def _notice(self, n: str) -> dict[str, str]:
        return {
            "id": _id(n), "notice_id": self._number("trade-", n),
            "event_type": "'TRANSACTION.SUCCESS'", "out_number": self._number("PAYYEAR", n),
            "content": "'{}'", "received_at": self._at(n, self.orders), "outcome": "'done'",
        }  # fmt: skip

    def _move(self, n: str) -> dict[str, str]:
        order, is_sale = self._div(n, 2), f"{self._mod(n, 2)} = 1"
        return {
            "id": _id(n), "sku": "p.sku", "delta": f"CASE WHEN {is_sale} THEN 0 ELSE -1 END",
            "quantity": "1", "reason": f"CASE WHEN {is_sale} THEN 'sold' ELSE 'hold' END",
            "source": self._number("ORDYEAR", order), "actor": "'system'",
            "at": self._at(order, self.orders),
        }  # fmt: skip

    def _commission(self, n: str) -> dict[str, str]:
        order = f"{n} * 2 + 1"
        at, state = self._at(order, self.orders), self._state(order)
        earned = (
            f"CASE WHEN {state} IN ('completed') THEN 'released' "
            f"WHEN {state} IN ('cancelled','refunded') THEN 'void' ELSE 'pending' END"
        )
        return {
            "id": _id(n), "line": f"{FIRST} + {order}", "order": f"{FIRST} + {order}",
            "level": "1", "member": f"{FIRST} + {self._mod(order, self.sellers)}",
            "base_fen": "p.fen", "amount_fen": self._div("p.fen * 14", 100),
            "rule": """'{"mode": "pool", "pool_bp": 2000}'""", "state": earned,
            "frozen_until": f"CASE WHEN {state} IN ('received') THEN {at} + {20 * DAY} END",
            "created_at": at,
        }  # fmt: skip

    def _withdrawal(self, n: str) -> dict[str, str]:
        state = f"CASE WHEN {self._mod(n, 100)} = 3 THEN 'requested' ELSE 'rejected' END"
        return {
            "id": _id(n), "member": f"{FIRST} + {self._mod(n, self.sellers)}",
            "out_bill_no": self._number("WDYEAR", n), "state": state, "gross_fen": "10000",
            "net_fen": "10000", "openid": self._number("oTrade", self._mod(n, self.sellers)),
            "requested_at": self._at(n, self.sellers * 6),
        }  # fmt: skip

    def _visits(self, n: str) -> dict[str, str]:
        """Visits: each day a fifth of the sellers have some."""
        today = clock.business_day(clock.now())
        ages = " ".join(f"WHEN {age} THEN '{today - timedelta(days=age)}'" for age in range(90))
        active = max(self.sellers // 5, 1)
        return {
            "id": _id(n), "referrer": f"{FIRST} + {self._mod(n, self.sellers)}",
            "day": f"CASE {self._div(n, active)} {ages} END", "visits": "5", "visitors": "3",
        }  # fmt: skip

    def _campaign(self, n: str) -> dict[str, str]:
        at = self._at(n, self.campaigns)
        return {
            "id": _id(n), "title": self._text("'活动 '", n), "carrier": "'template'",
            "state": "'done'", "content": """'{"template_id": "-"}'""",
            "audience": """'{"kind": "all"}'""", "created_by": "'staff:1'", "created_at": at,
            "started_at": at, "finished_at": at, "audience_size": f"{self.members}",
            "queued": f"{self.members}",
        }  # fmt: skip

    def _delivery(self, n: str) -> dict[str, str]:
        campaign, member = self._div(n, self.members), self._mod(n, self.members)
        state = (
            f"CASE WHEN {self._mod(n, 50)} = 3 THEN 'blocked' "
            f"WHEN {self._mod(n, 70)} = 9 THEN 'failed' ELSE 'delivered' END"
        )
        return {
            "id": _id(n), "campaign": _id(campaign), "member": _id(member),
            "openid": self._number("oTrade", member), "state": state,
            "msg_id": self._number("y", n), "at": self._at(campaign, self.campaigns),
        }  # fmt: skip

    def _audit(self, n: str) -> dict[str, str]:
        """Audit entries: mostly of orders, 1 % each of settings and distributors."""
        kind = (
            f"CASE {self._mod(n, 100)} WHEN 1 THEN 'setting' WHEN 2 THEN 'distributor' "
            "ELSE 'order' END"
        )
        return {
            "id": _id(n), "actor": self._text("'staff:'", f"1 + {self._mod(n, 7)}"),
            "action": "'order.ship'", "target_type": kind,
            "target_id": self._text(_id(n), "''"), "at": self._at(n, self.orders),
        }  # fmt: skip

    def _event(self, n: str) -> dict[str, str]:
        """System events: mostly refunds begun after a deadline, 1 % mismatching refunds."""
        action = f"CASE {self._mod(n, 100)} WHEN 1 THEN 'refund.mismatch' ELSE 'refund.begin' END"
        return {
            "id": _id(n), "source": "'periodic:cases.due'", "action": action,
            "target_type": "'payment'", "target_id": self._text(_id(n), "''"),
            "at": self._at(n, self.orders // 4),
        }  # fmt: skip

    def _job(self, n: str) -> dict[str, str]:
        at = self._at(n, self.orders // 5)
        return {
            "id": _id(n), "kind": "'notify.member'", "payload": "'{}'", "state": "'done'",
            "next_at": at, "created_at": at, "done_at": at,
        }  # fmt: skip


def _id(number: str) -> str:
    return f"{FIRST} + {number}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
