"""What the outbox needs from outside: a way to be told that there is work."""

from __future__ import annotations

from typing import Protocol


class WakePort(Protocol):
    """Wakes workers in this and other processes. A lost wake-up costs a second, never a row."""

    def wake(self) -> None:
        """Say that there is work; called from any thread, must neither block nor raise."""

    async def wait(self, seconds: float) -> None:
        """Return when woken, or when ``seconds`` have passed."""
