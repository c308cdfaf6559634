"""Carries out a confirmed sheet, at once or by the worker."""

from __future__ import annotations

from domain.imports.queries import rows_to_do
from domain.imports.rules import Save
from domain.imports.service import carry_out_row, finish_import
from kernel.store import Store


async def carry_out_import(store: Store, import_id: int, save: Save) -> None:
    """Carry out what is left of a confirmed sheet; each row is a transaction of its own.

    So nobody waits for more than a row, and after a crash the rest is done where it stopped.
    """
    while ids := await store.read(rows_to_do, import_id):
        for row_id in ids:
            await store.write(carry_out_row, row_id, save)
    await store.write(finish_import, import_id)
