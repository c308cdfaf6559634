"""Housekeeping jobs that delete old rows."""

from __future__ import annotations

from datetime import timedelta

from app.runtime import Runtime
from domain import exports, members
from domain.audit import forget_events, take_over
from domain.cart import forget_left
from domain.outbox import Periodic, forget_done
from domain.staff import sweep_devices, sweep_tries
from kernel.store.commands import forget_old_commands

TWO_DAYS = 2 * 86_400.0
"""A file that no row names was left by a worker that died before it wrote the row."""


def housekeeping(runtime: Runtime) -> list[Periodic]:
    """The periodic jobs that delete old rows."""
    store = runtime.store

    async def commands() -> str:
        return f"{await store.write(forget_old_commands)} command results forgotten"

    async def rows() -> str:
        return f"{await store.write(forget_done)} done outbox rows forgotten"

    async def states() -> str:
        return f"{await store.write(members.sweep_sessions)} rows of old browsers forgotten"

    async def carts() -> str:
        return f"{await store.write(forget_left)} lines of left carts forgotten"

    async def tries() -> str:
        gone = await store.write(sweep_tries) + await store.write(sweep_devices)
        return f"{gone} rows of old sign-ins forgotten"

    async def events() -> str:
        gone = moved = 0
        while done := await store.write(forget_events):
            gone += done
        while done := await store.write(take_over):
            moved += done
        return f"{gone} old system events forgotten, {moved} taken over"

    async def files() -> str:
        gone = await store.write(exports.sweep)
        left = await runtime.exports.names(TWO_DAYS)
        await runtime.exports.remove({*gone, *left})
        return f"{len(gone)} old exports removed"

    hour = timedelta(hours=1)
    return [
        Periodic("housekeeping.commands", hour, commands),
        Periodic("housekeeping.outbox", hour, rows),
        Periodic("housekeeping.browsers", hour, states),
        Periodic("housekeeping.carts", hour, carts),
        Periodic("housekeeping.sign_ins", hour, tries),
        Periodic("housekeeping.exports", hour, files),
        Periodic("housekeeping.events", timedelta(days=1), events),
    ]
