"""The outbox (发件箱): consequences that leave a transaction, and the queue that runs them.

A verb calls ``enqueue`` in its own transaction; after COMMIT a ``Worker`` runs the handler of
that kind. ``docs/adr/0011-outbox-clocks.md`` says which clock decides what.
"""

from domain.outbox.claims import LeaseLost
from domain.outbox.periodic import Periodic, PeriodicRunner, run_soon
from domain.outbox.ports import WakePort
from domain.outbox.queries import (
    ailment,
    counts,
    dead_letters,
    payloads_since,
    periodic_jobs,
    retried,
)
from domain.outbox.service import enqueue, forget_done, install_wake, replay, skip
from domain.outbox.worker import Handler, Job, Limits, LocalWake, Postpone, Worker, record_depth

__all__ = [
    "Handler",
    "Job",
    "LeaseLost",
    "Limits",
    "LocalWake",
    "Periodic",
    "PeriodicRunner",
    "Postpone",
    "WakePort",
    "Worker",
    "ailment",
    "counts",
    "dead_letters",
    "enqueue",
    "forget_done",
    "install_wake",
    "payloads_since",
    "periodic_jobs",
    "record_depth",
    "replay",
    "retried",
    "run_soon",
    "skip",
]
