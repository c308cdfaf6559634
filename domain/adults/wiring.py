"""What ``app`` collects from adults: the job for overdue doubts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from domain.adults import flows
from domain.outbox import Periodic
from kernel.store import Store


def periodic(store: Store) -> list[Periodic]:
    """The job that refuses doubts whose time is over."""
    return [Periodic("adults.due", timedelta(minutes=10), partial(flows.refuse_due, store))]
