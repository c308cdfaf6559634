"""The table of returns, tests/golden/returns.yaml, readable without code: each cell is checked."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.aftersales.parcels import looks_invented
from domain.aftersales.reasons import (
    ASKS,
    REASONS,
    STAGES,
    Situation,
    allowed_reasons,
    why_not_allowed,
)
from domain.aftersales.rules import LineFacts, given_pieces_to_refund, timeout_event
from mall_h5.trade_words import FREIGHT_BY
from mall_h5.trade_words import REASONS as NAMES

GOLDEN = Path(__file__).parent.parent / "golden" / "returns.yaml"
TABLE: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
ROLES = ("buyer", "merchant", "system")


def golden_offer(role: str, ask: str, code: str, stage: str, *, is_exempt: bool) -> bool:
    """Whether a cell of the table allows the request."""
    row = TABLE["reasons"][code]
    barred = is_exempt and stage != "unshipped" and row["exempt"] == "none"
    return role in row["by"] and ask in row[stage] and not barred


def test_the_table_names_every_reason_with_its_class() -> None:
    said = {
        code: (row["class"], row["return_freight"], row["photo"], tuple(row["by"]))
        for code, row in TABLE["reasons"].items()
    }
    assert said == {
        code: (r.kind, r.freight_by, r.needs_picture, r.givers) for code, r in REASONS.items()
    }
    assert {code: TABLE["reasons"][code]["name"] for code, _ in NAMES} == dict(NAMES)
    assert set(FREIGHT_BY) == {r.freight_by for r in REASONS.values()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("is_exempt", [False, True])
def test_allowed_reasons_agree_with_the_table(role: Any, is_exempt: bool) -> None:
    cells = list(product(ASKS, REASONS, STAGES))
    assert len(cells) == 4 * 12 * 5
    for ask, code, stage in cells:
        at = Situation(stage, is_exempt)
        expected = golden_offer(role, ask, code, stage, is_exempt=is_exempt)
        assert (why_not_allowed(role, ask, code, at) is None) == expected, (role, ask, code, stage)
        assert (code in allowed_reasons(role, ask, at)) == expected


@pytest.mark.parametrize("role", ["buyer", "merchant"])
@pytest.mark.parametrize("how", ["together", "alone"])
def test_allowed_reasons_of_given_lines_agree_with_the_table(role: Any, how: str) -> None:
    row = TABLE["given"][role][how]
    for ask, code, stage in product(ASKS, REASONS, STAGES):
        at = Situation(stage, is_exempt=False, is_given=True, is_alone=how == "alone")
        offered = golden_offer(role, ask, code, stage, is_exempt=False)
        expected = offered and REASONS[code].kind in row["classes"] and ask in row["asks"]
        assert (code in allowed_reasons(role, ask, at)) == expected, (ask, code, stage)


@pytest.mark.parametrize("row", TABLE["along"], ids=lambda row: row["name"])
def test_given_pieces_are_refunded_with_the_last_bought_ones(row: dict[str, Any]) -> None:
    bought = [
        LineFacts(n, each["n"], 100, 0, 0, each["claimed"], 0, is_return_exempt=False)
        for n, each in enumerate(row["bought"])
    ]
    left = row["given_unshipped"]
    gift = LineFacts(9, 2, 0, 2 - left, 0, 0, 0, is_return_exempt=False, is_given=True)
    asked = {n: count for n, count in enumerate(row["ask"]) if count}
    along = given_pieces_to_refund([*bought, gift], "refund_only", asked)
    assert along == ([(9, row["takes"])] if row["takes"] else [])
    assert given_pieces_to_refund([*bought, gift], "return", asked) == []


def test_an_exemption_excludes_every_reason_without_a_fault() -> None:
    barred = {code for code, row in TABLE["reasons"].items() if row["exempt"] == "none"}
    assert barred == {"no_reason", "not_wanted", "other"}
    assert barred == {code for code, reason in REASONS.items() if reason.kind == "no_fault"}


@pytest.mark.parametrize("row", TABLE["silence"], ids=lambda row: "-".join(map(str, row.values())))
def test_timeouts_agree_with_the_table(row: dict[str, Any]) -> None:
    codes = [code for code, reason in REASONS.items() if reason.kind == row["class"]]
    found = [timeout_event(row["state"], row["kind"], c, has_left=row["left"]) for c in codes]
    assert set(found) == {row["then"]}


@pytest.mark.parametrize(
    "number",
    ["SF1111111111", "YT123456", "SF1234567890", "ZTO987654321", "123123123123", "ABCDEFGHIJ",
     "SF12", "1212121212", "00000000", "JD0000000001", "7777777"],
)  # fmt: skip
def test_invented_parcel_numbers_are_recognised(number: str) -> None:
    assert looks_invented(number)


@pytest.mark.parametrize(
    "number",
    ["SF1682037495126", "YT8837204615093", "JDVA15263748590", "EA173920584CN", "73168204957130",
     "4317502968841", "DPK364728190537"],
)  # fmt: skip
def test_a_carrier_s_number_is_not_taken_for_invented(number: str) -> None:
    assert not looks_invented(number)
