"""Every code and state that a shopper can see has a Chinese text."""

from __future__ import annotations

from dataclasses import fields
from string import Formatter
from typing import get_args

from domain.aftersales import KINDS, REASONS
from domain.aftersales.reasons import Ask
from domain.aftersales.rules import CASE_STATES, ENDS, OPEN
from domain.distribution.rules.binding import REFUSALS, Cause
from domain.distribution.views import NoCommissionReason
from domain.orders import ORIGINS, STATES, TABS
from domain.orders.rules import GivenKind
from domain.payouts.rules.states import BILL
from domain.pricing import Unused
from domain.pricing.rules import UnusedReason
from domain.pricing.steps import STEPS
from domain.promotions import Choices
from domain.service_desk.service import HOURS
from kernel import catalogues
from kernel.errors import Conflict
from mall_h5 import trade_words, words
from mall_h5.me import complaint
from mall_h5.texts import TEXTS

NO_NOTE = {"second_piece", "freight"}  # the label alone is shown


def test_every_state_of_an_order_has_a_text() -> None:
    assert set(trade_words.ORDERS) == set(STATES)
    assert set(trade_words.HEADS) == set(STATES)
    assert {key for key, _ in trade_words.TABS} == set(TABS) - {"gifts"}  # the desk's
    assert set(trade_words.LOG) == {
        *STATES, "extended", "received_by_itself", "accepted", "received_by_friend",
    }  # fmt: skip
    assert set(trade_words.STEP_OF.values()) == set(range(len(trade_words.STEPS) + 1))
    assert set(trade_words.GIVEN) == set(get_args(GivenKind))


def test_every_source_and_medium_has_a_name() -> None:
    assert set(words.ORIGINS) == set(ORIGINS)


def test_every_state_of_a_case_has_a_text() -> None:
    assert set(trade_words.CASES) == set(OPEN) | set(ENDS)
    assert set(trade_words.CASE_LOG) == {state for state, _ in CASE_STATES} | set(ENDS)
    assert set(trade_words.KINDS) == set(get_args(Ask)) == {*KINDS, "part"}
    for_buyers = {code for code, each in REASONS.items() if "buyer" in each.givers}
    assert {key for key, _ in trade_words.REASONS} == for_buyers
    of_buyers = {each.freight_by for each in REASONS.values() if "buyer" in each.givers}
    assert set(trade_words.FREIGHT_BY) == of_buyers


def test_every_state_and_kind_of_a_ticket_has_a_text() -> None:
    assert set(complaint.KINDS) == set(HOURS)
    assert set(trade_words.TICKETS) == {"open", "answered", "closed"}


def test_every_adjustment_of_a_price_has_a_text() -> None:
    assert set(trade_words.UNUSED) == set(get_args(UnusedReason))
    named = {step.__module__.rpartition(".")[2] for step in STEPS}
    assert set(trade_words.ADJUSTMENTS) == named - NO_NOTE
    assert {each.name for each in fields(Choices)} <= set(trade_words.CHOICES)
    offer = {"missing": "1", "lost": "1", "pieces": 1}
    for text in trade_words.UNUSED.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= set(offer)


def test_every_code_for_a_distributor_has_a_text() -> None:
    bills = {s for t in BILL.values() for pair in t.items() for s in pair} - {"made"}
    assert set(words.WITHDRAWALS) == bills | {"requested", "approved"}
    assert set(words.CAUSES) == set(get_args(Cause))
    assert set(words.REFUSALS) == set(REFUSALS)
    assert set(words.NOT_MINE) == set(get_args(NoCommissionReason))


def test_the_mall_uses_every_text_of_its_catalogue() -> None:
    assert sorted(catalogues.of("mall").unread) == []


def test_amounts_in_words_are_yuan() -> None:
    assert TEXTS.of(Conflict("price_changed", payable_fen=12345)) == (
        "价格有变化，现在应付 ¥123.45，请核对后再提交"
    )
    offer = Unused(1, "满减", "below_threshold", missing_fen=300)
    assert trade_words.why_unused(offer) == "还差 ¥3.00 可用"


def test_reductions_by_promotions_are_summed_by_name() -> None:
    taken = [
        {"step": "reduction", "label": "满 500 减 50", "fen": 3000, "offer_id": 1},
        {"step": "reduction", "label": "满 500 减 50", "fen": 2000, "offer_id": 1},
        {"step": "coupon", "label": "新客券", "fen": 1000, "offer_id": 2},
    ]
    assert trade_words.line_note(taken) == "满 500 减 50 −¥50.00，新客券 −¥10.00"
