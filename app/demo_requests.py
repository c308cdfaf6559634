"""Requests about personal data in the demo shop: one of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from app.runtime import Runtime
from domain import rights
from kernel import context


async def add_requests(runtime: Runtime, buyers: Sequence[int], leaver: int) -> None:
    """A buyer asks for a file and a correction, another objects, and somebody leaves."""
    write = runtime.store.write
    first, last = buyers[0], buyers[-1]
    with context.acting(f"member:{first}"):
        await write(rights.request_file, first)
        await write(rights.open_request, first, "correction", "发票抬头的公司名写错了，请更正")
    with context.acting(f"member:{last}"):
        await write(rights.open_request, last, "objection", "请不要按我买过什么来推荐")
    with context.acting(f"member:{leaver}"):
        await write(rights.request_deletion, leaver, gives_up=False)
