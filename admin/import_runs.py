"""Carries out long imported sheets in the worker, in the name of the person who confirmed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from admin.kit.imports import ImportSpec
from admin.kit.page import Section
from domain import imports, staff
from domain.outbox import Handler, Job
from kernel import context
from kernel.store import Store


def handlers(store: Store, menu: Callable[[], Sequence[Section]]) -> Mapping[str, Handler]:
    """The worker's handlers for sheets; ``menu`` is called only when there is a sheet."""

    async def run(payload: dict[str, Any], _: Job) -> None:
        await run_import(store, menu(), payload["import_id"])

    return {"import.run": run}


async def run_import(store: Store, menu: Sequence[Section], import_id: int) -> None:
    """Carry out the remaining rows of a confirmed sheet, if its sender still has the right.

    The request that confirmed the sheet may have carried out rows, or may be doing so now.
    """
    found = await store.read(imports.running_import, import_id)
    if found is None:
        return
    page, who = found
    spec = _spec(menu, page)
    rights = await store.read(staff.rights_held, who)
    if spec is None or spec.right not in rights:
        await store.write(imports.stop_import, import_id, "right_missing")
        return
    with context.acting(who):
        await imports.carry_out_import(store, import_id, spec.save)


def _spec(menu: Sequence[Section], path: str) -> ImportSpec | None:
    """The import with this address; None if a later release removed it."""
    parts = (part for section in menu for page in section.pages for part in page.parts)
    specs = (part for part in parts if isinstance(part, ImportSpec))
    return next((spec for spec in specs if spec.path == path), None)
