"""Fixtures of the race tests: all event handlers, and a store with many connections."""

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
    """Subscribe all event handlers of the shop."""
    subscribe_all()


@pytest.fixture
async def store(db: Any, shop: None) -> AsyncIterator[Any]:
    """A store with many connections; all books must agree at the end of the test."""
    opened = store_for(db, threads=CONNECTIONS, lock=False)
    yield opened
    try:
        assert await opened.read(books.faults) == []
    finally:
        await opened.close()
