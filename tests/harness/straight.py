"""A store without threads, for walks that must be the same each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from kernel.store import CommandKey
from kernel.store.commands import command

P = ParamSpec("P")
T = TypeVar("T")


class StraightStore:
    """The store's promise in one thread: each verb a transaction, nothing beside it."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in a transaction that its error undoes."""
        with self._db.atomic():
            return fn(*args, **kwargs)

    async def once(
        self, key: CommandKey, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a verb once per key."""
        with self._db.atomic():
            return command(key, fn, *args, **kwargs)  # type: ignore[no-any-return]

    async def read(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query."""
        return fn(*args, **kwargs)

    report = read

    async def close(self) -> None:
        """Nothing is open."""
