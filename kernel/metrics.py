"""The process's metrics in one registry, with those that every layer shares.

Gateways and faces define further metrics on the same registry, prometheus_client's default. The
private port serves ``page()``.
"""

from __future__ import annotations

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300)

HTTP_REQUESTS = Counter(
    "fenmall_http_requests",
    "Requests answered, by face, route and status class.",
    ("face", "route", "status"),
)
HTTP_SECONDS = Histogram(
    "fenmall_http_seconds",
    "Time to answer a request.",
    ("face",),
    buckets=_FAST,
)
STORE_WRITES = Counter(
    "fenmall_store_writes",
    "Write verbs: ok, failed (rolled back) or unknown.",
    ("outcome",),
)
STORE_WRITE_SECONDS = Histogram(
    "fenmall_store_write_seconds",
    "Time from asking for a write to its answer, queueing included.",
    buckets=_FAST,
)
STORE_BATCH_JOBS = Histogram(
    "fenmall_store_batch_jobs",
    "Verbs that shared one transaction: on SQLite any, on a server those of one lane.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
STORE_RETRIES = Counter(
    "fenmall_store_retries",
    "Verbs run again: deadlock, gone (connection died), raced (same command), undone (batch).",
    ("cause",),
)
OUTBOX_ROWS = Gauge(
    "fenmall_outbox_rows",
    "Outbox rows that are due, leased or dead.",
    ("state",),
)
OUTBOX_LAG_SECONDS = Gauge(
    "fenmall_outbox_lag_seconds",
    "How long the oldest due row has been waiting.",
)
OUTBOX_HANDLED = Counter(
    "fenmall_outbox_handled",
    "Outbox rows handled: done, retried, postponed, dead or lost (lease taken over).",
    ("kind", "outcome"),
)
OUTBOX_SECONDS = Histogram(
    "fenmall_outbox_seconds",
    "Time a handler took.",
    ("kind",),
    buckets=_SLOW,
)
PERIODIC_RUNS = Counter(
    "fenmall_periodic_runs",
    "Periodic jobs run: done or failed.",
    ("name", "outcome"),
)


def page() -> bytes:
    """All metrics in Prometheus' text format; served with ``CONTENT_TYPE``."""
    return generate_latest(REGISTRY)


__all__ = [
    "CONTENT_TYPE",
    "HTTP_REQUESTS",
    "HTTP_SECONDS",
    "OUTBOX_HANDLED",
    "OUTBOX_LAG_SECONDS",
    "OUTBOX_ROWS",
    "OUTBOX_SECONDS",
    "PERIODIC_RUNS",
    "REGISTRY",
    "STORE_BATCH_JOBS",
    "STORE_RETRIES",
    "STORE_WRITES",
    "STORE_WRITE_SECONDS",
    "page",
]
