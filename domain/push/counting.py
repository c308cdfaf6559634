"""Stored counts of a campaign's messages by state (群发计数). See ADR 0069.

Code that moves messages records it here in the same transaction. Counting the messages again would
take longer with every campaign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import Value, fn

from domain import system_state
from kernel.store import insert_rows, lock_rows
from models import CampaignCount, Delivery

LOCK = "push_counts"
MERGED_AT_ONCE = 1_000


@dataclass(frozen=True)
class Miscount:
    """A campaign whose stored count of a state differs from its messages."""

    campaign_id: int
    state: str
    kept: int
    counted: int


def count_row(campaign_id: int, state: str, count: int) -> dict[str, Any]:
    """A row that adds ``count`` messages to a state; a negative count takes them away."""
    return {"campaign_id": campaign_id, "state": state, "number": count}


def insert_counts(rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of counts, without zeros."""
    told = [row for row in rows if row["number"]]
    if told:
        insert_rows(CampaignCount, told)


def record_move(campaign_id: int, before: str, after: str, count: int) -> None:
    """Record that messages of a campaign moved from one state to another."""
    if before != after:
        insert_counts(
            (count_row(campaign_id, before, -count), count_row(campaign_id, after, count))
        )


def counts_of(campaign_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """The number of each campaign's messages by state."""
    total = fn.SUM(CampaignCount.number)
    query: Any = (
        CampaignCount.select(CampaignCount.campaign_id, CampaignCount.state, total)
        .where(CampaignCount.campaign_id.in_(list(campaign_ids)))
        .group_by(CampaignCount.campaign_id, CampaignCount.state)
        .having(total != 0)
        .tuples()
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for campaign_id, state, count in query:
        found[int(campaign_id)][str(state)] = int(count)
    return dict(found)


def merge_counts() -> int:
    """Merge one campaign's rows into one row for each state; returns how many rows were merged.

    It locks only the rows that it read, so that adding rows does not wait.
    """
    crowded: Any = (
        CampaignCount.select(CampaignCount.campaign_id)
        .group_by(CampaignCount.campaign_id, CampaignCount.state)
        .having(fn.COUNT(CampaignCount.id) > 1)
        .limit(1)
        .tuples()
    )
    campaign_id = next((int(each) for (each,) in crowded), None)
    if campaign_id is None:
        return 0
    mine = CampaignCount.campaign_id == campaign_id
    ids = [row.id for row in CampaignCount.select(CampaignCount.id).where(mine)
           .order_by(CampaignCount.id).limit(MERGED_AT_ONCE)]  # fmt: skip
    rows = lock_rows(CampaignCount, ids)
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.state] += row.number
    CampaignCount.delete().where(CampaignCount.id.in_([row.id for row in rows])).execute()
    insert_counts(count_row(campaign_id, state, count) for state, count in sorted(sums.items()))
    return len(rows)


def list_miscounts() -> list[Miscount]:
    """States of campaigns whose stored count differs from the messages.

    One statement reads both, so that a message that moves meanwhile is seen in both or in neither.
    """
    counted: Any = Delivery.select(
        Delivery.campaign.alias("campaign_id"), Delivery.state.alias("state"),
        fn.COUNT(Delivery.id).alias("counted"), Value(0).alias("kept"),
    ).group_by(Delivery.campaign, Delivery.state)  # fmt: skip
    kept: Any = CampaignCount.select(
        CampaignCount.campaign_id, CampaignCount.state,
        Value(0).alias("counted"), fn.SUM(CampaignCount.number).alias("kept"),
    ).group_by(CampaignCount.campaign_id, CampaignCount.state)  # fmt: skip
    both = counted.union_all(kept).alias("both_counts")
    columns = (both.c.campaign_id, both.c.state)
    has, says = fn.SUM(both.c.kept), fn.SUM(both.c.counted)
    query: Any = (
        both.select_from(*columns, has, says)
        .group_by(*columns)
        .having(has != says)
        .order_by(*columns)
        .tuples()
    )
    return [Miscount(int(i), str(state), int(n), int(m)) for i, state, n, m in query]


def repair_counts() -> int:
    """Correct stored counts that differ; returns how many differed.

    It is needed after an upgrade: the previous release moves messages without counting (ADR 0042).
    """
    system_state.lock(LOCK)
    found = list_miscounts()
    insert_counts(
        count_row(each.campaign_id, each.state, each.counted - each.kept) for each in found
    )
    return len(found)
