"""The calculation shown for a commission is arithmetically correct."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from domain.distribution.views import CommissionView
from kernel.money import calculation_text

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def entry(base_fen: int, amount_fen: int, level: int = 1, **why: Any) -> CommissionView:
    """A line of commission with this rule."""
    return CommissionView(
        1, "ORD1", "陈酿", 1, level, "小*", base_fen, amount_fen, 0, "pending",
        NOW, None, None, None, why,
    )  # fmt: skip


POOL = {"mode": "pool", "pool_bp": 2000, "shares": [70, 20, 10]}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (entry(29800, 4172, levels=1, **POOL), "¥298.00 × 14% = ¥41.72"),
        (entry(29800, 4172, levels=3, **POOL), "¥298.00 × 20% × 70% = ¥41.72"),
        (entry(29800, 1192, 2, levels=3, **POOL), "¥298.00 × 20% × 20% = ¥11.92"),
        (entry(20000, 2100, levels=1, mode="pool", pool_bp=1050, shares=[100]),
         "¥200.00 × 10.5% = ¥21.00"),
        (entry(10001, 500, mode="levels", shares=[500, 200]), "¥100.01 × 5% = ¥5.00"),
        (entry(30000, 2000, levels=3, mode="pool", pool_bp=2000, shares=[1, 1, 1]),
         "¥300.00 × 20% × 1/3 = ¥20.00"),
        (entry(29800, 3000, levels=1, is_capped=True, **POOL), "¥298.00 × 14%"),
    ],
)  # fmt: skip
def test_the_shown_calculation_gives_the_paid_amount(found: CommissionView, said: str) -> None:
    """Before, 20 % was shown for ¥41.72, with the share of the pool elsewhere, as 70/100."""
    assert calculation_text(found.base_fen, found.rates, found.amount_fen) == said


def test_a_fixed_amount_has_no_rate() -> None:
    assert entry(29800, 1000, mode="fixed", shares=[1000]).rates == ()
    assert calculation_text(100, (Fraction(1, 10_000),), 0) == "¥1.00 × 0.01% = ¥0.00"
