"""The promotions that are on, cached by each process and checked again for each order.

Pages may show them a second late. An order reads the ids and versions of the promotions that are
on in its own transaction; if they differ from the cached ones, it reads the promotions again.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from domain.promotions import statements
from domain.promotions.kind import Live
from domain.promotions.kinds import KINDS
from models import OfferRow

log = logging.getLogger(__name__)
FRESH_SECONDS = 1.0
Versions = tuple[tuple[int, int, datetime], ...]


@dataclass(frozen=True)
class _Cache:
    """The process's cache; ``read_at`` is a monotonic time in seconds."""

    read_at: float
    versions: Versions
    offers: tuple[Live, ...]


_cache: _Cache | None = None


def live_offers(at: datetime, *, is_fresh: bool = False) -> tuple[Live, ...]:
    """The promotions that run at an instant, by id.

    ``is_fresh`` compares the cache with the database first.
    """
    return tuple(live for live in _on(at, is_fresh=is_fresh) if live.runs(at))


def clear_cache() -> None:
    """Drop the process's cache; for tests and after a restore."""
    global _cache
    _cache = None


def _on(at: datetime, *, is_fresh: bool) -> tuple[Live, ...]:
    global _cache
    kept, now = _cache, time.monotonic()
    if kept is not None and not is_fresh and now - kept.read_at < FRESH_SECONDS:
        return kept.offers
    versions: Versions = tuple(
        (r.id, r.version, r.updated_at) for r in statements.versions_on.all(at)
    )
    if kept is None or kept.versions != versions:
        offers = _read([offer_id for offer_id, _, _ in versions])
    else:
        offers = kept.offers
    _cache = _Cache(now, versions, offers)
    return offers


def _read(ids: list[int]) -> tuple[Live, ...]:
    if not ids:
        return ()
    rows = OfferRow.select().where(OfferRow.id.in_(ids)).order_by(OfferRow.id)
    return tuple(live for row in rows if (live := live_of(row)) is not None)


def live_of(row: OfferRow) -> Live | None:
    """A row as pricing uses it; None, with a log line, if its rules can't be read."""
    kind = KINDS.get(row.kind)
    try:
        if kind is None:
            raise ValueError(f"no such kind: {row.kind}")
        rules = kind.rules.model_validate(row.rules)
    except (ValueError, ValidationError) as error:
        log.error("promotion %s can't be read and is left out: %s", row.id, error)
        return None
    return Live(
        row.id, row.kind, row.version, row.label, row.starts_at, row.ends_at, row.scope,
        frozenset(row.targets), rules,
    )  # fmt: skip
