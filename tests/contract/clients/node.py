"""Drives a Node client: one process for a test, one JSON line for a call and one for its answer.

``harness.mjs`` loads the named script, which exports ``open(config)`` and returns an object of
functions. The client uses WeChat's real addresses: the harness sends calls for WeChat's hosts to
``config.base`` and refuses every other address beyond loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
LINE_MOST = 16 * 1024 * 1024
SECONDS = 60


class ClientError(Exception):
    """The error that a client threw: its message, and the HTTP status and body it holds."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(facts.get("message", ""), facts.get("body"))
        self.name: str = facts.get("name", "")
        self.status: int | None = facts.get("status")
        self.code: Any = facts.get("code")
        self.body: Any = facts.get("body")


class NodeClient:
    """A running client."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def call(self, name: str, *args: Any) -> Any:
        """The result of one function of the script. Raises ClientError if it threw."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"call": name, "args": args}).encode() + b"\n")
        await self._process.stdin.drain()
        line = await asyncio.wait_for(self._process.stdout.readline(), SECONDS)
        if not line:
            assert self._process.stderr
            raise AssertionError((await self._process.stderr.read()).decode()[-4000:])
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["result"]


@asynccontextmanager
async def _running(script: str, **config: Any) -> AsyncIterator[NodeClient]:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(FOLDER / "harness.mjs"),
        str(FOLDER / script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_MOST,
    )
    client = NodeClient(process)
    try:
        await client.call("open", config)
        yield client
    finally:
        if process.stdin:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.communicate(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()


RunNode = Callable[..., AbstractAsyncContextManager[NodeClient]]


@pytest.fixture
def node() -> RunNode:
    """Start a client: ``async with node("wechatpay_axios.mjs", base=…, …) as client``.

    Without Node or the packages, the test is skipped locally and fails in CI.
    """
    missing = ""
    if shutil.which("node") is None:
        missing = "node is not installed"
    elif not (FOLDER / "node_modules" / ".installed").exists():
        missing = "the clients are not installed: make clients"
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return _running
