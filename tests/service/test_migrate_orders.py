"""Migrating a database of before reservations and payables keeps its stock and money.

``golden/before_payables.json`` was made by the verbs of that release: orders in every state, cases
of every kind, and a late, a double and a wrong payment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import aftersales, orders, payments
from domain.orders.payable import begin_order_payment
from domain.payments.flows import send_refund
from domain.payments.ports import PaymentResult, TradeState
from domain.payments.refunds import UNDER_WAY
from domain.payments.service import settle
from kernel import clock
from models import (
    AfterSaleLog,
    Order,
    OrderLine,
    OrderTake,
    Payment,
    Refund,
    ServiceTicket,
    Sku,
    StockMove,
)
from tests.factories.jobs import PUBLIC_URL
from tests.factories.members import APPID
from tests.factories.orders import MCHID, paid_result
from tests.factories.pay import FakePay
from tests.factories.transfers import forget_leases
from tests.harness import books
from tests.harness.filled import filled_database, rows_of
from tests.harness.straight import StraightStore

ROWS = rows_of("before_payables.json")
WRITTEN = ("[订单 ORD261122ABCDEFGHJKMN] 少一瓶\n请补发", "[订单 3] 少一瓶", "在吗")
TICKETS = {"service_ticket": [
    {"id": n, "ticket_no": f"TK{n}", "member_id": ROWS["member"][0]["id"], "kind": "question",
     "text": text, "state": "open", "due_at": 1_700_000_000_000_000,
     "created_at": 1_700_000_000_000_000}
    for n, text in enumerate(WRITTEN, 1)
]}  # fmt: skip


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Any]:
    """The former release's database, migrated to today's tables and opened."""
    with filled_database(tmp_path, ROWS | TICKETS, "0037_seen_visits") as database:
        subscribe_all()
        yield database


def test_the_books_of_the_former_release_still_agree(filled: Any) -> None:
    assert books.faults() == []


def test_sentences_of_a_case_s_log_are_codes(filled: Any) -> None:
    before = [row["why"] for row in ROWS["after_sale_log"]]
    now = [row.why for row in AfterSaleLog.select().order_by(AfterSaleLog.id)]
    assert before.count("goods are back") == now.count("goods_back") == 3
    assert [why for why in now if " " in why] == []


def test_the_order_of_a_ticket_has_its_column(filled: Any) -> None:
    found = [(t.order_no, t.text) for t in ServiceTicket.select().order_by(ServiceTicket.id)]
    assert found == [
        ("ORD261122ABCDEFGHJKMN", "少一瓶\n请补发"), (None, WRITTEN[1]), (None, "在吗"),
    ]  # fmt: skip


def test_restocked_pieces_are_known_by_line(filled: Any) -> None:
    """The old stock moves named no line; the lines' figures sum to the moves."""
    back: Counter[int] = Counter()
    sent: Counter[int] = Counter()
    for line in OrderLine.select():
        back[line.sku_id] += line.restocked
        sent[line.sku_id] += line.replaced
    moved = {"return": Counter[int](), "replace": Counter[int]()}
    for move in StockMove.select().where(StockMove.reason.in_(list(moved))):
        moved[move.reason][move.sku_id] += move.quantity
    assert (+back, +sent) == (moved["return"], moved["replace"])
    assert sum(sent.values()) == 1


def test_goods_of_an_old_line_can_be_returned_once_more_only(filled: Any) -> None:
    """The buyer still has the piece that was exchanged under the former release."""
    line = OrderLine.get(OrderLine.replaced == 1)
    before = Sku.get_by_id(line.sku_id).stock
    orders.record_restocked(line.order_id, [(line.id, 1)], "AS1")
    assert Sku.get_by_id(line.sku_id).stock == before + 1
    row = OrderTake.get(OrderTake.line == line.id)
    assert (row.amount, row.given_back) == (line.quantity + 1, line.restocked + 1)


