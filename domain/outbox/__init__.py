"""The outbox (发件箱): a queue of work that leaves a transaction, and the workers that do it.

A verb calls ``enqueue`` in its own transaction. After the commit a ``Worker`` runs the handler of
the row's kind. ADR 0011 says which clock decides what.
"""

from domain.outbox.claims import LeaseLost
from domain.outbox.periodic import Did, Periodic, PeriodicRunner, run_soon
from domain.outbox.ports import WakePort
from domain.outbox.queries import (
    PeriodicRow,
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
    "Did",
    "Handler",
    "Job",
    "LeaseLost",
    "Limits",
    "LocalWake",
    "Periodic",
    "PeriodicRow",
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
