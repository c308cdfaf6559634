"""Shared by all stores: the tables' base class, row locks, savepoints, the ``Store`` protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, Protocol, TypeVar

from peewee import (
    OP,
    BigAutoField,
    CharField,
    Database,
    DatabaseProxy,
    Expression,
    Field,
    ForeignKeyField,
    IntegerField,
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
    """The base class of every table: an auto-increment BIGINT key, on the configured database."""

    id: Any = BigAutoField()

    if TYPE_CHECKING:  # a foreign key ``order`` also reads as ``order_id``

        def __getattr__(self, name: str) -> Any: ...

    class Meta:
        database = database
        legacy_table_names = False


class StoreClosed(RuntimeError):
    """The store was closed before this work could begin."""


class Store(Protocol):
    """Runs verbs and queries. One verb is exactly one transaction."""

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in one transaction; returns its result after COMMIT."""

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb as ``write`` does, once per key; a repeated call returns the first result."""

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query."""

    async def peek(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query of a few rows by key; a store may run it on the calling thread."""

    async def report(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a long query for exports and analytics; a store may use a replica."""

    async def close(self) -> None:
        """Let running work finish, then close every connection."""


def current() -> Database:
    """The database behind the proxy."""
    return database.obj  # type: ignore[no-any-return]


def is_sqlite() -> bool:
    """True on SQLite, whose single writer makes row locks unnecessary."""
    return isinstance(database.obj, SqliteDatabase)


def remainder(value: Any, by: int) -> Any:
    """``value % by`` in SQL; peewee's ``%`` means LIKE, and server drivers need ``%%``."""
    return Expression(value, OP.MOD if is_sqlite() else "%%", by)


def savepoint() -> AbstractContextManager[Any]:
    """A savepoint: a part of the running transaction that can be rolled back alone."""
    return database.obj.atomic()  # type: ignore[no-any-return]


def after_commit(call: Callable[[], None]) -> None:
    """Call a function after COMMIT of the running verb; not if the verb is rolled back.

    Only for hints that may be lost (wake-ups, caches); effects that must happen are outbox rows.
    Equal calls are made once. Outside ``store.write`` nothing is called.
    """
    calls = _after.get()
    if calls is not None and call not in calls:
        calls.append(call)


def when_committed(call: Callable[[], None]) -> None:
    """Keep what was read in a cache: at once by a query, by a verb after its COMMIT.

    A verb may have read what another verb of the same transaction wrote, or it itself, and what is
    rolled back must not be kept.
    """
    if _after.get() is None:
        call()
    else:
        after_commit(call)


def lock_rows(model: type[M], ids: Iterable[int]) -> list[M]:
    """Lock rows until the end of the transaction, in key order to avoid deadlocks."""
    wanted = sorted(set(ids))
    query = model.select().where(model.id.in_(wanted)).order_by(model.id)
    if not is_sqlite():
        query = query.for_update()
    return list(query)


def lock_row(model: type[M], row_id: int) -> M | None:
    """Lock one row until the end of the transaction; None if it does not exist.

    Nearly every verb begins with it, so its SQL is built once per table and engine, and the row is
    made of its values at once: peewee's wrapper of a cursor would take five times as long.
    """
    shape = (type(database.obj), model)
    lock = _locks.get(shape)
    if lock is None:
        lock = _locks[shape] = _Lock.of(model)
    found = database.obj.execute_sql(lock.sql, (row_id,)).fetchone()
    if found is None:
        return None
    values = dict(zip(lock.names, found, strict=True))
    for name, convert in lock.converters:
        values[name] = convert(values[name])
    row = model(__no_default__=1)
    row.__data__ = values
    return row


class _Lock(NamedTuple):
    """The SQL that locks a row of a table, its fields, and how some of their values are read."""

    sql: str
    names: tuple[str, ...]
    converters: tuple[tuple[str, Callable[[Any], Any]], ...]

    @classmethod
    def of(cls, model: type[Table]) -> _Lock:
        """For the present engine."""
        query = model.select().where(model.id == 0)
        sql, _ = (query if is_sqlite() else query.for_update()).sql()
        fields: list[Field] = model._meta.sorted_fields
        converters = [(field.name, field.python_value) for field in fields if _is_read(field)]
        return cls(sql, tuple([field.name for field in fields]), tuple(converters))


_locks: dict[tuple[type, type[Table]], _Lock] = {}
_AS_STORED = (Field.adapt, IntegerField.adapt, CharField.adapt)


def _is_read(field: Field) -> bool:
    """Whether a field reads its column's value as something else: a flag, an instant, JSON."""
    end = field.rel_field if isinstance(field, ForeignKeyField) else field
    kind = type(end)
    return kind.python_value is not Field.python_value or kind.adapt not in _AS_STORED


def begin_collecting() -> list[Callable[[], None]]:
    """For stores: make ``after_commit`` of this context append to the returned list."""
    calls: list[Callable[[], None]] = []
    _after.set(calls)
    return calls


def make_calls(calls: list[Callable[[], None]]) -> None:
    """For stores: make the after-commit calls of a committed verb. A failure is only logged."""
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("after a commit")
