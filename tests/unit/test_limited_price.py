"""Limited-time prices and their strike prices: worked cases, readable without code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from domain.catalog import PriceStep
from domain.promotions.kinds.limited_price import LimitedPrice, unit_price
from domain.promotions.strike import Cut, strike_beside
from kernel import typed

GOLDEN = Path(__file__).parents[1] / "golden" / "limited_price.yaml"
CASES = yaml.load(GOLDEN.read_text(encoding="utf-8"), yaml.BaseLoader)
BEGAN = datetime(2026, 11, 20, 4, tzinfo=UTC)
SKU = 7


def _fen(said: str) -> int | None:
    return None if said == "-" else typed.amount(said)


def _before(days: str) -> datetime:
    return BEGAN - timedelta(days=float(days))


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_golden(case: dict[str, Any]) -> None:
    if "rate" in case:
        rules = LimitedPrice(rate_bp=typed.rate(case["rate"]))
    else:
        rules = LimitedPrice(prices={SKU: typed.amount(case["price"])})
    pays = unit_price(rules, SKU, typed.amount(case["list"]))
    assert pays == _fen(case["pays"])
    if pays is None:
        return
    history = [PriceStep(typed.amount(p), _before(d)) for d, p in case["history"].items()]
    cuts = [
        Cut(
            _before(other["from"]),
            _before(other["to"]),
            partial(unit_price, LimitedPrice(prices={SKU: typed.amount(other["price"])}), SKU),
        )
        for other in case.get("others", [])
    ]
    now = BEGAN + timedelta(days=float(case.get("day", "0")))
    assert strike_beside(pays, BEGAN, history, cuts, now) == _fen(case["strike"])


@pytest.mark.parametrize(
    "values",
    [{}, {"rate_bp": 9000, "prices": {1: 100}}, {"rate_bp": 0}, {"rate_bp": 10_000},
     {"prices": {1: -1}}, {"rate_bp": 9000, "more": 1}],
)  # fmt: skip
def test_contradictory_or_out_of_bounds_rules_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LimitedPrice.model_validate(values)


def test_stored_prices_are_read_back_by_sku_id() -> None:
    kept = LimitedPrice(prices={SKU: 100}).model_dump(mode="json")
    assert LimitedPrice.model_validate({"rate_bp": None, "prices": {"7": 100}}).prices == {
        SKU: 100
    }
    assert LimitedPrice.model_validate(kept).prices == {SKU: 100}
