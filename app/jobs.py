"""Housekeeping that belongs to no domain: old rows."""

from __future__ import annotations

from datetime import timedelta

from app.runtime import Runtime
from domain.cart.service import forget_left
from domain.members import sessions
from domain.outbox import Periodic, forget_done
from kernel.store.commands import forget_old_commands


def housekeeping(runtime: Runtime) -> list[Periodic]:
    """Small jobs that keep tables tidy."""
    store = runtime.store

    async def commands() -> str:
        return f"{await store.write(forget_old_commands)} command results forgotten"

    async def rows() -> str:
        return f"{await store.write(forget_done)} done outbox rows forgotten"

    async def states() -> str:
        return f"{await store.write(sessions.sweep)} rows of old browsers forgotten"

    async def carts() -> str:
        return f"{await store.write(forget_left)} lines of left carts forgotten"

    hour = timedelta(hours=1)
    return [
        Periodic("housekeeping.commands", hour, commands),
        Periodic("housekeeping.outbox", hour, rows),
        Periodic("housekeeping.browsers", hour, states),
        Periodic("housekeeping.carts", hour, carts),
    ]