def test_an_open_case_of_the_former_release_goes_on(filled: Any) -> None:
    order_id = OrderLine.get(OrderLine.dropped == 1).order_id
    order = orders.order_by_id(order_id)
    line = next(x for x in order.lines if x.left_to_ship and x.can_claim)
    aftersales.merchant_refund(order.order_no, [(line.id, 1)], "缺货")
    assert aftersales.list_cases_of_order(order_id)[-1].state == "refunding"


def test_each_payment_names_its_order_and_keeps_its_facts(filled: Any) -> None:
    numbers = {row["id"]: row["order_no"] for row in ROWS["mall_order"]}
    found = {row.id: row for row in Payment.select()}
    assert len(found) == len(ROWS["payment"]) > 0
    for old in ROWS["payment"]:
        row = found[old["id"]]
        named = (row.payable_kind, row.payable_id, row.payable_no)
        assert named == ("order", old["order_id"], numbers[old["order_id"]])
        kept = ("out_trade_no", "state", "amount_fen", "received_fen", "refunding_fen", "mchid")
        assert {name: getattr(row, name) for name in kept} == {name: old[name] for name in kept}


def test_each_refund_keeps_its_payment_and_its_case(filled: Any) -> None:
    refunds = {row.id: row for row in Refund.select()}
    assert len(refunds) == len(ROWS["refund"]) > 0
    kept = ("payment_id", "case_id", "cause", "out_refund_no", "amount_fen", "state")
    for old in ROWS["refund"]:
        row = refunds[old["id"]]
        assert {name: getattr(row, name) for name in kept} == {name: old[name] for name in kept}
        # the reason is in the cause; an unfinished refund keeps the text sent to WeChat (ADR 75)
        assert row.reason == ("" if old["state"] in ("succeeded", "closed") else old["reason"])
    by_order = {row["order_id"] for row in ROWS["refund"]}
    for order_id in by_order:
        mine = [row["id"] for row in ROWS["refund"] if row["order_id"] == order_id]
        assert [refund.id for refund in orders.refunds_of(order_id)] == mine


def test_an_order_s_payment_is_found_without_the_old_column(filled: Any) -> None:
    named = {row["id"]: row["payment_id"] for row in ROWS["mall_order"]}
    taken = {
        order_id: [p.id for p in orders.payments_of(order_id) if payments.is_taken(p.id)]
        for order_id in named
    }
    assert taken == {key: [each] if each else [] for key, each in named.items()}


async def test_unfinished_payments_and_refunds_can_be_completed(filled: Any) -> None:
    """A begun refund, a sent refund and an unpaid order of the former release."""
    store, pay = StraightStore(filled), FakePay()
    for row in Payment.select().where(Payment.state == "paid"):
        pay.trades[row.out_trade_no] = PaymentResult(
            TradeState.SUCCESS, row.out_trade_no, row.mchid, row.appid,
            currency="CNY", amount_fen=row.received_fen,
        )  # fmt: skip
    under_way = [row.id for row in Refund.select().where(Refund.state.in_(UNDER_WAY))]
    assert len(under_way) >= 2
    forget_leases()
    for refund_id in under_way:
        await send_refund(store, pay, refund_id, public_url=PUBLIC_URL)  # type: ignore[arg-type]
    assert {row.state for row in Refund.select()} == {"succeeded"}
    waiting = Order.get(Order.state == "awaiting_payment")
    clock.set_offset(_until(waiting.pay_by_at))
    ticket = begin_order_payment(waiting.order_no, waiting.member_id, "native", MCHID, APPID)
    assert ticket.id > max(row["id"] for row in ROWS["payment"])
    assert settle(paid_result(ticket.out_trade_no, ticket.amount_fen)) == "booked"
    assert orders.order_by_id(waiting.id).state == "paid"
    assert books.faults() == []


def _until(moment: datetime) -> timedelta:
    """The clock offset at which an order of the golden rows can still be paid."""
    return moment - timedelta(minutes=1) - clock.system_now()
