"""The order's table of states, and what may be ordered and shipped."""

from __future__ import annotations

from itertools import product

import pytest

from domain.orders.rules import (
    ORDER_STATES,
    PAID_STATES,
    STATES,
    LineCount,
    ShipForm,
    checked_items,
    checked_parcel,
    next_state,
)
from kernel.errors import Conflict, Invalid

EVENTS = sorted({event for _, event in ORDER_STATES})


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_transitions_outside_the_table_are_refused(state: str, event: str) -> None:
    if (state, event) in ORDER_STATES:
        assert next_state(state, event) == ORDER_STATES[state, event]
    else:
        with pytest.raises(Conflict):
            next_state(state, event)


def test_only_a_closing_order_is_cancelled() -> None:
    """``cancelled`` frees the stock, so that WeChat has to be asked before it."""
    assert [s for (s, _), to in ORDER_STATES.items() if to == "cancelled"] == ["closing"]


def test_final_states_have_no_transition() -> None:
    assert {s for s, _ in ORDER_STATES} & {"cancelled", "refunded"} == set()


def test_every_paid_state_can_be_refunded() -> None:
    assert tuple(s for s, e in ORDER_STATES if e == "refund_all") == PAID_STATES


@pytest.mark.parametrize(
    ("_case", "items", "field"),
    [
        ("none", [], "items"),
        ("zero", [(1, 0)], "quantity"),
        ("negative hidden by a positive", [(1, 5), (1, -4)], "quantity"),
        ("a thousand million", [(1, 10**9)], "quantity"),
        ("too many in two parts", [(1, 60), (1, 60)], "quantity"),
        ("too many lines", [(n, 1) for n in range(51)], "items"),
    ],
)
def test_items_that_are_refused(_case: str, items: list[tuple[int, int]], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_items(items, 99, 50)
    assert refused.value.field == field


def test_items_of_the_same_sku_are_summed_and_sorted() -> None:
    assert checked_items([(9, 1), (2, 3), (9, 4)], 99, 50) == [(2, 3), (9, 5)]


LINES = [LineCount(1, 3, 1, 0, 0), LineCount(2, 2, 0, 1, 0), LineCount(3, 1, 0, 1, 1)]


@pytest.mark.parametrize(
    ("_case", "wanted", "expected"),
    [
        ("all that is left", (), [(1, 2), (2, 1)]),
        ("a part", ((1, 1),), [(1, 1)]),
        ("more than is left", ((1, 3),), Conflict),
        ("what a case keeps back", ((2, 2),), Conflict),
        ("what was refunded", ((3, 1),), Conflict),
        ("a foreign line", ((9, 1),), Invalid),
        ("none of a line", ((1, 0),), Invalid),
    ],
)
def test_the_contents_of_a_parcel_are_checked(
    _case: str, wanted: tuple[tuple[int, int], ...], expected: object
) -> None:
    form = ShipForm("顺丰", "SF12345678", wanted)
    if isinstance(expected, list):
        assert checked_parcel(form, LINES) == expected
    else:
        with pytest.raises(expected):  # type: ignore[call-overload]
            checked_parcel(form, LINES)


def test_a_line_is_settled_when_its_rest_is_refunded() -> None:
    assert LineCount(1, 3, 2, 1, 1).is_settled
    assert not LineCount(1, 3, 2, 1, 0).is_settled
