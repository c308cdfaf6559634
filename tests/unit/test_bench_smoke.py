"""The arithmetic of the benchmarks, and a complete run of one benchmark."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

from bench.__main__ import NAMES
from bench.tools.processes import ROOT
from bench.tools.report import Round, in_turn, line, of_times

FIELDS = {
    "bench", "figure", "unit", "limit", "limit_is", "ratio", "cpu_ratio", "p50_ms", "p99_ms",
    "cpu_ms", "rss_mb", "runs", "spread", "note",
}  # fmt: skip


def test_a_line_is_the_ratio_of_medians() -> None:
    figure = [Round(100, 1.0), Round(100, 2.0), Round(100, 4.0)]
    limit = [Round(100, 1.0), Round(300, 1.0), Round(200, 1.0)]
    said = line("x", figure, limit, "things/s", "the least")
    assert set(said) == FIELDS
    assert (said["figure"], said["limit"], said["ratio"]) == (50.0, 200.0, 0.25)
    assert (said["runs"], said["spread"], said["cpu_ratio"]) == (3, 1.5, None)


def test_a_line_shows_the_ratios_of_processor_time_and_of_clock_time() -> None:
    said = line("x", [Round(1, 4.0, cpu_ms=2.0)], [Round(1, 1.0, cpu_ms=1.0)], "things/s", "")
    assert (said["ratio"], said["cpu_ratio"]) == (0.25, 0.5)


def test_rounds_alternate_and_the_first_is_discarded() -> None:
    order: list[str] = []

    def run(name: str, number: int) -> Round:
        order.append(f"{name}{number}")
        return Round(number, 1.0)

    figure, limit = in_turn(2, lambda n: run("a", n), lambda n: run("b", n))
    assert order == ["b0", "a0", "a1", "b1", "b2", "a2"]
    assert [r.count for r in figure] == [r.count for r in limit] == [1, 2]


def test_a_round_of_single_times() -> None:
    made = of_times([0.001] * 99 + [0.1], cpu_seconds=0.05)
    assert (made.count, round(made.seconds, 3), made.cpu_ms) == (100, 0.199, 0.5)
    assert (made.p50_ms, made.p99_ms) == (1.0, 100.0)


def test_every_benchmark_named_is_there() -> None:
    for name in NAMES:
        assert callable(importlib.import_module(f"bench.{name}").main)


def test_a_benchmark_runs_from_start_to_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "page_detail"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    (said,) = [json.loads(each) for each in done.stdout.splitlines()]
    assert set(said) == FIELDS
    assert said["bench"] == "page_detail"
    assert said["figure"] > 0
