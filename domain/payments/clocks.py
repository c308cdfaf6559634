"""Machines whose clock differs from WeChat's (时钟误差), kept for pages. See ADR 0050."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from domain import system_state

SHOWN_FROM_SECONDS = 60
CHANGED_SECONDS = 60


class ClockDifferences(system_state.State):
    """Seconds by which WeChat's clock is ahead, by machine."""

    KEY: ClassVar[str] = "clocks_apart"
    seconds: dict[str, int] = Field(default_factory=dict)


def record_clock_difference(machine: str, seconds: int) -> bool:
    """Record a machine's difference; True if a difference began, ended or changed by a minute."""
    known = system_state.locked(ClockDifferences).seconds
    before = known.get(machine, 0)
    now = seconds if abs(seconds) >= SHOWN_FROM_SECONDS else 0
    if abs(now - before) < CHANGED_SECONDS:
        return False
    others = {name: each for name, each in known.items() if name != machine}
    apart = others | ({machine: now} if now else {})
    system_state.put(ClockDifferences(seconds=apart))
    return True


def clock_differences() -> dict[str, int]:
    """Machines whose clock differs from WeChat's by a minute or more, with the seconds."""
    return dict(system_state.get(ClockDifferences).seconds)
