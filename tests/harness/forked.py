"""Runs our commands as separate processes that are forked, because importing takes a second.

Each test worker has a server process that has imported the shop and the simulator. It forks a
child for each command. The child has its own arguments, folder, environment and output, and ends
like a command. ``tests/e2e/test_demo_start.py`` and ``tests/e2e/processes.py`` start commands
without forking.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SHOP = ["app.commands", "app.processes", "app.production", "app.seed", "simulator.app"]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(SHOP)


class Forked:
    """A running command; the part of ``subprocess.Popen`` that tests use."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        log: Path,
    ) -> None:
        given = (module, list(arguments), str(folder), dict(env), str(log))
        self._process: Any = _context.Process(target=_run, args=given)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return int(self._process.pid)

    @property
    def returncode(self) -> int | None:
        """Its exit status, below zero for a signal; None while it runs."""
        status: int | None = self._process.exitcode
        return status

    def poll(self) -> int | None:
        """The exit status as of now; None while it runs."""
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Wait for the end; returns the exit status. Raises subprocess.TimeoutExpired."""
        self._process.join(seconds)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self.returncode


def _run(module: str, arguments: list[str], folder: str, env: dict[str, str], log: str) -> None:
    """In the child: become ``python -m module arguments``."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    with Path(log).open("ab", buffering=0) as out, Path(os.devnull).open("rb") as nothing:
        for number, stream in ((0, nothing), (1, out), (2, out)):
            os.dup2(stream.fileno(), number)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
