"""The port that the outbox needs: a way to wake workers."""

from __future__ import annotations

from typing import Protocol


class WakePort(Protocol):
    """Wakes workers in this and other processes. A lost wake-up delays a row by a second."""

    def wake(self) -> None:
        """Wake the workers; may be called from any thread, and neither blocks nor raises."""

    async def wait(self, seconds: float) -> None:
        """Return when woken, or after ``seconds``."""
