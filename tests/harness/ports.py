"""Ports for servers that tests and benchmarks start."""

from __future__ import annotations

import contextlib
import secrets
import socket

_FIRST, _COUNT = 12_000, 20_000


def free_port() -> int:
    """A port that nobody listens on now.

    From below those that the system gives to outgoing connections: one of these may be taken
    before the server that it was found for has started.
    """
    for _ in range(1_000):
        port = _FIRST + secrets.randbelow(_COUNT)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")
