"""Alternating rounds of figure and limit, and the JSON line that a benchmark prints."""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Round:
    """One measured round: number of operations, duration, and cost of one operation."""

    count: int
    seconds: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    cpu_ms: float = 0.0
    rss_mb: int = 0

    @property
    def rate(self) -> float:
        """Operations per second."""
        return self.count / self.seconds


def of_times(taken: Sequence[float], cpu_seconds: float = 0.0, rss_mb: int = 0) -> Round:
    """The round of operations that were done one after the other."""
    p50, p99 = percentiles([value * 1000 for value in taken])
    cpu = cpu_seconds * 1000 / len(taken)
    return Round(len(taken), sum(taken), p50, p99, cpu, rss_mb)


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """The 50th and the 99th percentile."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]


def in_turn(rounds: int, *runs: Callable[[int], Round]) -> list[list[Round]]:
    """Run all in turn; returns the rounds of each, without a first warm-up round.

    Every other turn has the reverse order, so that the position within a turn has no effect.
    """
    found: list[list[Round]] = [[] for _ in runs]
    for number in range(rounds + 1):
        order = list(enumerate(runs))
        for index, run in order if number % 2 else reversed(order):
            result = run(number)
            if number:
                found[index].append(result)
    return found


def line(
    bench: str, figure: Sequence[Round], limit: Sequence[Round], unit: str, limit_is: str,
    note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The printed line: medians of the rounds, their ratio, and the ratio of their CPU times.

    On a machine with other load the ratio of CPU times is more reliable.
    """
    rates = [each.rate for each in figure]
    median = statistics.median(rates)
    bound = statistics.median(each.rate for each in limit) if limit else None
    cpu = statistics.median(each.cpu_ms for each in figure)
    bound_cpu = statistics.median(each.cpu_ms for each in limit) if limit else 0
    if cpu and bound_cpu:
        note = f"{note}; " * bool(note) + f"limit's cpu_ms {bound_cpu:.3g}"
    return {
        "bench": bench,
        "figure": _short(median),
        "unit": unit,
        "limit": _short(bound) if bound else None,
        "limit_is": limit_is,
        "ratio": round(median / bound, 2) if bound else None,
        "p50_ms": round(statistics.median(each.p50_ms for each in figure), 2),
        "p99_ms": round(statistics.median(each.p99_ms for each in figure), 2),
        "cpu_ms": round(cpu, 2),
        "cpu_ratio": round(bound_cpu / cpu, 2) if cpu and bound_cpu else None,
        "rss_mb": max(each.rss_mb for each in figure),
        "runs": len(figure),
        "spread": round((max(rates) - min(rates)) / median, 2),
        "note": f"{note}; " * bool(note) + f"load {os.getloadavg()[0]:.1f}",
    }


def show(*lines: dict[str, Any]) -> None:
    """Print each as one line of JSON."""
    for each in lines:
        sys.stdout.write(json.dumps(each, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def scaled(each: Round, factor: int) -> Round:
    """The round counted in smaller operations, ``factor`` of which make up one."""
    return replace(each, count=each.count * factor, cpu_ms=each.cpu_ms / factor)


def _short(value: float) -> float:
    return round(value, 1 if value < 1000 else 0)
