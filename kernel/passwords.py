"""Password hashes (argon2id), and the queue that limits how many are computed.

One hash takes 0.2 s of CPU and 64 MB. Hashes are therefore computed one at a time, in a process of
low priority and outside of transactions. The queue is short; when it is full, ``Busy`` is raised.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kernel import hashing
from kernel.errors import Busy

WAITING = 12
EACH = 6
"""How many of one origin may wait; above the number of failures that locks an origin."""

AGAIN_SECONDS = 3
_PROGRAM = Path(hashing.__file__)


@dataclass(frozen=True)
class Password:
    """A new password in plain text, to be shown once, and its hash, to be stored."""

    plain: str
    hashed: str


def dummy_hash() -> str:
    """A random value in the form of a hash, to be compared with if a login does not exist.

    Verifying against it takes as long as for a real hash, so that the time does not reveal which
    logins exist. It is made without hashing.
    """
    hasher = hashing.HASHER
    salt, value = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${value}"


class Engine(Protocol):
    """Computes hashes, one request at a time."""

    def ask(self, name: str, *arguments: str) -> Any:
        """The result of ``hashing.WORK[name]``; blocks."""

    def close(self) -> None:
        """Release the resources."""


class HashingProcess:
    """``kernel/hashing.py`` as a child process, started at the first request.

    In a thread the page faults for 64 MB per hash would delay the whole web process, which would
    also keep the memory (docs/adr/0043-tries-by-place.md).
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def ask(self, name: str, *arguments: str) -> Any:
        """Send a request to the child; if it has ended, start it again once. Raises OSError."""
        question = json.dumps([name, *arguments]) + "\n"
        for is_last in (False, True):
            try:
                return json.loads(self._exchange(question))
            except OSError:
                self.close()
                if is_last:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Kill the child process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _exchange(self, question: str) -> str:
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - this interpreter, our own file
                [sys.executable, "-P", str(_PROGRAM)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(question)
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise BrokenPipeError("the hashing process ended")
        return answer


class PasswordPool:
    """The queue for hashing: one at a time, known browsers before others.

    Waiting requests are counted per ``origin``, so that one origin can't fill the queue.
    """

    engine: Callable[[], Engine] = HashingProcess

    def __init__(self) -> None:
        self._is_free = True
        self._known: deque[tuple[str, asyncio.Future[None]]] = deque()
        self._strangers: deque[tuple[str, asyncio.Future[None]]] = deque()
        self._engine = type(self).engine()
        self._thread = ThreadPoolExecutor(1, "password")

    @contextlib.asynccontextmanager
    async def turn(self, origin: str, *, is_known: bool = False) -> AsyncIterator[None]:
        """Wait for the turn to hash and hold it for the block.

        Raises Busy('sign_in_busy', seconds) at once if too many wait.
        """
        await self._enter(origin, is_known)
        try:
            yield
        finally:
            self._leave()

    async def is_right(self, hashed: str, plain: str) -> bool:
        """Whether a password matches a hash; only inside of ``turn``."""
        return bool(await self._ask("verify", hashed, plain))

    async def make(self, plain: str) -> Password:
        """Hash a password; only inside of ``turn``."""
        return Password(plain, str(await self._ask("hash", plain)))

    def close(self) -> None:
        """Stop hashing; requests without an answer yet raise."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._engine.close()

    async def _ask(self, name: str, *arguments: str) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._engine.ask, name, *arguments)

    async def _enter(self, origin: str, is_known: bool) -> None:
        if self._is_free:
            self._is_free = False
            return
        queue = self._known if is_known else self._strangers
        if len(queue) >= WAITING or sum(other == origin for other, _ in queue) >= EACH:
            raise Busy("sign_in_busy", seconds=AGAIN_SECONDS)
        place = origin, asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place[1]
        except asyncio.CancelledError:
            if place in queue:
                queue.remove(place)
            else:
                self._leave()  # it had been given the turn already
            raise

    def _leave(self) -> None:
        for queue in (self._known, self._strangers):
            while queue:
                _, waiting = queue.popleft()
                if not waiting.done():
                    waiting.set_result(None)
                    return
        self._is_free = True
