"""Fixtures of the races: a store with many connections, the whole shop wired, books compared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.wiring import subscribe_all
from kernel.store import store_for
from tests.harness import books
from tests.race.crowd import CONNECTIONS


@pytest.fixture
def shop() -> None:
    """The whole shop's event handlers."""
    subscribe_all()


@pytest.fixture
async def store(db: Any, shop: None) -> AsyncIterator[Any]:
    """The store with many connections; when the test is over all books must agree."""
    opened = store_for(db, threads=CONNECTIONS, lock=False)
    yield opened
    try:
        assert await opened.read(books.faults) == []
    finally:
        await opened.close()
