"""What all stores share: the table base class, row locks, savepoints and the ``Store`` promise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from peewee import (
    BigAutoField,
    Database,
    DatabaseProxy,
    IntegrityError,
    Model,
    PostgresqlDatabase,
    SqliteDatabase,
    fn,
)

if TYPE_CHECKING:
    from kernel.store.commands import CommandKey

log = logging.getLogger(__name__)
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
    """Runs verbs and queries. One write verb is exactly one transaction."""

    async def write(
        self, fn: Callable[..., T], *args: Any, key: CommandKey | None = None, **kwargs: Any
    ) -> T:
        """Run a verb in one transaction and answer after COMMIT; under a key, only once."""

    async def read(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a query."""

    async def peek(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a query of a few rows by their keys; where that is cheapest, at once in place."""

    async def report(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a long query for exports and analytics; a replica may answer it."""

    async def close(self) -> None:
        """Finish what is running, then close every connection."""


def current() -> Database:
    """The database behind the proxy."""
    return database.obj  # type: ignore[no-any-return]


def is_sqlite() -> bool:
    """True on the embedded engine, whose single writer makes row locks needless."""
    return isinstance(database.obj, SqliteDatabase)


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
    """Lock one row; None if there is none."""
    rows = lock_rows(model, [row_id])
    return rows[0] if rows else None


def insert_once(model: type[Table], **values: Any) -> bool:
    """Insert a row unless its unique key is taken; True if this call inserted it.

    One statement that doesn't fail, so that the transaction goes on without a savepoint. A failed
    INSERT would leave MariaDB with a shared lock on the row that was there: several that met on
    it, and then change it, would end in deadlock. SQLite has no one to meet; its ``OR IGNORE``
    would also swallow a missing value, so there the error is looked at.
    """
    from kernel.store.failures import is_unique_violation

    query = model.insert(**values)
    if not is_sqlite():
        return _inserted(query)
    try:
        query.execute()
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return False
    return True


def _inserted(query: Any) -> bool:
    if isinstance(database.obj, PostgresqlDatabase):
        return bool(query.on_conflict_ignore().as_rowcount().execute())
    # the found row stays as it is; that LAST_INSERT_ID is then 0 tells which of the two it was
    key = query.table._meta.primary_key
    unchanged = key + fn.LAST_INSERT_ID(0)
    return bool(query.on_conflict(update={key: unchanged}).execute())


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
