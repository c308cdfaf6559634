"""Pages of sorted lists on each database: each row once and in order, with ties and NULLs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.fields import to_micros
from kernel.store import Sorting, sorted_page
from models import AfterSale, Member
from tests.factories.orders import placed_order

VALUES = (3, None, 1, 3, None, 2, 3, 1, None, 5, 0)
"""Hours until a case is due: ties, and cases that are not due."""


@pytest.fixture
def cases(db: Any) -> list[tuple[int, int | None]]:
    """Cases with (id, due in microseconds)."""
    order, now = placed_order(), clock.now()
    found = []
    for n, hours in enumerate(VALUES):
        due = None if hours is None else now + timedelta(hours=hours)
        row = AfterSale.create(
            case_no=f"C{n}", order=order.order_id, member=order.member_id, kind="refund_only",
            goods_fen=1, reason="late", due_at=due, created_at=now, updated_at=now,
        )  # fmt: skip
        found.append((row.id, None if due is None else to_micros(due)))
    return found


def pages(is_rising: bool, size: int) -> Iterator[list[Any]]:
    """The pages of the cases sorted by due time, read one after another as in a browser."""
    by = Sorting("due", is_rising)
    while True:
        rows = sorted_page(AfterSale.select(), AfterSale.due_at, by, AfterSale.id, size)
        yield rows
        if len(rows) < size:
            return
        last = rows[-1]
        value = None if last.due_at is None else to_micros(last.due_at)
        by = Sorting("due", is_rising, value, last.id)


@pytest.mark.parametrize("is_rising", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 11, 12])
def test_each_row_is_on_one_page_and_those_without_a_value_come_last(
    cases: list[tuple[int, int | None]], is_rising: bool, size: int
) -> None:
    found = [row.id for page in pages(is_rising, size) for row in page]
    sign = 1 if is_rising else -1
    wanted = sorted(
        cases, key=lambda each: (each[1] is None, sign * (each[1] or 0), sign * each[0])
    )
    assert found == [row_id for row_id, _ in wanted]


def test_a_row_inserted_meanwhile_does_not_move_others(db: Any) -> None:
    now = clock.now()
    ids = [Member.create(public_no=f"P{n}", created_at=now).id for n in range(4)]
    by = Sorting("joined", is_rising=True)
    first = sorted_page(Member.select(), Member.created_at, by, Member.id, 2)
    Member.create(public_no="NEW", created_at=now - timedelta(days=1))
    place = Sorting("joined", True, to_micros(first[-1].created_at), first[-1].id)
    rest = sorted_page(Member.select(), Member.created_at, place, Member.id, 9)
    assert [row.id for row in [*first, *rest]] == ids


def test_a_list_can_be_sorted_by_its_ids(db: Any) -> None:
    ids = [Member.create(public_no=f"P{n}", created_at=clock.now()).id for n in range(3)]
    place = Sorting("no", True, None, ids[0])
    rows = sorted_page(Member.select(), Member.id, place, Member.id, 9)
    assert [row.id for row in rows] == ids[1:]
