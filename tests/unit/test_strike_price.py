"""The strike price: only a price that applied in the seven days before may be struck through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.catalog.rules import PriceStep, strike_price

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "steps", "expected"),
    [
        ("no history", [], None),
        ("one price", [(100, 50)], None),
        ("lowered", [(300, 50), (200, 1)], 300),
        ("raised", [(200, 50), (300, 1)], None),
        ("raised for a day, then a false bargain", [(200, 50), (400, 2), (199, 1)], 200),
        ("raised for a day, then back", [(200, 50), (400, 2), (200, 1)], None),
        ("raised nine days before", [(200, 50), (400, 10), (300, 1)], 400),
        ("the low price ended just inside the week", [(200, 50), (400, 7.9), (300, 1)], None),
        ("the low price ended just as the week began", [(200, 50), (400, 8), (300, 1)], 400),
        ("lowered a month ago: simply the price", [(300, 90), (200, 30)], None),
        ("lowered almost a month ago", [(300, 90), (200, 29.9)], 300),
        ("the same price said twice began the first time", [(300, 90), (200, 40), (200, 1)], None),
        ("not yet in force", [(300, 50), (200, -1)], None),
    ],
)
def test_strike_price(_case: str, steps: list[tuple[int, float]], expected: int | None) -> None:
    history = [PriceStep(price, NOW - timedelta(days=days)) for price, days in steps]
    assert strike_price(history, NOW) == expected
