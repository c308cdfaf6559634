"""The processes of a benchmark: the shop, limits, Redis, the load generator."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.tools.load import Shot
from bench.tools.report import Round
from tests.harness.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
"""Enough on a machine with ten other processes; ``start`` measures how long it takes."""

_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A listening process; its CPU time and memory are read from ``/proc``."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def cpu_seconds(self) -> float:
        """The CPU time of all threads so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / _TICKS

    def rss_mb(self) -> int:
        """The present resident memory."""
        for each in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if each.startswith("VmRSS:"):
                return int(each.split()[1]) // 1024
        return 0


@contextlib.contextmanager
def started(
    command: Sequence[str], env: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a child process and terminate it after the block.

    It keeps its bytecode as an installed shop does, also where ``PYTHONDONTWRITEBYTECODE`` is set:
    else each start compiles all source, which takes half as long again and leaves its memory full
    of holes.
    """
    own = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with contextlib.ExitStack() as stack:
        err = stack.enter_context(log.open("a")) if log is not None else subprocess.DEVNULL
        child = subprocess.Popen(
            list(command), cwd=ROOT, env={**own, **(env or {})}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
        )  # fmt: skip
        try:
            yield child
        except AssertionError as error:
            if log is not None and log.exists():
                error.add_note(log.read_text()[-1500:])
            raise
        finally:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


@contextlib.contextmanager
def helper(module: str, *arguments: str) -> Iterator[Server]:
    """Start a server of ``bench.tools``, which prints its port when it listens."""
    log = Path(os.environ["BENCH_LOG"]) if "BENCH_LOG" in os.environ else None
    with started([sys.executable, "-m", module, *arguments], log=log) as child:
        assert child.stdout is not None
        text = child.stdout.readline()
        if not text:
            raise RuntimeError(f"{module} {' '.join(arguments)} did not start")
        yield Server(child, int(text))


@contextlib.contextmanager
def shop(env: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Start ``python -m app serve`` on an existing database; yields when it is ready."""
    port = int(env["PORT"])
    log = folder / "serve.log"
    with started([sys.executable, "-m", "app", "serve"], env, log) as child:
        wait_until_ready(child, port, log)
        yield Server(child, port)


def wait_until_ready(child: subprocess.Popen[str], port: int, log: Path) -> None:
    """Wait until the shop is ready. Raises RuntimeError if it ends or takes too long."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError(f"the shop ended: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{port}/readyz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.02)
    raise RuntimeError(f"the shop is not ready: {log.read_text()[-2000:]}")


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Start a Redis for the benchmark if one is installed; yields its URL, else ``memory://``."""
    program = shutil.which("redis-server")
    if program is None:
        yield "memory://"
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir",
               str(folder)]  # fmt: skip
    with started(command):
        _wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"


def _wait_for_port(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


class Generator:
    """Controls the process of the load generator."""

    def __init__(self, child: subprocess.Popen[str], folder: Path) -> None:
        self._child = child
        self._folder = folder
        self._files = 0
        self.samples: list[tuple[int, bytes]] = []
        self.refused = 0

    def keep(self, shots: Sequence[Shot]) -> Path:
        """Write shots to a file for the generator; returns its path."""
        self._files += 1
        path = self._folder / f"shots-{self._files}.pickle"
        path.write_bytes(pickle.dumps([tuple(shot) for shot in shots]))
        return path

    def fire(
        self, server: Server, file: Path, first: int, count: int, connections: int = 64,
        seconds: float | None = None,
    ) -> Round:  # fmt: skip
        """Send one burst to a server, for at most ``seconds`` if given.

        Raises AssertionError if an answer was wrong. ``refused`` counts the accepted refusals.
        """
        told = {"port": server.port, "file": str(file), "first": first, "count": count,
                "connections": min(connections, count), "seconds": seconds}  # fmt: skip
        before = server.cpu_seconds()
        found = self._ask(told)
        cpu = server.cpu_seconds() - before
        if found["bad"] or (seconds is None and found["count"] != count):
            raise AssertionError(f"{found['bad']} of {count} wrong: {found['wrong'][:1]}")
        count, self.refused = found["count"], found["refused"]
        kept = pickle.loads(Path(f"{file}.samples").read_bytes())
        self.samples = [(first + number, body) for number, body in kept]
        return Round(count, found["seconds"], found["p50_ms"], found["p99_ms"],
                     cpu * 1000 / count, server.rss_mb())  # fmt: skip

    def begin(
        self, server: Server, file: Path, first: int, count: int, connections: int,
        seconds: float, pause: float = 0.0,
    ) -> None:  # fmt: skip
        """Start a burst in the background; ``end`` waits for it."""
        self._tell({"port": server.port, "file": str(file), "first": first, "count": count,
                    "connections": connections, "seconds": seconds, "pause": pause})  # fmt: skip

    def end(self) -> dict[str, int]:
        """Wait for the burst of ``begin``; returns the number of answers by status."""
        found: dict[str, int] = self._hear()["statuses"]
        return found

    def _ask(self, told: dict[str, Any]) -> dict[str, Any]:
        self._tell(told)
        return self._hear()

    def _tell(self, told: dict[str, Any]) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(told) + "\n")
        self._child.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        found: dict[str, Any] = json.loads(self._child.stdout.readline())
        return found


@contextlib.contextmanager
def generator(folder: Path) -> Iterator[Generator]:
    """Start the load generator."""
    with started([sys.executable, "-m", "bench.tools.load"]) as child:
        yield Generator(child, folder)
