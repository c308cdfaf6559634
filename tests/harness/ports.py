"""Free ports for the servers that tests and benchmarks start."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket

_FIRST, _COUNT, _WORKERS = 12_000, 2_500, 8
_given: set[int] = set()


def free_port() -> int:
    """A port that is not in use and was not returned before in this process.

    The port lies below the range for outgoing connections, where it could be taken before the
    server has started. Each test worker has its own range.
    """
    worker = re.search(r"[0-9]+", os.environ.get("PYTEST_XDIST_WORKER", ""))
    first = _FIRST + (int(worker[0]) % _WORKERS if worker else 0) * _COUNT
    if len(_given) > _COUNT // 2:
        _given.clear()
    for _ in range(1_000):
        port = first + secrets.randbelow(_COUNT)
        if port in _given:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port
    raise RuntimeError("no port is free")
