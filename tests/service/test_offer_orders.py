"""Orders at a limited-time price: commission, refunds, and what a distributor sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import aftersales, distribution, ledger, promotions
from domain.aftersales import CaseForm
from domain.distribution import wiring
from domain.payments.ports import RefundResult, RefundState
from domain.payments.refunds import settle_refund
from domain.promotions import QuoteLine
from kernel import clock
from models import OrderLine, Refund
from tests.factories.catalog import make_product
from tests.factories.distribution import (
    balances,
    make_customer,
    make_distributor,
    make_rule,
    wallet,
)
from tests.factories.offers import limited_price, stop
from tests.factories.orders import MCHID, Bought, paid_order

LIST, LOW = 29800, 26800


@pytest.fixture(autouse=True)
def _wired(db: Any, wired: None) -> None:
    wiring.subscribe_all()


def _refund(bought: Bought, pieces: int) -> int:
    """Refund some unshipped pieces of the order's line; returns the refunded fen."""
    (line,) = bought.line_ids
    form = CaseForm(bought.member_id, bought.order_no, items=((line, pieces),),
                    kind="refund_only", reason="not_wanted")  # fmt: skip
    case_id = int(aftersales.request_case(form)["case_id"])
    aftersales.approve_case(case_id)
    row = Refund.get(Refund.case_id == case_id)
    done = RefundResult(RefundState.SUCCESS, row.out_refund_no, mchid=MCHID,
                        refund_fen=row.amount_fen, currency="CNY",
                        success_at=clock.now())  # fmt: skip
    assert settle_refund(done) == "booked"
    return int(row.amount_fen)


def test_commission_is_computed_from_the_paid_amount(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    made = make_product(price_fen=LIST)
    limited_price(made.sku_id)
    paid_order(make_customer(lin), product=made, quantity=2)
    assert balances(lin) == wallet(pending=2 * LOW // 10)


def test_after_the_promotion_s_end_a_refund_is_the_paid_amount(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    made = make_product(price_fen=LIST)
    offer_id = limited_price(made.sku_id)
    bought = paid_order(make_customer(lin), product=made, quantity=2)
    stop(offer_id)
    assert _refund(bought, 1) == LOW
    assert balances(lin) == wallet(pending=LOW // 10)
    assert _refund(bought, 1) == LOW
    line = OrderLine.get(OrderLine.order == bought.order_id)
    assert (line.refunded_fen, bought.row.state) == (2 * LOW, "refunded")
    assert balances(lin) == wallet()
    assert ledger.check_fully().is_clean


def test_a_free_piece_earns_nothing_and_needs_no_payment(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    made = make_product(price_fen=LIST)
    limited_price(made.sku_id, 0)
    bought = paid_order(make_customer(lin), product=made)
    assert (bought.payable_fen, bought.row.state) == (1000, "paid")  # only the freight is paid
    assert balances(lin) == wallet()


def test_a_distributor_sees_the_present_commission_and_its_end(db: Any) -> None:
    lin = make_distributor()
    make_rule(1000)
    made = make_product(price_fen=LIST)
    limited_price(made.sku_id)
    pay = distribution.preview_commission(made.product_id, lin)
    assert pay.mine is not None
    assert (pay.mine.from_fen, pay.mine.to_fen) == (LOW // 10, LOW // 10)
    assert pay.until_at == promotions.live_offers(clock.now())[0].ends_at
    clock.set_offset(timedelta(days=2))
    pay = distribution.preview_commission(made.product_id, lin)
    assert pay.mine is not None
    assert (pay.mine.to_fen, pay.until_at) == (LIST // 10, None)


def test_the_merchant_sees_the_commission_before_the_start(db: Any) -> None:
    make_rule(1000)
    made = make_product(price_fen=LIST)
    line = QuoteLine(made.sku_id, made.product_id, 1, LIST)
    assert distribution.commission_per_piece([(line, LOW)]) == {made.sku_id: LOW // 10}
