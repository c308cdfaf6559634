"""What ``app`` connects: the file of an access request, deletions that are due, sealed copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import members, rights
from domain.outbox import Did, Handler, Job, Periodic
from domain.personal_data.deleting import delete_due
from domain.personal_data.files import make_file
from domain.personal_data.ports import Files, Pages, Places
from kernel.store import Store


def handlers(store: Store, files: Files, pages: Pages) -> dict[str, Handler]:
    """Outbox handlers by kind."""

    async def make(payload: dict[str, Any], _: Job) -> None:
        await make_file(store, files, pages, str(payload["request_no"]))

    return {"rights.file": make}


def periodic(store: Store, places: Places) -> list[Periodic]:
    """Jobs: carry out deletions, and delete files and sealed copies past their day."""

    async def delete() -> Did:
        told = await store.write(rights.announce_deletions)
        return {"told": told, "deleted": await delete_due(store, places)}

    async def tidy() -> Did:
        names = await store.write(rights.forget_files)
        await places.exports.remove(names)
        return {"removed": len(names), "forgotten": await store.write(members.forget_kept)}

    return [
        Periodic("rights.delete", timedelta(minutes=10), delete, stops_in_hold=True),
        Periodic("rights.tidy", timedelta(hours=1), tidy),
    ]
