"""The outbox (发件箱): a queue of work that leaves a transaction, and the workers that do it.

A verb calls ``enqueue`` in its own transaction. After the commit a ``Worker`` runs the handler of
the row's kind. ADR 0011 says which clock decides what.
"""

from domain.outbox.claims import LeaseLost
from domain.outbox.erasing import PERSONAL
from domain.outbox.periodic import Did, Periodic, PeriodicRunner
from domain.outbox.ports import WakePort
from domain.outbox.queries import (
    PeriodicRow,
    counts,
    list_dead_letters,
    list_periodic_jobs,
    list_retried,
    outbox_problem,
    payloads_since,
)
from domain.outbox.service import (
    delete_done_rows,
    enqueue,
    install_wake,
    replay_dead_letter,
    skip_dead_letter,
)
from domain.outbox.worker import Handler, Job, Limits, LocalWake, Postpone, Worker, record_depth

__all__ = [
    "PERSONAL",
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
    "counts",
    "delete_done_rows",
    "enqueue",
    "install_wake",
    "list_dead_letters",
    "list_periodic_jobs",
    "list_retried",
    "outbox_problem",
    "payloads_since",
    "record_depth",
    "replay_dead_letter",
    "skip_dead_letter",
]
