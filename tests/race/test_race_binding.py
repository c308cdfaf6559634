"""Parallel bindings that would form a ring, parallel moves, and parallel visits."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from domain import distribution
from domain.distribution.service.binding import is_above
from kernel import clock
from kernel.metrics import REGISTRY
from models import Binding, BindingLog, OutboxRow, Touch, VisitDay
from tests.factories.distribution import make_distributor
from tests.factories.members import make_member
from tests.race.crowd import at_once, outcomes


@pytest.mark.parametrize("ring", [2, 3, 7])
async def test_a_ring_of_bindings_never_closes(store: Any, ring: int) -> None:
    people = [make_distributor(f"第{n}人") for n in range(ring)]
    answers = await at_once(
        store,
        [
            partial(distribution.bind, below, above, cause="link")
            for below, above in zip(people, [*people[1:], people[0]], strict=True)
        ],
    )
    assert outcomes(answers) == {"ok": ring}
    assert sum(a.is_bound for a in answers) == ring - 1
    assert [a.refusal for a in answers if not a.is_bound] == ["descendant"]
    assert not any(is_above(person, descendant_id=person) for person in people)


async def test_parallel_moves_leave_a_tree_and_right_columns(store: Any) -> None:
    people = [make_distributor(f"第{n}人") for n in range(6)]
    for below, above in zip(people[1:], people, strict=False):
        distribution.bind(below, above, cause="link")
    moves = [(0, 5), (1, 4), (2, 0), (3, 1), (4, 2), (5, 3), (0, 2), (2, 5)]
    answers = await at_once(
        store,
        [
            partial(distribution.move_upline, people[a], people[b], f"staff:{a}", "调整")
            for a, b in moves
        ],
    )
    assert set(outcomes(answers)) <= {"ok", "binding_refused"}
    rows = {row.member_id: row for row in Binding.select()}
    for person in people:
        assert not is_above(person, descendant_id=person)
        row = rows[person]
        p2 = rows[row.p1_id].p1_id if row.p1_id else None
        p3 = rows[p2].p1_id if p2 else None
        assert (row.p2_id, row.p3_id) == (p2, p3)


async def test_ten_tabs_bind_a_newcomer_once(store: Any) -> None:
    uplines = [make_distributor(f"第{n}人") for n in range(10)]
    wang = make_member("小王")
    answers = await at_once(
        store, [partial(distribution.bind, wang, up, cause="link") for up in uplines]
    )
    assert sum(a.is_bound for a in answers) == 1
    assert BindingLog.select().where(BindingLog.cause == "link").count() == 1


async def test_every_visit_is_counted(store: Any) -> None:
    lin = make_distributor()
    view = distribution.distributor(lin)
    assert view is not None
    before = _deadlocks()
    answers = await at_once(
        store,
        [
            partial(distribution.record_touch, f"v{n % 5}", view.referral_code, "link")
            for n in range(20)
        ],
    )
    assert outcomes(answers) == {"ok": 20}
    # There would be about ten deadlocks if the rows were locked by an index that all visitors of a
    # distributor share. A verb that meets its third deadlock fails.
    assert _deadlocks() - before < 3
    assert sum(t.visits for t in Touch.select()) == 20
    assert Touch.select().count() == 5


async def test_each_of_many_parallel_visitors_is_counted_once(store: Any) -> None:
    lin = make_distributor()
    view = distribution.distributor(lin)
    assert view is not None
    code = view.referral_code
    for n in range(12):
        distribution.record_touch(f"v{n}", code, "link")
    opened, before = clock.now(), _deadlocks()
    answers = await at_once(
        store,
        [partial(distribution.count_visit, f"v{n % 12}", code, opened) for n in range(36)],
    )
    assert outcomes(answers) == {"ok": 36}
    assert sum(answers) == 12
    assert _deadlocks() - before < 3
    assert (VisitDay.get().visits, VisitDay.get().visitors) == (12, 12)
    told = [row for row in OutboxRow.select() if row.payload.get("purpose") == "first_visit"]
    assert len(told) == 3


def _deadlocks() -> float:
    return REGISTRY.get_sample_value("fenmall_store_retries_total", {"cause": "deadlock"}) or 0.0
