"""Freight by template: the golden cases, and what must hold for any goods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain import regions
from domain.freight import Plan, Row, Template
from domain.pricing import QuoteContext, quote
from domain.promotions import QuoteLine
from domain.settings import Freight

GOLDEN = yaml.safe_load(
    (Path(__file__).parents[1] / "golden/freight.yaml").read_text(encoding="utf-8")
)
SKUS = {name: number for number, name in enumerate(GOLDEN["skus"], 1)}


def fen(yuan: float) -> int:
    return round(yuan * 100)


def row(rule: dict[str, Any], basis: str, kind: str) -> Row:
    if rule.get("never"):
        return Row("none", codes(rule))
    of = fen if basis == "amount" else int
    first, after = rule["first"], rule.get("next", [0, 0])
    free = rule.get("free_from")
    days = rule.get("days", [0, 0])
    return Row(
        kind, codes(rule), of(first[0]), fen(first[1]), of(after[0]), fen(after[1]),  # type: ignore[arg-type]
        None if free is None else fen(free), *days,
    )  # fmt: skip


def codes(rule: dict[str, Any]) -> frozenset[str]:
    found = frozenset(regions.place_named(name) for name in rule.get("to", []))
    assert "" not in found
    return found


def templates() -> dict[str, Template]:
    found = {}
    for number, (name, told) in enumerate(GOLDEN["templates"].items(), 1):
        rows = [row(told["base"], told["basis"], "base")]
        rows += [row(each, told["basis"], "area") for each in told.get("rows", [])]
        found[name] = Template(number, told["basis"], tuple(rows))
    return found


def plan() -> Plan:
    by_name = templates()
    named = {SKUS[sku]: name for sku, (name, _) in GOLDEN["skus"].items()}
    return Plan({number: by_name[name] for number, name in named.items() if name})


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["about"]))
def test_each_golden_case_has_its_freight(case: dict[str, Any]) -> None:
    grams = {sku: weight for sku, (_, weight) in GOLDEN["skus"].items()}
    lines = [
        QuoteLine(SKUS[sku], SKUS[sku], n, fen(price), weight_g=grams[sku])
        for sku, n, price in case["goods"]
    ]
    place = regions.place_named(case["to"]) if case["to"] else None
    found = regions.region_of(place) if place else None
    assert case["to"] is None or found is not None
    context = QuoteContext(Freight(), found.province if found else None, place=place, plan=plan())
    got = quote(lines, [], context)
    assert got.freight_fen == fen(case["freight"])
    assert got.free_freight_missing_fen == fen(case["missing"])
    assert got.undelivered == tuple(SKUS[sku] for sku in case.get("undelivered", []))
    assert got.days == (tuple(case["days"]) if "days" in case else None)
    assert got.payable_fen == got.reduced_goods_fen + got.freight_fen


def test_the_default_template_counts_for_goods_without_one() -> None:
    default = Template(9, "count", (Row("base", first_fen=300),))
    context = QuoteContext(Freight(), plan=Plan(default=default))
    assert quote([QuoteLine(1, 1, 1, 5900)], [], context).freight_fen == 300


@given(
    units=st.integers(0, 10**6), more=st.integers(0, 10**5), amount=st.integers(0, 10**7),
    first=st.integers(0, 10**4), after=st.integers(0, 10**4), fee=st.integers(0, 10**5),
    step=st.integers(0, 10**4), free=st.none() | st.integers(0, 10**7),
)  # fmt: skip
def test_a_fee_never_falls_with_the_units(
    units: int, more: int, amount: int, first: int, after: int, fee: int, step: int,
    free: int | None,
) -> None:  # fmt: skip
    one = Row("base", frozenset(), first, fee, after, step, free)
    assert 0 <= one.fee_fen(units, amount) <= one.fee_fen(units + more, amount)
    if free is not None:
        assert one.fee_fen(units, max(amount, free)) == 0
