"""The price of an order: worked cases, readable without code, and general properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pricing import QuoteContext, quote
from domain.promotions import (
    Choices,
    CouponOffer,
    Offer,
    PointsOffer,
    QuoteLine,
    ReductionOffer,
    StepOffer,
    UnitPriceOffer,
)
from domain.settings import Freight
from kernel import typed
from tests.soak import examples

GOLDEN = Path(__file__).parents[1] / "golden" / "pricing.yaml"
# Every scalar is read as text, so that no amount becomes a float.
CASES = yaml.load(GOLDEN.read_text(encoding="utf-8"), yaml.BaseLoader)


def _fen(yuan: str) -> int:
    return typed.amount(yuan)


def _names(values: Any) -> dict[str, int]:
    return {name: n for n, name in enumerate(dict.fromkeys(values), start=1)}


def _offer(n: int, facts: dict[str, Any], goods: dict[str, int], shelves: dict[str, int]) -> Offer:
    if "special price" in facts:
        return UnitPriceOffer(n, "专享价", goods[facts["special price"]], _fen(facts["at"]))
    if "second piece" in facts:
        terms = {
            "rate_bp": int(facts["second piece"]) * 100, "with_special": "with special" in facts,
        }  # fmt: skip
        product = frozenset({goods[facts["of"]]})
        return StepOffer(n, "第二件", "second_piece", 1, "product", product, terms)
    if "points" in facts:
        cap = int(facts["at most percent"]) * 100
        return PointsOffer(n, "积分", int(facts["points"]), int(facts["per yuan"]), cap)
    scope: Any = "category" if "for" in facts else "order"
    targets = frozenset({shelves.get(facts["for"], 99)}) if "for" in facts else frozenset()
    if "full reduction" in facts:
        tiers = tuple((_fen(t), _fen(off)) for t, off in facts["full reduction"].items())
        return ReductionOffer(n, "满减", tiers, scope, targets)
    return CouponOffer(
        n,
        "优惠券",
        threshold_fen=_fen(facts["from"]),
        off_fen=_fen(facts.get("coupon", "0")),
        off_bp=int(facts.get("coupon rate", "0")) * 100,
        cap_fen=_fen(facts["at most"]) if "at most" in facts else None,
        scope=scope,
        target_ids=targets,
    )


def _context(case: dict[str, Any]) -> QuoteContext:
    freight = Freight(flat_fen=_fen(case.get("flat_freight", "10")))
    switch = case.get("switch off", "").replace(" ", "_")
    chosen = case.get("chosen coupon")
    return QuoteContext(
        freight,
        case.get("province"),
        Choices(coupon_id=int(chosen) if chosen else None),
        **({switch: False} if switch else {}),
    )


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_golden(case: dict[str, Any]) -> None:
    goods = _names(name for g in case["goods"] for name in (g["name"], g.get("of", g["name"])))
    shelves = _names(g.get("in", "") for g in case["goods"])
    lines = [
        QuoteLine(
            goods[g["name"]],
            goods[g.get("of", g["name"])],
            int(g["quantity"]),
            _fen(g["price"]),
            shelves[g.get("in", "")],
        )
        for g in case["goods"]
    ]
    offers = [_offer(n, o, goods, shelves) for n, o in enumerate(case.get("offers", []), 1)]
    result = quote(lines, offers, _context(case))
    assert [line.paid_fen for line in result.lines] == [_fen(p) for p in case["paid"]]
    assert result.reduction_fen == _fen(case.get("reduction", "0"))
    assert result.freight_fen == _fen(case.get("freight", "0"))
    assert result.payable_fen == _fen(case["payable"])
    assert result.points_used == int(case.get("points used", "0"))
    assert result.free_freight_missing_fen == _fen(case.get("free_freight_missing", "0"))
    assert [(u.offer_id, u.reason, u.missing_fen, u.lost_fen) for u in result.unused] == [
        (int(u["offer"]), u["reason"], _fen(u.get("missing", "0")), _fen(u.get("lost", "0")))
        for u in case.get("unused", [])
    ]


_LINES = st.lists(
    st.builds(
        QuoteLine, sku_id=st.integers(1, 4), product_id=st.integers(1, 3),
        quantity=st.integers(1, 99), unit_price_fen=st.integers(0, 200_000),
        category_id=st.integers(1, 2),
    ),
    min_size=1, max_size=6, unique_by=lambda line: line.sku_id,
)  # fmt: skip
_AMOUNT = st.integers(0, 300_000)
_TARGETS = st.frozensets(st.integers(1, 3), max_size=2)
_SCOPE = st.sampled_from(["order", "category", "product"])
_OFFERS = st.lists(
    st.one_of(
        st.builds(
            UnitPriceOffer, id=st.integers(1, 9), label=st.just("p"), sku_id=st.integers(1, 4),
            unit_price_fen=_AMOUNT,
        ),
        st.builds(
            ReductionOffer, id=st.integers(1, 9), label=st.just("r"), scope=_SCOPE,
            tiers=st.lists(st.tuples(_AMOUNT, _AMOUNT), min_size=1, max_size=3).map(tuple),
            target_ids=_TARGETS,
        ),
        st.builds(
            CouponOffer, id=st.integers(1, 9), label=st.just("c"), threshold_fen=_AMOUNT,
            off_fen=_AMOUNT, off_bp=st.integers(0, 10_000), scope=_SCOPE, target_ids=_TARGETS,
            cap_fen=st.none() | _AMOUNT,
        ),
        st.builds(
            StepOffer, id=st.integers(1, 9), label=st.just("s"), kind=st.just("second_piece"),
            version=st.just(1), scope=st.just("product"), target_ids=_TARGETS,
            terms=st.fixed_dictionaries(
                {"rate_bp": st.integers(0, 9_999), "with_special": st.integers(0, 1)}
            ),
        ),
        st.builds(
            PointsOffer, id=st.integers(1, 9), label=st.just("j"), points=st.integers(0, 100_000),
            points_per_yuan=st.integers(1, 1000), cap_bp=st.integers(0, 10_000),
        ),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=examples(120), deadline=None)
@given(_LINES, _OFFERS, st.booleans(), st.booleans(), st.booleans())
def test_sums_agree_for_any_promotions(
    lines: list[QuoteLine], offers: list[Offer], a: bool, b: bool, c: bool
) -> None:
    ctx = QuoteContext(
        Freight(),
        "四川省",
        reductions_with_special_prices=a,
        coupons_with_special_prices=b,
        coupons_with_reductions=c,
    )
    result = quote(lines, offers, ctx)
    for line in result.lines:
        assert 0 <= line.paid_fen <= line.line_fen
        assert line.paid_fen == line.line_fen - sum(a.fen for a in line.adjustments)
        assert sum(a.step == "reduction" for a in line.adjustments) <= 1
    assert result.goods_fen - result.reduction_fen + result.freight_fen == result.payable_fen
    coupons = {a.offer_id for q in result.lines for a in q.adjustments if a.step == "coupon"}
    assert len(coupons) <= 1
    assert quote(lines, offers, ctx) == result


def test_an_empty_order_costs_nothing() -> None:
    result = quote([], [], QuoteContext(Freight()))
    assert (result.payable_fen, result.freight_fen, result.lines) == (0, 0, ())
