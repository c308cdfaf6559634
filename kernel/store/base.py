"""What all stores share: the table base class, row locks, savepoints and the ``Store`` promise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from peewee import (
    OP,
    BigAutoField,
    Database,
    DatabaseProxy,
    Expression,
    Model,
    SqliteDatabase,
)

from kernel.store.keys import CommandKey

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound="Table")

database = DatabaseProxy()
_after: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)


class Table(Model):
    """The base of every table: a BIGINT key that counts up, on the installation's database."""

    id: Any = BigAutoField()

    if TYPE_CHECKING:  # a foreign key ``order`` also reads as ``order_id``

        def __getattr__(self, name: str) -> Any: ...

    class Meta:
        database = database
        legacy_table_names = False


class StoreClosed(RuntimeError):
    """The store was closed before this work could begin."""


class Store(Protocol):
    """Runs verbs and queries, with their own parameters. One verb is exactly one transaction."""

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in one transaction and answer after COMMIT."""

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb as ``write`` does, once per key: again it answers what it answered first."""

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query."""

    async def peek(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query of a few rows by their keys; where that is cheapest, at once in place."""

    async def report(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a long query for exports and analytics; a replica may answer it."""

    async def close(self) -> None:
        """Finish what is running, then close every connection."""


def current() -> Database:
    """The database behind the proxy."""
    return database.obj  # type: ignore[no-any-return]


def is_sqlite() -> bool:
    """True on the embedded engine, whose single writer makes row locks needless."""
    return isinstance(database.obj, SqliteDatabase)


def remainder(value: Any, by: int) -> Any:
    """``value % by`` in SQL: peewee's own ``%`` is LIKE, and the servers' drivers halve ``%%``."""
    return Expression(value, OP.MOD if is_sqlite() else "%%", by)


def savepoint() -> AbstractContextManager[Any]:
    """A part of the running transaction that may fail alone."""
    return database.obj.atomic()  # type: ignore[no-any-return]


def after_commit(call: Callable[[], None]) -> None:
    """Have something done once the running verb is committed; an undone verb never does it.

    For hints that may be lost (wake-ups, caches), never for a consequence: that is an outbox row.
    Calls that are equal are made once. Outside ``store.write`` nothing is called.
    """
    calls = _after.get()
    if calls is not None and call not in calls:
        calls.append(call)


def lock_rows(model: type[M], ids: Iterable[int]) -> list[M]:
    """Lock rows for the rest of the transaction, in key order so that lockers never cross."""
    wanted = sorted(set(ids))
    query = model.select().where(model.id.in_(wanted)).order_by(model.id)
    if not is_sqlite():
        query = query.for_update()
    return list(query)


def lock_row(model: type[M], row_id: int) -> M | None:
    """Lock one row for the rest of the transaction; None if there is none.

    Its SQL is made once for each table and engine: nearly every verb begins with it.
    """
    shape = (type(database.obj).__name__, model)
    sql = _locks.get(shape)
    if sql is None:
        query = model.select().where(model.id == 0)
        sql, _ = (query if is_sqlite() else query.for_update()).sql()
        _locks[shape] = sql
    return next(iter(model.raw(sql, row_id)), None)


_locks: dict[tuple[str, type[Table]], str] = {}


def begin_collecting() -> list[Callable[[], None]]:
    """For stores: from here on ``after_commit`` of this context gathers into the answered list."""
    calls: list[Callable[[], None]] = []
    _after.set(calls)
    return calls


def make_calls(calls: list[Callable[[], None]]) -> None:
    """For stores: the verb is committed; do what it asked for. A failure is only logged."""
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("after a commit")
