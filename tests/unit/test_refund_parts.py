"""The split of a refund over several payments: the cases of tests/golden/refund_parts.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.payments.rules import split_refund
from kernel.errors import Conflict

GOLDEN = Path(__file__).parent.parent / "golden" / "refund_parts.yaml"
TABLE: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
FEN = st.integers(0, 100_000)


def _split(amount: int, left: list[int]) -> list[int]:
    parts = dict(split_refund(amount, list(enumerate(left))))
    assert 0 not in parts.values()
    return [parts.get(n, 0) for n in range(len(left))]


@pytest.mark.parametrize("row", TABLE["cases"], ids=lambda row: row["name"])
def test_the_oldest_payment_is_refunded_first(row: dict[str, Any]) -> None:
    assert _split(row["amount"], row["left"]) == row["parts"]


@pytest.mark.parametrize("row", TABLE["refused"], ids=lambda row: row["name"])
def test_a_refund_above_the_received_amount_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(Conflict) as refused:
        _split(row["amount"], row["left"])
    assert refused.value.facts["missing_fen"] == row["missing"]


@given(left=st.lists(FEN, min_size=1, max_size=4), cuts=st.lists(FEN, min_size=1, max_size=6))
def test_a_refund_in_any_steps_has_the_same_parts(left: list[int], cuts: list[int]) -> None:
    total = 0
    rest = list(left)
    for cut in cuts:
        part = min(cut, sum(rest))
        total += part
        rest = [has - gone for has, gone in zip(rest, _split(part, rest), strict=True)]
    assert [a - b for a, b in zip(left, rest, strict=True)] == _split(total, left)
