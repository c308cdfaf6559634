"""Outbox workers, and handlers that fail when told to."""

from __future__ import annotations

from typing import Any

from domain.outbox import Handler, Job, Limits, LocalWake, Worker
from kernel.store import Store
from models import OutboxRow


class Recorder:
    """A handler that records its calls and raises the given errors, one per call."""

    def __init__(self, *errors: Exception | None) -> None:
        self.seen: list[tuple[dict[str, Any], int]] = []
        self._errors = list(errors)

    async def __call__(self, payload: dict[str, Any], job: Job) -> None:
        self.seen.append((payload, job.attempt))
        error = self._errors.pop(0) if self._errors else None
        if error is not None:
            raise error


def make_worker(store: Store, handlers: dict[str, Handler], **limits: Any) -> Worker:
    return Worker(store, handlers, "w1", LocalWake(), Limits(**limits))


def row_states() -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in OutboxRow.select().order_by(OutboxRow.id)]
