"""Password hashes (argon2id), and the small pool that makes them outside of every transaction.

One hash takes a fifth of a second of a processor and 64 MB. So few are made at once, in a process
that gives way to the pages, and few wait: who comes when the queue is full is told so at once.
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
"""How many of one origin may wait: more than the tries after which it is locked."""

AGAIN_SECONDS = 3
_PROGRAM = Path(hashing.__file__)


@dataclass(frozen=True)
class Password:
    """A chosen password, to be shown once, and the hash to keep."""

    plain: str
    hashed: str


def nobodys_hash() -> str:
    """A hash that no password has, as costly to compare as any other; made without hashing."""
    hasher = hashing.HASHER
    salt, value = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${value}"


class Engine(Protocol):
    """What hashes, one question at a time."""

    def ask(self, name: str, *arguments: str) -> Any:
        """The answer of ``hashing.WORK``; blocks."""

    def close(self) -> None:
        """Stop."""


class HashingProcess:
    """``kernel/hashing.py`` as a process of its own, started when first asked.

    A thread would hash as well, but page faults for 64 MB a hash hold up the whole process, which
    also keeps the memory (docs/adr/0043-tries-by-place.md).
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def ask(self, name: str, *arguments: str) -> Any:
        """Ask the process; one that was killed is started again, once."""
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
        """End the process; it keeps nothing."""
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
    """Turns at hashing: one at a time, few waiting, known people before strangers.

    Who waits is counted by ``origin``, so that one of them can't take every place.
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
        """The one place at work, for as long as the block runs.

        Raises Busy('sign_in_busy', seconds) at once when too many wait.
        """
        await self._enter(origin, is_known)
        try:
            yield
        finally:
            self._leave()

    async def is_right(self, hashed: str, plain: str) -> bool:
        """Whether a password is the one of a hash; only inside of ``turn``."""
        return bool(await self._ask("verify", hashed, plain))

    async def make(self, plain: str) -> Password:
        """A password with its hash; only inside of ``turn``."""
        return Password(plain, str(await self._ask("hash", plain)))

    def close(self) -> None:
        """End what hashes; who still waits for an answer gets an error."""
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
                self._leave()  # the turn had come already
            raise

    def _leave(self) -> None:
        for queue in (self._known, self._strangers):
            while queue:
                _, waiting = queue.popleft()
                if not waiting.done():
                    waiting.set_result(None)
                    return
        self._is_free = True
