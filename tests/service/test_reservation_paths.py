"""After any path of an order, its reservations are taken or released, and nothing is held.

Hypothesis generates the events of orders; each verb runs twice. Stock, and a kind of reservation
that exists in this file only, are compared with figures computed from orders and cases.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.wiring import subscribe_all
from domain import aftersales, catalog, gifts, orders, reservations
from domain.aftersales import CaseForm
from domain.gifts import Acceptance
from domain.gifts.queries import due_to_lapse, token_of
from domain.gifts.service import lapse
from domain.orders import ShipForm, reserving
from domain.orders import flows as order_flows
from domain.orders.rules import PAID_STATES
from domain.payments import flows as payment_flows
from domain.payments.ports import TradeState
from domain.settings.service import forget_cache
from kernel import clock
from kernel.errors import DomainError, GatewayError
from kernel.money import due
from models import (
    AfterSale,
    AfterSaleLine,
    AfterSaleLog,
    Gift,
    Order,
    OrderLine,
    OrderTake,
    Sku,
)
from tests.databases import empty
from tests.factories import tokens as token_kind
from tests.factories.catalog import make_product
from tests.factories.gifts import HOME
from tests.factories.jobs import PUBLIC_URL, run_outbox
from tests.factories.members import make_member
from tests.factories.orders import order_form
from tests.factories.pay import FakePay
from tests.factories.tokens import Pool, tokens  # noqa: F401 - a fixture
from tests.harness import books
from tests.harness.straight import StraightStore
from tests.soak import examples

EXAMPLES = examples(25)
STOCK = 30
SHOT = ("a" * 64,)
UNPAID = ("awaiting_payment", "closing")
BACK = ("refunded", "settled_by_hand")

EVENT = st.one_of(
    st.tuples(st.just("place"), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.just("give"), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.sampled_from(["take", "take_back"]), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("pay"), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("pay_an_old_one"), st.integers(0, 5), st.just(0)),
    st.tuples(st.sampled_from(["cancel", "expire"]), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("ship"), st.integers(0, 5), st.integers(0, 2)),
    st.tuples(st.just("receive"), st.integers(0, 5), st.just(0)),
    st.tuples(
        st.sampled_from(["refund_only", "return", "exchange"]),
        st.integers(0, 5),
        st.integers(1, 3),
    ),
    st.tuples(st.just("part"), st.integers(0, 5), st.integers(1, 100)),
    st.tuples(st.sampled_from(["yes", "yes", "no", "withdraw"]), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("goods"), st.integers(0, 5), st.integers(0, 1)),
    st.tuples(st.just("days"), st.integers(0, 5), st.just(0)),
)
# a request that runs twice makes two cases: one is approved, one is not
LONG = [
    ("place", 3, 3), ("pay", 0, 0), ("refund_only", 0, 1), ("yes", 0, 0), ("no", 0, 0),
    ("ship", 0, 1), ("ship", 0, 0), ("return", 1, 1), ("yes", 0, 0), ("withdraw", 0, 0),
    ("goods", 0, 0), ("goods", 0, 1), ("exchange", 1, 1), ("yes", 0, 0), ("no", 0, 0),
    ("goods", 0, 0), ("goods", 0, 1), ("goods", 0, 0), ("part", 0, 50),
]  # fmt: skip
# a gift that is taken and shipped, one that is cancelled, one that lapses
GIFTS = [
    ("pay", 0, 0), ("give", 1, 1), ("pay", 0, 0), ("take", 0, 0), ("ship", 1, 0), ("give", 2, 1),
    ("pay", 0, 0), ("take_back", 1, 0), ("give", 1, 3), ("pay", 0, 0), ("ship", 1, 0),
    ("days", 3, 0), ("take", 0, 0),
]  # fmt: skip


class Life:
    """A shop with two SKUs, a buyer, and a fake WeChat."""

    def __init__(self, db: Any) -> None:
        self.store: Any = StraightStore(db)
        self.pay: Any = FakePay()
        self.runner = asyncio.Runner()
        self.done: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.number = 0
        empty(db)
        forget_cache()
        clock.set_offset(timedelta(0))
        with db.atomic():
            self.skus = [make_product(price_fen=p, stock=STOCK).sku_id for p in (29_900, 101)]
            self.buyer = make_member()
            self.friends = [make_member(), make_member()]
            token_kind.fill(2 * STOCK)

    def place(self, first: int, second: int) -> None:
        """Place an order of both SKUs, which also takes tokens."""
        items = [(sku, n) for sku, n in zip(self.skus, (first, second), strict=True)]
        form = order_form(self.buyer, items)
        claims = token_kind.claims_for([first, second])
        self._once(partial(self.store.write, orders.place_order, form, claims), "place")

    def give(self, first: int, second: int) -> None:
        """Place an order of both SKUs for a friend whose address is not known."""
        items = [(sku, n) for sku, n in zip(self.skus, (first, second), strict=True)]
        form = order_form(self.buyer, items, delivery=orders.GIFT)
        claims = token_kind.claims_for([first, second])
        self._once(partial(self.store.write, orders.place_order, form, claims), "give")

    def _take(self, which: int, _n: int) -> None:
        """Two friends take a gift, one after the other."""
        gift = self._one(Gift.state == "waiting", which, Gift)
        if gift is None:
            return
        wish = Acceptance(is_adult=True, address=HOME)
        for friend in self.friends:
            verb = partial(self.store.write, gifts.accept, token_of(gift.code), friend, wish)
            self.run(verb, "take")

    def _take_back(self, which: int, _n: int) -> None:
        gift = self._one(Gift.state.in_(("waiting", "accepted")), which, Gift)
        if gift is not None:
            number = Order.get_by_id(gift.order_id).order_no
            self.run(partial(self.store.write, gifts.cancel, number, self.buyer), "take_back")

    def event(self, name: str, which: int, n: int) -> None:
        """Run an event by name; each of its verbs runs twice."""
        if name in ("place", "give"):
            getattr(self, name)(which, n)
            return
        if name in ("refund_only", "return", "exchange"):
            self._ask(name, which, n)
        elif name in ("yes", "no", "withdraw"):
            self._answer(name, which)
        else:
            getattr(self, f"_{name}")(which, n)
        self.run(partial(run_outbox, self.store, self.pay))
        self._say_all_totals_again()

    def _pay(self, which: int, _n: int) -> None:
        order = self._one(Order.state == "awaiting_payment", which)
        if order is None:
            return
        view = self.run(partial(
            order_flows.prepay, self.store, self.pay, order.order_no, order.member_id, "native",
            public_url=PUBLIC_URL,
        ))  # fmt: skip
        if view is not None:
            self._pay_number(view.out_trade_no)

    def _pay_an_old_one(self, which: int, _n: int) -> None:
        """Pay any attempt, whatever the state of its order, because WeChat may report late."""
        trades = list(self.pay.trades.values())
        if trades:
            self._pay_number(trades[which % len(trades)].out_trade_no)

    def _pay_number(self, number: str) -> None:
        trade = self.pay.trades[number]
        if trade.state is TradeState.CLOSED:
            self.pay.trades[number] = trade = _reopened(trade)
        paid = self.pay.pay(number) if trade.state is TradeState.NOTPAY else trade
        self.number += 1
        notice = self.pay.notice(paid, self.number)
        self.run(partial(payment_flows.receive_notice, self.store, notice), "pay")

    def _cancel(self, which: int, _n: int) -> None:
        order = self._one(Order.state.in_(("awaiting_payment", "paid")), which)
        if order is None:
            return
        if order.state == "paid":
            cancel: Any = partial(self.store.write, aftersales.cancel_paid_order)
        else:
            cancel = partial(order_flows.cancel_order, self.store, self.pay)
        self.run(partial(cancel, order.order_no, self.buyer), "cancel")

    def _expire(self, _which: int, _n: int) -> None:
        self._pass(timedelta(hours=1))

    def _days(self, which: int, _n: int) -> None:
        self._pass(timedelta(days=3 * which))

    def _pass(self, time: timedelta) -> None:
        clock.set_offset(clock.offset() + time)
        self.run(partial(order_flows.close_due, self.store, self.pay))
        self.run(partial(order_flows.receive_due, self.store))
        self.run(partial(order_flows.complete_due, self.store))
        for gift_id in due_to_lapse(20):
            self.run(partial(self.store.write, lapse, gift_id), "lapse")

    def _ship(self, which: int, n: int) -> None:
        order = self._one(Order.state.in_(("paid", "partly_shipped")), which)
        if order is None:
            return
        lines = list(OrderLine.select().where(OrderLine.order == order.id))
        contents = ((lines[which % len(lines)].id, n),) if n else ()
        self.number += 1
        form = ShipForm("顺丰速运", f"SF{self.number:08d}", contents)
        self.run(partial(self.store.write, orders.ship_parcel, order.id, form), "ship")

    def _receive(self, which: int, _n: int) -> None:
        order = self._one(Order.state == "shipped", which)
        if order is not None:
            self.run(partial(self.store.write, orders.confirm_receipt, order.order_no, self.buyer))

    def _ask(self, kind: Any, which: int, n: int) -> None:
        order = self._one(Order.state.in_(PAID_STATES), which)
        if order is None:
            return
        lines = list(OrderLine.select().where(OrderLine.order == order.id))
        items = ((lines[which % len(lines)].id, n),)
        reasons = aftersales.allowed_requests(self.buyer, order.order_no, items).get(kind, ())
        if reasons:
            form = CaseForm(
                self.buyer, order.order_no, kind, items, reasons[0], pictures=SHOT
            )  # fmt: skip
            self.run(partial(self.store.write, aftersales.request_case, form), kind)

    def _part(self, which: int, percent: int) -> None:
        order = self._one(Order.state.in_(PAID_STATES), which)
        if order is None:
            return
        line = OrderLine.select().where(OrderLine.order == order.id).first()
        fen = (line.paid_fen - line.claimed_fen) * percent // 100
        verb = partial(
            self.store.write,
            aftersales.merchant_refund,
            order.order_no,
            [(line.id, 0)],
            "少发",
            fen,
        )
        self.run(verb, "part")

    def _answer(self, answer: str, which: int) -> None:
        case = self._one(AfterSale.state == "requested", which, AfterSale)
        if case is None:
            return
        verb = {
            "yes": partial(self.store.write, aftersales.approve_case, case.id),
            "no": partial(self.store.write, aftersales.reject_case, case.id, "不符合条件"),
            "withdraw": partial(
                self.store.write, aftersales.withdraw_case, case.case_no, self.buyer
            ),
        }[answer]
        self.run(verb, answer)

    def _goods(self, which: int, n: int) -> None:
        """Take the next step of a return or exchange."""
        waits = AfterSale.state.in_(("approved", "returning", "received_back"))
        case = self._one(waits, which, AfterSale)
        if case is None:
            return
        self.number += 1
        parcel = ("中通快递", f"ZT{self.number:08d}")
        if case.state == "approved":
            verb = partial(
                self.store.write, aftersales.send_back, case.case_no, self.buyer, *parcel
            )
        elif case.state == "returning":
            verb = partial(
                self.store.write, aftersales.receive_returned_goods, case.id, restock=bool(n)
            )
        elif n:
            verb = partial(self.store.write, aftersales.refund_instead, case.id)
        else:
            verb = partial(self.store.write, aftersales.send_replacement, case.id, *parcel)
        self.run(verb, f"goods_{case.state}")

    def _say_all_totals_again(self) -> None:
        """Give back the same totals again, which must change nothing."""
        for order in Order.select().where(Order.paid_at.is_null(False)):
            lines = [row.id for row in OrderLine.select().where(OrderLine.order == order.id)]
            reserving.give_back_reservations(order, lines, "again")

    def come_to_rest(self) -> None:
        """Move the clock until all unpaid orders are closed."""
        for _ in range(2):
            self._pass(timedelta(hours=2))
            self.run(partial(run_outbox, self.store, self.pay))

    def run(self, verb: Callable[[], Coroutine[Any, Any, Any]], name: str = "") -> Any:
        """Run a verb or flow twice and return the first result; a refusal returns None."""
        first = self._once(verb, name)
        self._once(verb, "again")
        return first

    def _once(self, verb: Callable[[], Coroutine[Any, Any, Any]], name: str) -> Any:
        try:
            result = self.runner.run(verb())
        except (DomainError, GatewayError) as error:
            self.refused[name, error.code] += 1
            return None
        self.done[name] += 1
        return result

    def _one(self, where: Any, which: int, table: Any = Order) -> Any:
        rows = list(table.select().where(where).order_by(table.id))
        return rows[which % len(rows)] if rows else None


def _reopened(trade: Any) -> Any:
    """The attempt as unpaid: WeChat may accept a payment just before the close."""
    return replace(trade, state=TradeState.NOTPAY)


def check_counts() -> None:
    """Assert that stock and tokens are exactly those that follow from orders and cases."""
    assert catalog.skus_out_of_balance() == []
    states = {row.id: (row.state, row.paid_at is not None) for row in Order.select()}
    returned, replaced = _moved_by_cases()
    held: Counter[int] = Counter()
    sold: Counter[int] = Counter()
    pool = {sort: [0, 0] for sort in token_kind.PER_PIECE}
    for line in OrderLine.select():
        state, is_paid = states[line.order_id]
        back = {1: line.refunded, 2: 0}
        back[2] = due(37 * line.quantity, line.refunded_fen, line.paid_fen)
        if state in UNPAID:
            held[line.sku_id] += line.quantity
        if is_paid:
            sold[line.sku_id] += line.quantity - returned[line.id] + replaced[line.id]
        for sort, each in token_kind.PER_PIECE.items():
            pool[sort][0] += each * line.quantity if state in UNPAID else 0
            pool[sort][1] += each * line.quantity - back[sort] if is_paid else 0
    for sku in Sku.select():
        have = (sku.stock, sku.held, sku.sold)
        want = (STOCK - held[sku.id] - sold[sku.id], held[sku.id], sold[sku.id])
        assert have == want, (have, want)
    for row in Pool.select():
        assert [row.held, row.used] == pool[row.sort]
        assert row.free + row.held + row.used == 2 * STOCK * token_kind.PER_PIECE[row.sort]


def _moved_by_cases() -> tuple[Counter[int], Counter[int]]:
    """By line, according to the cases: restocked pieces, and pieces sent in exchange."""
    took_back = {
        row.case_id
        for row in AfterSaleLog.select().where(
            (AfterSaleLog.to_state == "received_back") & (AfterSaleLog.why == "restock")
        )
    }
    states = {row.id: row.state for row in AfterSale.select()}
    returned: Counter[int] = Counter()
    replaced: Counter[int] = Counter()
    for part in AfterSaleLine.select():
        if part.case_id in took_back:
            returned[part.line_id] += part.quantity
        if states[part.case_id] in BACK:
            returned[part.line_id] += part.unshipped
        if states[part.case_id] == "exchanged":
            replaced[part.line_id] += part.quantity
    return returned, replaced


@pytest.fixture
def wired_shop(db: Any, tokens: None) -> Any:  # noqa: F811 - the fixture above
    subscribe_all()
    reservations.install((token_kind.TOKENS, catalog.STOCK))
    return db


def _live(db: Any, events: list[tuple[str, int, int]]) -> Life:
    life = Life(db)
    try:
        for name, which, n in events:
            life.event(name, which, n)
            check_counts()
        life.come_to_rest()
        check_counts()
    finally:
        life.runner.close()
        clock.set_offset(timedelta(0))
    return life


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(events=st.lists(EVENT, min_size=6, max_size=24))
@example(events=LONG)
@example(events=GIFTS)
def test_after_every_path_nothing_is_held_and_all_counts_agree(
    wired_shop: Any, events: list[tuple[str, int, int]]
) -> None:
    _live(wired_shop, [("place", 1, 2), *events])
    assert books.faults() == []
    assert sum(sku.held for sku in Sku.select()) == 0
    assert sum(row.held for row in Pool.select()) == 0
    assert Order.select().where(Order.state.in_(UNPAID)).count() == 0
    for gift in Gift.select():
        order = Order.get_by_id(gift.order_id)
        assert (gift.state == "accepted") == (order.recipient_id is not None)
        assert order.recipient_id is not None or order.state != "shipped"


def test_a_path_of_gifts_runs_each_of_its_verbs(wired_shop: Any) -> None:
    life = _live(wired_shop, [("place", 1, 2), *GIFTS])
    assert {"give", "take", "ship", "take_back", "lapse"} <= set(life.done), sorted(life.refused)
    assert {gift.state for gift in Gift.select()} == {"accepted", "cancelled", "lapsed"}
    assert ("ship", "gift_waits") in life.refused
    assert ("take", "gift_taken") in life.refused


def test_the_long_path_runs_each_of_its_verbs(wired_shop: Any) -> None:
    """A path whose verbs are all refused would pass the check of counts."""
    life = _live(wired_shop, LONG)
    ways = {"place", "pay", "refund_only", "yes", "ship", "return", "exchange", "part"}
    ways |= {"goods_approved", "goods_returning", "goods_received_back"}
    assert ways <= set(life.done), sorted(life.refused)
    stock = OrderTake.select().where(OrderTake.kind == "stock")
    assert sum(row.given_back for row in stock) > 0
