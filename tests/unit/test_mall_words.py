"""Every code and state that a shopper can meet has Chinese words."""

from __future__ import annotations

from domain.aftersales import KINDS, REASONS
from domain.aftersales.rules import CASE_STATES, ENDS, OPEN
from domain.orders import STATES, TABS
from domain.pricing import Unused
from kernel.errors import Conflict
from mall_h5 import trade_words
from mall_h5.texts import TEXTS
from mall_h5.trade import orders


def test_every_state_has_words() -> None:
    assert set(trade_words.ORDERS) == set(STATES)
    assert set(orders.HEADERS) | {"cancelled"} == set(STATES)
    assert [key for key, _ in trade_words.TABS if key not in TABS] == []
    assert set(trade_words.LOG) == set(STATES)
    assert set(trade_words.CASES) == set(OPEN) | set(ENDS)
    assert set(trade_words.CASE_LOG) == {state for state, _ in CASE_STATES} | set(ENDS)
    assert set(trade_words.KINDS) == {*KINDS, "part"}  # of the money, on the form only
    for_buyers = {code for code, each in REASONS.items() if "buyer" in each.givers}
    assert {key for key, _ in trade_words.REASONS} == for_buyers


def test_amounts_in_words_are_yuan() -> None:
    assert TEXTS.of(Conflict("price_changed", payable_fen=12345)) == (
        "价格有变化，现在应付 ¥123.45，请核对后再提交"
    )
    offer = Unused(1, "满减", "below_threshold", missing_fen=300)
    assert trade_words.why_unused(offer) == "还差 ¥3.00 可用"


def test_what_offers_took_off_is_summed_by_name() -> None:
    taken = [
        {"step": "reduction", "label": "满 500 减 50", "fen": 3000, "offer_id": 1},
        {"step": "reduction", "label": "满 500 减 50", "fen": 2000, "offer_id": 1},
        {"step": "coupon", "label": "新客券", "fen": 1000, "offer_id": 2},
    ]
    assert trade_words.line_note(taken) == "满 500 减 50 −¥50.00，新客券 −¥10.00"
