"""Worked cases in tests/golden/commission.yaml and tax.yaml, readable without code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.distribution.rules.commission import Earner, LineFacts, Rule, Terms, split_commission
from domain.payouts.rules.tax import History, withheld_tax

GOLDEN = Path(__file__).parents[1] / "golden"


def _cases(name: str) -> list[Any]:
    found = yaml.safe_load((GOLDEN / name).read_text(encoding="utf-8"))
    assert len({case["case"] for case in found}) == len(found)
    return [pytest.param(case, id=f"{n:02d}") for n, case in enumerate(found)]


def _earner(name: str, member_id: int) -> Earner | None:
    if name == "-":
        return None
    return Earner(member_id, is_active=name != "停")


@pytest.mark.parametrize("case", _cases("commission.yaml"))
def test_commission(case: dict[str, Any]) -> None:
    rule = Rule(
        1,
        "all",
        0,
        None,
        case["rule"]["mode"],
        case["rule"].get("pool", 0),
        tuple(case["rule"]["shares"]),
    )
    line = LineFacts(1, 1, 1, case["line"]["quantity"], case["line"]["paid"])
    terms = Terms(case["levels"], case.get("cap", 10_000), case.get("missing_to_seller", False))
    chain = [_earner(name, n + 1) for n, name in enumerate(case["chain"])]
    result = split_commission(rule, line, chain, terms)
    wanted = {n + 1: fen for n, fen in enumerate(case["earns"]) if fen}
    assert {s.level: s.amount_fen for s in result.shares} == wanted, case["case"]
    assert {s.level: s.member_id for s in result.shares} == {level: level for level in wanted}
    assert result.kept_fen == case.get("kept", 0), case["case"]


def _fen(yuan: Any) -> int:
    return int(Decimal(str(yuan)) * 100)


@pytest.mark.parametrize("case", _cases("tax.yaml"))
def test_tax(case: dict[str, Any]) -> None:
    before = case.get("before", {"gross": 0, "tax": 0})
    gross, tax = _fen(before["gross"]), _fen(before["tax"])
    history = (
        History(month_gross_fen=gross, month_tax_fen=tax)
        if case["method"] == "ordinary"
        else History(year_gross_fen=gross, year_tax_fen=tax, months=case.get("months", 1))
    )
    result = withheld_tax(case["method"], date(2026, 8, 1), history, _fen(case["gross"]))
    assert result.tax_fen == _fen(case["tax"]), case["case"]
