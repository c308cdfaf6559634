"""The table of a case's states, and the amounts that a case may claim of a line."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.trade.aftersales import STATES as DESK
from domain.aftersales.reasons import REASONS
from domain.aftersales.rules import (
    CASE_STATES,
    ENDS,
    OPEN,
    LineFacts,
    next_state,
    share_of,
    timeout_event,
)
from domain.distribution.service.release import OPEN_CASE
from domain.overview.statements import CASES as WAIT_FOR_THE_MERCHANT
from kernel.errors import Conflict, Invalid

EVENTS = sorted({event for _, event in CASE_STATES})


def _line(quantity: int = 3, paid_fen: int = 10000, **more: Any) -> LineFacts:
    values = {"shipped": 0, "withheld": 0, "claimed": 0, "claimed_fen": 0} | more
    return LineFacts(1, quantity, paid_fen, is_return_exempt=False, **values)


@pytest.mark.parametrize(("state", "event"), list(product((*OPEN, *ENDS), EVENTS)))
def test_transitions_outside_the_table_are_refused(state: str, event: str) -> None:
    if (state, event) in CASE_STATES:
        assert next_state(state, event) == CASE_STATES[state, event]
    else:
        with pytest.raises(Conflict):
            next_state(state, event)


def test_every_state_is_open_or_final_and_final_states_have_no_transition() -> None:
    named = {s for s, _ in CASE_STATES} | set(CASE_STATES.values())
    assert named == set(OPEN) | set(ENDS)
    assert not {s for s, _ in CASE_STATES} & set(ENDS)


def test_all_lists_of_open_states_agree() -> None:
    """Commission waits for every open case, and the merchant's list shows all of them."""
    assert set(OPEN_CASE) == set(OPEN)
    assert set(DESK) == set(OPEN)
    assert set(WAIT_FOR_THE_MERCHANT) <= set(OPEN)
    assert {"returning", "unconfirmed"} <= set(WAIT_FOR_THE_MERCHANT)


@pytest.mark.parametrize("kind", ["refund_only", "return", "exchange"])
def test_each_open_state_has_a_timeout_event(kind: str) -> None:
    for state in ("requested", "approved", "returning", "unconfirmed", "received_back"):
        for reason, has_left in product(REASONS, (True, False)):
            event = timeout_event(state, kind, reason, has_left=has_left)
            assert event is not None
            assert (state, event) in CASE_STATES
    assert timeout_event("refunding", kind, "quality", has_left=True) is None


@pytest.mark.parametrize("reason", REASONS)
def test_no_timeout_refunds_goods_that_nobody_received(reason: str) -> None:
    """A return is refunded from ``received_back`` only, which only a person can reach."""
    for state in OPEN:
        event = timeout_event(state, "return", reason, has_left=True)
        assert event != "take_back"
        assert (
            event is None or CASE_STATES[state, event] != "refunding" or state == "received_back"
        )
    kept = timeout_event("requested", "refund_only", reason, has_left=True)
    assert kept == ("reject" if REASONS[reason].kind == "no_fault" else "approve_refund")
    assert timeout_event("requested", "refund_only", reason, has_left=False) == "approve_refund"


def test_unshipped_pieces_are_claimed_first() -> None:
    share = share_of(_line(3, shipped=1), "refund_only", 3, None)
    assert (share.unshipped, share.claim_fen, share.goods_fen) == (2, 10000, 10000)


def test_an_unshipped_piece_is_refunded_in_full() -> None:
    assert share_of(_line(1), "refund_only", 1, 100).goods_fen == 10000
    share = share_of(_line(1, shipped=1), "refund_only", 1, 100)
    assert (share.claim_fen, share.goods_fen) == (10000, 100)


def test_only_shipped_and_unclaimed_pieces_can_be_returned() -> None:
    line = _line(3, shipped=2, withheld=1, claimed=2, claimed_fen=6666)
    assert share_of(line, "return", 1, None).goods_fen == 3334
    with pytest.raises(Invalid):
        share_of(line, "return", 2, None)


def test_a_case_claims_no_more_than_the_line() -> None:
    with pytest.raises(Invalid):
        share_of(_line(3, shipped=3), "refund_only", 4, None)
    with pytest.raises(Invalid):
        share_of(_line(1, shipped=1), "refund_only", 1, 10001)


@given(st.integers(1, 12), st.integers(0, 100_000), st.data())
def test_claims_of_a_line_in_any_parts_with_withdrawals_sum_to_the_paid_amount(
    quantity: int, paid_fen: int, data: st.DataObject
) -> None:
    claimed, claimed_fen, open_cases = 0, 0, []
    for _ in range(12):
        if open_cases and data.draw(st.booleans()):
            n, fen = open_cases.pop(data.draw(st.integers(0, len(open_cases) - 1)))
            claimed, claimed_fen = claimed - n, claimed_fen - fen
        if claimed < quantity:
            n = data.draw(st.integers(1, quantity - claimed))
            line = _line(
                quantity, paid_fen, shipped=quantity, claimed=claimed, claimed_fen=claimed_fen
            )
            share = share_of(line, "refund_only", n, None)
            open_cases.append((n, share.claim_fen))
            claimed, claimed_fen = claimed + n, claimed_fen + share.claim_fen
        assert 0 <= claimed_fen <= paid_fen
        if claimed == quantity:
            assert claimed_fen == paid_fen
