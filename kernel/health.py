"""Health checks: ``/healthz`` says that the process runs, ``/readyz`` whether it can serve.

Without the database the process is not ready. Without Redis it works more slowly: it is ready and
reported as ``degraded``. Higher layers ``add`` further checks (outbox lag, gateways).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel.store import Store, database, disk_state

LIMIT_SECONDS = 2.0
Query = Callable[[], str | None]
_added: dict[str, Query] = {}


@dataclass(frozen=True)
class Report:
    """The result of a check: for each part None if it is well, else what is wrong."""

    parts: dict[str, str | None]

    @property
    def is_ready(self) -> bool:
        """True while the database answers."""
        return self.parts.get("database") is None

    @property
    def summary(self) -> str:
        """``ok``, ``degraded: redis`` or ``down: database``."""
        ailing = [name for name, what in self.parts.items() if what is not None]
        if not ailing:
            return "ok"
        return f"{'degraded' if self.is_ready else 'down'}: {', '.join(ailing)}"

    def as_dict(self) -> dict[str, Any]:
        """The report with the reasons, as the private port shows it."""
        return {
            "status": self.summary,
            "ready": self.is_ready,
            "parts": {name: what or "ok" for name, what in self.parts.items()},
        }


def add(name: str, query: Query) -> None:
    """Register a query for each check; it returns None, or what is wrong with its part."""
    _added[name] = query


async def check(store: Store, redis: Any) -> Report:
    """Check every part concurrently, each for at most two seconds."""
    names = ["database", "redis", *_added]
    asked = [_ask(store, _answers), _ping(redis), *(_ask(store, q) for q in _added.values())]
    found = dict(zip(names, await asyncio.gather(*asked), strict=True))
    if (full := disk_state.disk_failure()) is not None:
        found["disk"] = full
    if found["database"] is not None:
        found = {name: what for name, what in found.items() if name not in _added}
    return Report(found)


def _answers() -> None:
    database.obj.execute_sql("SELECT 1").fetchone()


async def _ask(store: Store, query: Query | Callable[[], None]) -> str | None:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await store.read(query)
    except TimeoutError:
        return f"no answer within {LIMIT_SECONDS:g} s"
    except Exception as error:
        return type(error).__name__


async def _ping(redis: Any) -> str | None:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            await redis.ping()
    except TimeoutError:
        return f"no answer within {LIMIT_SECONDS:g} s"
    except Exception as error:
        return type(error).__name__
    return None
