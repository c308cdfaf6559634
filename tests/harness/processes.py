"""Processes for tests: the shop, the simulator, and servers in a temporary folder.

Each is ended by its process id at the end of its block, even if the test failed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.harness.forked import Forked

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40.0


class Process:
    """A child process whose output goes to a file; a failing test shows the file."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = list(command)
        self._env = dict(env) if env is not None else None
        self._running: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> Process:
        """Start it; output is appended to its file."""
        self.log.touch()  # a forked child may open the file after its first reader
        self._running = self._begun()
        return self

    def _begun(self) -> subprocess.Popen[bytes] | Forked:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._running is not None
        return self._running.pid

    def is_running(self) -> bool:
        """True until it has ended."""
        return self._running is not None and self._running.poll() is None

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Wait for its end; returns its exit status."""
        assert self._running is not None
        return self._running.wait(seconds)

    def kill(self) -> None:
        """Kill it with SIGKILL, as a power failure would: nothing is cleaned up."""
        if self.is_running():
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def stop(self, number: int = signal.SIGTERM, seconds: float = 30.0) -> int:
        """Ask it to end and wait; returns its exit status. After ``seconds`` it is killed."""
        if self.is_running():
            os.kill(self.pid, number)
            try:
                self.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        assert self._running is not None
        return int(self._running.returncode)

    def pause(self) -> None:
        """Stop it (SIGSTOP): it keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Continue a paused process (SIGCONT)."""
        if self.is_running():
            os.kill(self.pid, signal.SIGCONT)

    def ready(self, url: str, seconds: float = START_SECONDS) -> Process:
        """Wait until it answers at a URL."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.is_running():
                raise AssertionError(f"{self.name} ended at its start:\n{self.tail()}")
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"{self.name} does not answer {url}:\n{self.tail()}")

    def says(self, text: str, seconds: float = START_SECONDS) -> Process:
        """Wait until its output contains a text."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if text in self.tail():
                return self
            if not self.is_running():
                break
            time.sleep(0.05)
        raise AssertionError(f"{self.name} does not say {text!r}:\n{self.tail()}")

    def tail(self, most: int = 4000) -> str:
        """The last ``most`` characters of its output."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-most:]


class Ours(Process):
    """``python -m module …`` in the project's folder, forked from a process that imported it."""

    def _begun(self) -> Forked:
        module, *arguments = self._command
        return Forked(module, arguments, ROOT, self._env or {}, self.log)


def ours(
    name: str,
    module: str,
    arguments: Sequence[str],
    folder: Path,
    env: Mapping[str, str] | None = None,
) -> Process:
    """A process of one of our modules; ``env`` changes this process's environment."""
    return Ours(name, [module, *arguments], folder, os.environ | dict(env or {}))


def app(name: str, arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> Process:
    """``python -m app …``, configured by its environment."""
    return ours(name, "app", arguments, folder, env)
