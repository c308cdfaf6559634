"""Money: splits have exact sums, and refunds in any parts have the same sum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import allocate, due, rate_of, yuan

FEN = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(FEN, WEIGHTS)
def test_allocated_parts_sum_to_the_total(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        total = 0
    parts = allocate(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    assert all(part >= 0 for part in parts)


@given(FEN, WEIGHTS)
def test_each_part_is_its_exact_share_rounded_down_or_up(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    if whole == 0:
        return
    for part, weight in zip(allocate(total, weights), weights, strict=True):
        assert total * weight // whole <= part <= -(-total * weight // whole)


@given(WEIGHTS, st.data())
def test_no_part_exceeds_its_weight_when_the_total_fits(
    weights: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = allocate(total, weights)
    assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@given(FEN, WEIGHTS, st.integers(1, 1000))
def test_scaling_the_weights_changes_nothing(total: int, weights: list[int], scale: int) -> None:
    if sum(weights):
        assert allocate(total, weights) == allocate(total, [w * scale for w in weights])


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (5, [0, 3, 0], [0, 5, 0]),
        (0, [0, 0], [0, 0]),
        (10, [1, 2, 3], [2, 3, 5]),
        (7, [3, 3, 1], [3, 3, 1]),
        (0, [], []),
    ],
)
def test_worked_splits(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [0, 0]), (1, [])])
def test_impossible_splits_are_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="allocate"):
        allocate(total, weights)


@given(FEN, st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_refunds_in_any_parts_sum_to_the_same_fen(share: int, cuts: list[int]) -> None:
    whole, part, taken = sum(cuts), 0, 0
    for cut in cuts:
        step = due(share, part + cut, whole) - due(share, part, whole)
        assert step >= 0
        part, taken = part + cut, taken + step
    assert taken == (share if whole else 0)


@given(FEN, st.integers(1, 10**9), st.data())
def test_the_due_amount_never_exceeds_the_exact_share(
    share: int, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    assert due(share, part, whole) * whole <= share * part
    assert due(share, 0, whole) == 0
    assert due(share, whole, whole) == share


@pytest.mark.parametrize(("part", "whole"), [(-1, 5), (6, 5), (1, 0)])
def test_a_part_outside_the_whole_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="within the whole"):
        due(100, part, whole)


@given(FEN, st.integers(0, 10_000))
def test_a_rate_rounds_down_and_never_exceeds_its_base(base: int, rate: int) -> None:
    got = rate_of(base, rate)
    assert got * 10_000 <= base * rate < (got + 1) * 10_000
    assert got <= base


def test_a_negative_rate_is_refused() -> None:
    for base, rate in ((-1, 1), (1, -1)):
        with pytest.raises(ValueError, match="negative"):
            rate_of(base, rate)


@pytest.mark.parametrize(
    ("fen", "text"), [(1230, "12.30"), (-5, "-0.05"), (0, "0.00"), (7, "0.07")]
)
def test_yuan_has_two_decimals(fen: int, text: str) -> None:
    assert yuan(fen) == text
