"""Precedence of commission rules, and properties of splits, taxes and bindings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.distribution.rules.binding import (
    BindingFacts,
    Candidate,
    Policy,
    binding_until,
    why_not_bound,
)
from domain.distribution.rules.commission import (
    Earner,
    LineFacts,
    Rule,
    Terms,
    choose_rule,
    split_commission,
)
from domain.payouts.rules.states import BILL, next_bill_state
from domain.payouts.rules.tax import History, withheld_tax
from kernel.errors import Conflict
from kernel.money import due

NOW = datetime(2026, 8, 1, 4, tzinfo=UTC)
LINE = LineFacts(sku_id=11, product_id=21, category_id=31, quantity=2, paid_fen=10_000)


def _rule(rule_id: int, scope: str, target: int, grade: int | None = None, **more: object) -> Rule:
    return Rule(rule_id, scope, target, grade, "levels", 0, (1000,), **more)  # type: ignore[arg-type]


SKU = _rule(1, "sku", 11)
SKU_GOLD = _rule(2, "sku", 11, 7)
PRODUCT = _rule(3, "product", 21)
PRODUCT_GOLD = _rule(4, "product", 21, 7)
CATEGORY = _rule(5, "category", 31)
ALL = _rule(6, "all", 0)
ALL_GOLD = _rule(7, "all", 0, 7)
OTHER = _rule(8, "sku", 12)


@pytest.mark.parametrize(
    ("rules", "grade", "winner"),
    [
        ([ALL, CATEGORY, PRODUCT, SKU, SKU_GOLD], 7, SKU_GOLD),
        ([ALL, CATEGORY, PRODUCT, SKU, SKU_GOLD], None, SKU),
        ([ALL, SKU, SKU_GOLD], 8, SKU),
        ([SKU, PRODUCT_GOLD], 7, SKU),
        ([PRODUCT, PRODUCT_GOLD, CATEGORY], 7, PRODUCT_GOLD),
        ([CATEGORY, ALL_GOLD], 7, CATEGORY),
        ([ALL, ALL_GOLD], 7, ALL_GOLD),
        ([ALL_GOLD], None, None),
        ([OTHER], None, None),
        ([], None, None),
    ],
)
def test_the_most_specific_rule_applies(
    rules: list[Rule], grade: int | None, winner: Rule | None
) -> None:
    assert choose_rule(rules, LINE, grade) == winner
    assert choose_rule(rules[::-1], LINE, grade) == winner


def test_of_equal_rules_the_latest_one_in_force_applies() -> None:
    old = _rule(9, "all", 0, effective_at=NOW - timedelta(days=2))
    new = _rule(8, "all", 0, effective_at=NOW - timedelta(days=1))
    assert choose_rule([old, new], LINE, None) == new


def test_more_than_three_levels_are_refused_by_the_engine() -> None:
    with pytest.raises(ValueError, match="between 0 and 3"):
        split_commission(ALL, LINE, [Earner(1)], Terms(4))


amounts = st.integers(0, 10_000_000)
rule_shapes = st.one_of(
    st.tuples(
        st.just("pool"),
        st.integers(1, 10_000),
        st.lists(st.integers(0, 100), min_size=1, max_size=3),
    ),
    st.tuples(
        st.just("levels"), st.just(0), st.lists(st.integers(0, 3333), min_size=1, max_size=3)
    ),
    st.tuples(
        st.just("fixed"), st.just(0), st.lists(st.integers(0, 100_000), min_size=1, max_size=3)
    ),
)
people = st.lists(
    st.one_of(st.none(), st.builds(Earner, st.integers(1, 9), st.none(), st.booleans())),
    max_size=3,
)


@given(
    rule_shapes,
    amounts,
    st.integers(1, 99),
    people,
    st.integers(0, 3),
    st.integers(0, 10_000),
    st.booleans(),
)
def test_no_split_exceeds_the_paid_amount_or_the_cap(
    shape: tuple[str, int, list[int]],
    paid: int,
    quantity: int,
    chain: list[Earner | None],
    levels: int,
    cap_bp: int,
    to_seller: bool,
) -> None:
    mode, pool, shares = shape
    rule = Rule(1, "all", 0, None, mode, pool, tuple(shares))
    line = LineFacts(1, 1, 1, quantity, paid)
    result = split_commission(rule, line, chain, Terms(levels, cap_bp, to_seller))
    assert result.total_fen <= paid * cap_bp // 10_000
    assert all(s.amount_fen > 0 and s.level <= levels for s in result.shares)
    assert all(s.amount_fen <= s.before_cap_fen for s in result.shares)
    earners = {n + 1: e for n, e in enumerate(chain)}
    for share in result.shares:
        earner = earners[share.level]
        assert earner is not None
        assert earner.is_active
        assert earner.member_id == share.member_id
    if mode == "pool" and not result.is_capped:
        assert result.total_fen + result.kept_fen <= paid * pool // 10_000


@given(st.integers(0, 100_000), st.lists(st.integers(1, 5_000), min_size=1, max_size=8))
def test_refunds_in_any_parts_take_back_the_same_fen(share: int, parts: list[int]) -> None:
    whole, refunded, taken = sum(parts), 0, 0
    for part in parts:
        refunded += part
        taken += due(share, refunded, whole) - taken
    assert taken == share


@given(st.lists(st.integers(1, 5_000_000), min_size=1, max_size=6))
def test_a_month_in_parts_is_taxed_like_one_payment(parts: list[int]) -> None:
    day = date(2026, 8, 1)
    gross = tax = 0
    for part in parts:
        tax += withheld_tax("ordinary", day, History(gross, tax), part).tax_fen
        gross += part
    assert tax == withheld_tax("ordinary", day, History(), gross).tax_fen


@given(st.lists(st.integers(1, 50_000_000), min_size=1, max_size=12))
def test_cumulative_withholding_never_takes_more_than_was_paid(parts: list[int]) -> None:
    gross = tax = 0
    for month, part in enumerate(parts, 1):
        history = History(year_gross_fen=gross, year_tax_fen=tax, months=month)
        now = withheld_tax("cumulative", date(2026, month, 1), history, part).tax_fen
        assert 0 <= now <= part
        gross, tax = gross + part, tax + now


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such method"):
        withheld_tax("unset", date(2026, 8, 1), History(), 100)


DAYS = Policy("days", 365, 30)
CLICK = Policy("last_click", 365, 30)
NEW = Policy("new_members", 365, 0)
TAKEN = BindingFacts(5, NOW + timedelta(days=1), NOW + timedelta(hours=1))
OPEN = BindingFacts(5, None, NOW)
ENDED = BindingFacts(5, NOW, None)


@pytest.mark.parametrize(
    ("case", "policy", "bond", "other", "is_new", "wanted"),
    [
        ("free", DAYS, BindingFacts(), Candidate(2, True), False, None),
        ("oneself", DAYS, BindingFacts(), Candidate(1, True), True, "oneself"),
        ("suspended", CLICK, BindingFacts(), Candidate(2, False), True, "suspended"),
        ("descendant", CLICK, BindingFacts(), Candidate(2, True, True), True, "descendant"),
        ("somebody else's", DAYS, TAKEN, Candidate(2, True), True, "bound"),
        ("ended", DAYS, ENDED, Candidate(2, True), False, None),
        ("the same again", DAYS, TAKEN, Candidate(5, True), False, "already"),
        ("last click, protected", CLICK, TAKEN, Candidate(2, True), False, "protected"),
        ("last click, open", CLICK, OPEN, Candidate(2, True), False, None),
        ("not new", NEW, BindingFacts(), Candidate(2, True), False, "not_new"),
        ("new", NEW, BindingFacts(), Candidate(2, True), True, None),
    ],
)
def test_binding_policies(
    case: str,
    policy: Policy,
    bond: BindingFacts,
    other: Candidate,
    is_new: bool,
    wanted: str | None,
) -> None:
    assert why_not_bound(policy, 1, bond, other, is_new=is_new, now=NOW) == wanted, case


def test_bindings_end_according_to_the_policy() -> None:
    assert binding_until(DAYS, NOW) == (NOW + timedelta(days=365), NOW + timedelta(days=30))
    assert binding_until(NEW, NOW) == (None, None)


def test_only_listed_transitions_of_a_bill_are_allowed() -> None:
    states = {s for table in BILL.values() for s in (*table, *table.values())}
    assert states == {
        "made",
        "rejected",
        "paying",
        "awaiting_user",
        "cancelling",
        "paid",
        "failed",
        "expired",
        "cancelled",
        "returned",
    }
    for event, table in BILL.items():
        for state in states - set(table):
            with pytest.raises(Conflict):
                next_bill_state(event, state)
    assert all("paid" not in table and "returned" not in table for table in BILL.values())
