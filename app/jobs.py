"""Housekeeping jobs that delete old rows."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from app.runtime import Runtime
from domain import exports, imports, members
from domain.audit import delete_old_events, move_system_acts
from domain.cart import delete_abandoned_lines
from domain.outbox import Did, Periodic, delete_done_rows
from domain.staff import delete_old_devices, delete_old_tries
from kernel.store import Store
from kernel.store.commands import forget_old_commands

TWO_DAYS = 2 * 86_400.0
"""A file that no row names was left by a worker that died before it wrote the row."""


def housekeeping(runtime: Runtime) -> list[Periodic]:
    """The periodic jobs that delete old rows."""
    store = runtime.store

    async def commands() -> Did:
        return {"forgotten": await store.write(forget_old_commands)}

    async def rows() -> Did:
        return {"forgotten": await store.write(delete_done_rows)}

    async def states() -> Did:
        return {"forgotten": await store.write(members.delete_old_sessions)}

    async def carts() -> Did:
        return {"forgotten": await store.write(delete_abandoned_lines)}

    async def tries() -> Did:
        gone = await store.write(delete_old_tries) + await store.write(delete_old_devices)
        return {"forgotten": gone}

    async def files() -> Did:
        gone = await store.write(exports.delete_expired)
        left = await runtime.exports.names(TWO_DAYS)
        await runtime.exports.remove({*gone, *left})
        return {"removed": len(gone)}

    hour = timedelta(hours=1)
    return [
        Periodic("housekeeping.commands", hour, commands),
        Periodic("housekeeping.outbox", hour, rows),
        Periodic("housekeeping.browsers", hour, states),
        Periodic("housekeeping.carts", hour, carts),
        Periodic("housekeeping.sign_ins", hour, tries),
        Periodic("housekeeping.exports", hour, files),
        Periodic("housekeeping.imports", hour, partial(_sheets, store)),
        Periodic("housekeeping.events", timedelta(days=1), partial(_events, store)),
    ]


async def _events(store: Store) -> Did:
    gone = moved = 0
    while done := await store.write(delete_old_events):
        gone += done
    while done := await store.write(move_system_acts):
        moved += done
    return {"forgotten": gone, "moved": moved}


async def _sheets(store: Store) -> Did:
    gone = 0
    while done := await store.write(imports.delete_expired_imports):
        gone += done
    return {"removed": gone}
