"""A store without threads, for random tests that must be reproducible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from kernel.store import CommandKey
from kernel.store.commands import command

P = ParamSpec("P")
T = TypeVar("T")


class StraightStore:
    """The store's interface in one thread: each verb is a transaction, one after the other."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def write(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a verb in a transaction; an error rolls it back."""
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
        """Do nothing: nothing is open."""
