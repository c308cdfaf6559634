"""Looks for what is left of deleted people, by the declarations (doctor people)."""

from __future__ import annotations

from dataclasses import dataclass

from domain import members
from domain.personal_data.declared import DECLARED
from kernel.erasure import Person
from kernel.store import Store

BATCH = 50


@dataclass(frozen=True, order=True)
class Leftover:
    """Rows of a deleted member that the declarations say are gone."""

    member_id: int
    table: str
    rows: int


async def leftovers(store: Store) -> tuple[int, list[Leftover]]:
    """How many deleted members were looked at, and what is left of them."""
    after, seen, found = 0, 0, list[Leftover]()
    while batch := await store.report(members.list_erased, after, BATCH):
        found += await store.report(_left_of, batch)
        after, seen = batch[-1], seen + len(batch)
    return seen, found


def _left_of(member_ids: list[int]) -> list[Leftover]:
    found = []
    for member_id in member_ids:
        who = Person(member_id)
        for each in DECLARED:
            for row in each.rows:
                left = row.left(who)
                if left:
                    found.append(Leftover(member_id, row.table._meta.table_name, left))
    return found
