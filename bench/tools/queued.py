"""The limit of a rush: a handler that queues, and one thread that writes orders in batches.

``python -m bench.tools.queued FILE`` prints its port. The SQL statements are those of the shop's
order, executed by the bare driver. If a SELECT shows no stock or the conditional UPDATE changes no
row, the order is rolled back and the buyer gets "sold out", as in the shop.
"""

from __future__ import annotations

import asyncio
import pickle
import queue
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bench.tools.limits import Handler, serve
from bench.tools.replay import FIRST_ORDER, Bare, Statement
from kernel.store.sqlite import BATCH_JOBS

SOLD_OUT = "已售罄"
BUYER = FIRST_ORDER - 100_000_000
ADDRESS = BUYER + 1
"""The ids of the recorded buyer and address; no other parameter equals them."""


@dataclass(frozen=True)
class Recorded:
    """The SQL statements of one order of a SKU, with its number, id and key."""

    statements: list[Statement]
    order_no: str
    order_id: int
    key: str


@dataclass(frozen=True)
class Told:
    """The limit's input: an order of each SKU, and the buyers' addresses."""

    url: str
    recorded: list[Recorded]
    addresses: list[int]


class Recipe:
    """A recorded order that can be repeated for any buyer."""

    def __init__(self, recorded: Recorded) -> None:
        self._from = recorded
        words = (str(BUYER), recorded.order_no, recorded.key, str(recorded.order_id))
        ids = (BUYER, ADDRESS, recorded.order_id)
        self._steps = []
        for sql, params in recorded.statements:
            varying = [
                n for n, value in enumerate(params)
                if value in ids or (isinstance(value, str) and any(w in value for w in words))
            ]  # fmt: skip
            is_hold = sql.startswith("UPDATE") and "stock" in sql
            is_order = sql.startswith("INSERT") and "mall_order" in sql.split("(", 1)[0]
            self._steps.append((sql, params, varying, is_hold, is_order))

    def send(self, cursor: Any, buyer: int, address: int, name: str) -> bool:
        """Execute the statements for a buyer; False if the stock does not suffice."""
        old = self._from
        ids = {BUYER: buyer, ADDRESS: address}
        words = {str(BUYER): str(buyer), old.order_no: name, old.key: name}
        for sql, params, varying, is_hold, is_order in self._steps:
            if varying:
                params = list(params)
                for n in varying:
                    value = params[n]
                    params[n] = ids[value] if value in ids else _filled(value, words)
            cursor.execute(sql, params)
            if is_order:
                made = cursor.fetchone()[0] if cursor.description else cursor.lastrowid
                ids[old.order_id], words[str(old.order_id)] = made, str(made)
            elif sql.startswith("SELECT"):
                if _is_sold_out(cursor):
                    return False
            elif is_hold and not cursor.rowcount:
                return False
        return True


def _is_sold_out(cursor: Any) -> bool:
    """Read all rows; True if one of them is a SKU without stock."""
    columns = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return "stock" in columns and any(row[columns.index("stock")] <= 0 for row in rows)


def _filled(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text


class Writer:
    """Writes the waiting orders in one transaction, each in a savepoint, and answers after it."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._recipes = [Recipe(each) for each in told.recorded]
        self._jobs: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def place(self, sku: int, number: int) -> bool:
        """Queue an order and wait; True if it was placed."""
        future = asyncio.get_running_loop().create_future()
        self._jobs.put((sku, number, future))
        return bool(await future)

    def _run(self) -> None:
        bare = Bare(self._told.url)
        while True:
            batch = [self._jobs.get()]
            while len(batch) < BATCH_JOBS and not self._jobs.empty():
                batch.append(self._jobs.get())
            answers = self._transaction(bare, batch)
            loop = batch[0][2].get_loop()
            loop.call_soon_threadsafe(_settle, batch, answers)

    def _transaction(self, bare: Bare, batch: list[tuple[Any, ...]]) -> list[bool]:
        cursor, answers = bare.connection.cursor(), []
        if bare.engine == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for sku, number, _ in batch:
            cursor.execute("SAVEPOINT job")
            address = self._told.addresses[number]
            is_placed = self._recipes[sku].send(
                cursor, number + 1, address, f"ORDB{sku:03d}{number:07d}"
            )
            if not is_placed:
                cursor.execute("ROLLBACK TO SAVEPOINT job")
            cursor.execute("RELEASE SAVEPOINT job")
            answers.append(is_placed)
        bare.connection.commit()
        return answers


def _settle(batch: list[tuple[Any, ...]], answers: list[bool]) -> None:
    for (_, _, future), is_placed in zip(batch, answers, strict=True):
        future.set_result(is_placed)


def queued(file: str) -> Handler:
    """A handler that reads the form, queues the order, and answers after its transaction."""
    writer = Writer(pickle.loads(Path(file).read_bytes()))

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        sku, number = int(request.query["sku"]), int(request.query["buyer"])
        if await writer.place(sku, number):
            return web.Response(status=303, headers={"Location": f"/m/pay/ORDB{number}"})
        return web.Response(status=409, text=SOLD_OUT)

    return answer


if __name__ == "__main__":
    from bench.tools.load import run_fast

    run_fast(serve(queued(sys.argv[1])))
