"""Fixtures: the whole application with data and people (``town``), and keys made once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.keys import DemoKeys
from tests.harness.keys import shared_keys
from tests.security.town import Town, open_town


@pytest.fixture(scope="session")
def keys() -> DemoKeys:
    """Keys of the merchant and of WeChat Pay, once for all tests of a worker."""
    return shared_keys()


@pytest.fixture
async def town(
    db: Any, database_url: str, keys: DemoKeys, tmp_path: Path, wired: None
) -> AsyncIterator[Town]:
    """Everything on loopback, the outside closed."""
    db.close()
    async with open_town(tmp_path, database_url, keys) as opened:
        yield opened
