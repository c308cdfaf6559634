"""The load generator, a process of its own: raw requests over persistent connections.

A command is one JSON line on standard input: port, file of requests, first and count, number of
connections, longest duration. The answer is one JSON line. A connection sends its next request
after the answer to the one before. An answer is right only with the expected status and bytes.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from bench.tools.report import percentiles

SAMPLES = 20
BURST_SECONDS = 60


class Shot(NamedTuple):
    """One request and its expected answer."""

    request: bytes
    expected: bytes
    status: bytes = b"200"
    """The expected beginning of the status; empty accepts any."""

    refusal: bytes | None = None
    """Bytes of a 409 that is also accepted; such answers are counted in ``refused``."""


class _Line(asyncio.Protocol):
    """One persistent connection: sends a shot, reads its answer, sends the next."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._wanted = 0
        self._shot: tuple[int, Shot] | None = None
        self._sent_at = 0.0
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Send the first shot."""
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Collect an answer until it is complete, then send the next shot."""
        self._buffer += data
        if not self._wanted:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._wanted = end + 4 + _length(self._buffer[:end])
        if len(self._buffer) < self._wanted:
            return
        answer, self._buffer, self._wanted = self._buffer[: self._wanted], b"", 0
        assert self._shot is not None
        self._run.answered(self._shot, answer, time.perf_counter() - self._sent_at)
        if self._run.pause:
            self._shot = None
            wait = self._run.pause * random.uniform(0.5, 1.5)
            asyncio.get_running_loop().call_later(wait, self._next)
        else:
            self._next()

    def connection_lost(self, _: Exception | None) -> None:
        """Count a connection that ends without an answer as a wrong one."""
        if self._shot is not None:
            self._run.lost()
        self._run.ended()

    def _next(self) -> None:
        self._shot = next(self._run.shots, None)
        if self._shot is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._shot[1].request)


class _Run:
    """One burst: its shots and answers. After ``seconds`` no further shot is sent."""

    def __init__(
        self, shots: list[Shot], connections: int, seconds: float | None, pause: float
    ) -> None:
        ends = time.perf_counter() + (seconds or BURST_SECONDS)
        self.shots: Iterator[tuple[int, Shot]] = takewhile(
            lambda _: seconds is None or time.perf_counter() < ends, enumerate(shots)
        )
        self.done = asyncio.get_running_loop().create_future()
        self.pause = pause
        self._open = connections
        self._every = max(len(shots) // SAMPLES, 1)
        self.taken: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.samples: list[tuple[int, bytes]] = []
        self.wrong: list[str] = []
        self.bad = 0
        self.refused = 0

    def answered(self, shot: tuple[int, Shot], answer: bytes, seconds: float) -> None:
        """Check an answer; samples of right ones are kept whole for further checks."""
        number, (_, expected, status, refusal) = shot
        self.taken.append(seconds)
        self.statuses[answer[9:12].decode("ascii", "replace")] += 1
        if refusal is not None and answer[9:12] == b"409" and refusal in answer:
            self.refused += 1
        elif not answer[9:12].startswith(status) or expected not in answer:
            self.bad += 1
            if len(self.wrong) < 3:
                self.wrong.append(answer[:2000].decode(errors="replace"))
        elif number % self._every == 0:
            self.samples.append((number, answer[answer.index(b"\r\n\r\n") + 4 :]))

    def lost(self) -> None:
        """Count a request without an answer as wrong."""
        self.bad += 1
        self.wrong.append("the connection ended")

    def ended(self) -> None:
        """Count a closed connection; the last one ends the burst."""
        self._open -= 1
        if not self._open and not self.done.done():
            self.done.set_result(None)


async def burst(
    port: int,
    shots: list[Shot],
    connections: int,
    kept: Path,
    seconds: float | None = None,
    pause: float = 0.0,
) -> dict[str, Any]:
    """Send all shots; returns counts, times and wrong answers. Samples are written to ``kept``.

    ``pause`` is the time in seconds that a connection waits after an answer, ±50 %.
    """
    run, loop = _Run(shots, connections, seconds, pause), asyncio.get_running_loop()
    started = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: _Line(run), "127.0.0.1", port)
    try:
        async with asyncio.timeout(BURST_SECONDS):
            await run.done
    except TimeoutError:
        run.wrong.append(f"{len(run.taken)} answers in {BURST_SECONDS} s")
    taken = time.perf_counter() - started
    p50, p99 = percentiles([value * 1000 for value in run.taken] or [0.0])
    kept.write_bytes(pickle.dumps(run.samples))  # noqa: ASYNC240 - nothing runs beside it
    return {
        "count": len(run.taken), "seconds": taken, "p50_ms": p50, "p99_ms": p99,
        "bad": run.bad, "refused": run.refused, "wrong": run.wrong[:3],
        "statuses": dict(run.statuses),
    }  # fmt: skip


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        return 0
    end = lower.find(b"\r", at)
    return int(lower[at + 15 : end if end > 0 else None])


def main() -> None:
    """Execute commands until standard input ends."""
    files: dict[str, list[Shot]] = {}
    for text in sys.stdin:
        told = json.loads(text)
        name = told["file"]
        if name not in files:
            files[name] = [Shot(*each) for each in pickle.loads(Path(name).read_bytes())]
        shots = files[name][told["first"] : told["first"] + told["count"]]
        kept = Path(f"{name}.samples")
        work = burst(told["port"], shots, told["connections"], kept, told["seconds"],
                     told.get("pause", 0.0))  # fmt: skip
        found = run_fast(work)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def run_fast(work: Any) -> Any:
    """Run a coroutine on the event loop that the shop uses."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


if __name__ == "__main__":
    main()
