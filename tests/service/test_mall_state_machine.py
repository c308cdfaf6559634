"""A state machine of the whole mall: after each random step all figures agree.

Hypothesis chooses the acts of buyers, merchant, distributors and WeChat, and moves the clock.
``books.faults`` derives all figures again. Commissions are computed again in this file, by other
code, from the buyers' acts.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.wiring import subscribe_all
from domain import aftersales, distribution, ledger, orders, payouts
from domain import settings as switches
from domain.aftersales import CaseForm
from domain.aftersales.wiring import apply_timeouts
from domain.ledger import member_account, merchant_account
from domain.orders import ShipForm
from domain.orders import flows as order_flows
from domain.payments import flows as payment_flows
from domain.payments.ports import RefundState, TradeState, TransferState
from domain.settings import forget_cache
from kernel import clock
from kernel.errors import DomainError, GatewayError, Unknown
from models import AfterSale, Commission, Order, OrderLine, Payment, Withdrawal
from tests.databases import empty
from tests.factories.catalog import make_product
from tests.factories.distribution import make_distributor
from tests.factories.jobs import PUBLIC_URL, run_outbox
from tests.factories.members import make_member
from tests.factories.orders import MCHID, order_form
from tests.factories.pay import FakePay
from tests.factories.transfers import TERMS, FakeTransfers, forget_leases
from tests.harness import books
from tests.harness.mall_facts import Facts, Rates
from tests.harness.straight import StraightStore
from tests.soak import examples

T = TypeVar("T")
EXAMPLES = examples(6)
STEPS = 30
SHOT = ("a" * 64,)  # the photo for reasons that need one
PICK = st.integers(0, 99)
FAULTS = ("prepay", "query_payment", "close_payment", "refund", "query_refund")


class Mall(RuleBasedStateMachine):
    """The state machine: the shop, its people, WeChat and the clock."""

    db: Any = None
    done: Counter[str] = Counter()
    refused: Counter[tuple[str, str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        clock.set_offset(timedelta(0))
        forget_cache()
        empty(self.db)
        self.store: Any = StraightStore(self.db)
        self.pay = FakePay()
        self.bank = FakeTransfers()
        self.port: Any = self.pay
        self.transfers: Any = self.bank
        self.facts = Facts()
        self.notices = 0

    @initialize()
    def open_shop(self) -> None:
        """Make three products, a chain of three distributors, and three buyers, two bound."""
        with self.db.atomic():
            for price, stock in ((29_800, 9), (101, 7), (6_600, 40)):
                self.facts.skus.append(make_product(price_fen=price, stock=stock).sku_id)
            self.facts.sellers = [make_distributor(f"第{n}家") for n in range(3)]
            self.facts.buyers = [make_member(f"买家{n}") for n in range(3)]
            switches.change(switches.Distribution, {
                "tax_method": "ordinary", "freeze_days": 3, "line_cap_bp": 10_000,
                "withdraw_per_day": 10, "review_from_fen": 5_000, "withdraw_fee_bp": 60,
            })  # fmt: skip
            switches.change(switches.BindingPolicy, {"kind": "forever"})
            switches.change(switches.PayoutBrakes, {"commission_share_bp": 10_000})
            self._sign(1)
            self._save_rule(Rates())
        for below, above in ((0, 0), (1, 1), (3, 1), (4, 2)):
            self.bind(below, above)

    # --- people

    @rule(who=PICK, to=PICK)
    def bind(self, who: int, to: int) -> None:
        """A buyer or distributor is bound by a distributor's link."""
        people = [*self.facts.buyers, *self.facts.sellers]
        member, above = people[who % 6], self.facts.sellers[to % 3]
        result = self._verb(distribution.bind, member, above, cause="link")
        if result is not None and result.is_bound:
            self.facts.upline[member] = above

    @rule(levels=st.integers(0, 3))
    def sign_levels(self, levels: int) -> None:
        """The owner changes the number of paid levels; old orders keep their number."""
        with self.db.atomic():
            self._sign(levels)

    @rule(
        mode=st.sampled_from(["levels", "pool"]), pool_bp=st.integers(1, 5000),
        shares=st.lists(st.integers(1, 3000), min_size=1, max_size=3),
    )  # fmt: skip
    def change_rule(self, mode: str, pool_bp: int, shares: list[int]) -> None:
        """The merchant changes the rates; old orders keep their rates."""
        with self.db.atomic():
            self._save_rule(Rates(self.facts.rates.levels, mode, pool_bp, tuple(shares)))

    # --- orders

    @rule(who=PICK, what=PICK, quantity=st.integers(1, 4), second=st.booleans())
    def buy(self, who: int, what: int, quantity: int, second: bool) -> None:
        """A buyer orders one or two products."""
        member = self.facts.buyers[who % 3]
        chosen = [self.facts.skus[(what + n) % 3] for n in range(2 if second else 1)]
        items = [(sku, quantity) for sku in dict.fromkeys(chosen)]

        def place_order() -> Any:
            return orders.place_order(order_form(member, items))

        made = self._verb(place_order)
        if made is None:
            return
        people = len(self._chain(member))
        for line in OrderLine.select().where(OrderLine.order == made["order_id"]):
            earned = self.facts.rates.of(line.paid_fen, people)
            for level, fen in enumerate(earned, start=1):
                if fen:
                    above = self._chain(member)[level - 1]
                    self.facts.expected[line.id, level] = (above, fen)

    @rule(which=PICK, heard=st.sampled_from(["at_once", "twice", "never"]))
    def pay_order(self, which: int, heard: str) -> None:
        """A buyer pays; WeChat's notification arrives once, twice, or not at all."""
        order = self._one(Order.state == "awaiting_payment", which)
        if order is None:
            return
        view = self._flow(order_flows.prepay(
            self.store, self.port, order.order_no, order.member_id, "jsapi",
            public_url=PUBLIC_URL,
        ))  # fmt: skip
        if view is None or self.pay.trades[view.out_trade_no].state is not TradeState.NOTPAY:
            return
        paid = self.pay.pay(view.out_trade_no)
        self.notices += 1
        for _ in range({"never": 0, "at_once": 1, "twice": 2}[heard]):
            notice = self.pay.notice(paid, self.notices)
            self._flow(payment_flows.receive_notice(self.store, notice))

    @rule(which=PICK)
    def prepay_twice_and_pay_an_old_one(self, which: int) -> None:
        """A buyer pays an open attempt, whatever the state of its order."""
        waiting = [t for t in self.pay.trades.values() if t.state is TradeState.NOTPAY]
        if waiting:
            self.pay.pay(waiting[which % len(waiting)].out_trade_no)

    @rule(which=PICK)
    def cancel(self, which: int) -> None:
        """A buyer cancels: an unpaid order is closed, a paid one gets a case over all lines."""
        order = self._one(Order.state.in_(("awaiting_payment", "paid")), which)
        if order is None:
            return
        if order.state == "paid":
            self._verb(aftersales.cancel_paid_order, order.order_no, order.member_id)
        else:
            self._flow(
                order_flows.cancel_order(self.store, self.port, order.order_no, order.member_id)
            )

    @rule(which=PICK, part=st.booleans())
    def ship(self, which: int, part: bool) -> None:
        """The merchant ships all remaining pieces, or one piece of a line."""
        order = self._one(Order.state.in_(("paid", "partly_shipped")), which)
        if order is None:
            return
        lines = list(OrderLine.select().where(OrderLine.order == order.id))
        contents = ((lines[which % len(lines)].id, 1),) if part else ()
        self.notices += 1
        number = f"SF{self.notices:08d}"
        self._verb(orders.ship_parcel, order.id, ShipForm("顺丰速运", number, contents))

    @rule(which=PICK)
    def receive(self, which: int) -> None:
        """A buyer confirms receipt."""
        order = self._one(Order.state == "shipped", which)
        if order is not None:
            self._verb(orders.confirm_receipt, order.order_no, order.member_id)

    @rule(who=PICK, what=PICK, to=PICK)
    def a_sale_to_its_end(self, who: int, what: int, to: int) -> None:
        """Run a sale from binding to release, a sequence that random steps rarely reach."""
        self.bind(who % 3, to)
        self.buy(who, what, 2, second=False)
        for step in (
            partial(self.pay_order, -1, "at_once"), partial(self.ship, -1, part=False),
            partial(self.receive, -1), partial(self.time_passes, 24 * 4), self.release,
        ):  # fmt: skip
            step()
            assert books.faults() == []

    # --- after-sales

    @rule(
        which=PICK, quantity=st.integers(1, 3), why=PICK,
        kind=st.sampled_from(["refund_only", "return", "exchange"]),
    )  # fmt: skip
    def ask_back(self, which: int, quantity: int, kind: Any, why: int = 0) -> None:
        """A buyer opens a case for pieces of a line, with a reason that the shop offers."""
        order = self._one(Order.state.in_(orders.PAID_STATES), which)
        if order is None:
            return
        lines = list(OrderLine.select().where(OrderLine.order == order.id))
        line = lines[which % len(lines)]
        items = ((line.id, quantity),)
        shown = aftersales.allowed_requests(order.member_id, order.order_no, items)
        for reason in set(aftersales.REASONS) - set(shown.get(kind, ())):
            form = CaseForm(order.member_id, order.order_no, kind, items, reason, pictures=SHOT)
            assert self._is_refused(aftersales.request_case, form), (kind, reason)
        reasons = shown.get(kind, ())
        if reasons:
            reason = reasons[why % len(reasons)]
            form = CaseForm(order.member_id, order.order_no, kind, items, reason, pictures=SHOT)
            self._verb(aftersales.request_case, form)

    @rule(which=PICK, percent=st.integers(1, 100))
    def refund_a_part(self, which: int, percent: int) -> None:
        """The merchant refunds a part of a line; the buyer keeps the goods."""
        order = self._one(Order.state.in_(orders.PAID_STATES), which)
        if order is None:
            return
        lines = list(OrderLine.select().where(OrderLine.order == order.id))
        line = lines[which % len(lines)]
        fen = (line.paid_fen - line.claimed_fen) * percent // 100
        self._verb(aftersales.merchant_refund, order.order_no, [(line.id, 0)], "少发", fen)

    @rule(which=PICK, answer=st.sampled_from(["yes", "yes", "no", "withdrawn"]))
    def answer_case(self, which: int, answer: str) -> None:
        """The merchant approves or rejects a case, or the buyer withdraws it."""
        case = self._one(AfterSale.state == "requested", which, AfterSale)
        if case is None:
            return
        verb = {
            "yes": partial(aftersales.approve_case, case.id),
            "no": partial(aftersales.reject_case, case.id, "不符合条件"),
            "withdrawn": partial(aftersales.withdraw_case, case.case_no, case.member_id),
        }[answer]
        self._verb(verb)

    @rule(which=PICK, restock=st.booleans(), came=st.booleans())
    def send_goods_back(self, which: int, restock: bool, came: bool = True) -> None:
        """A buyer reports a return parcel; the merchant confirms it, or denies its receipt."""
        waits = AfterSale.state.in_(("approved", "returning", "unconfirmed"))
        case = self._one(waits, which, AfterSale)
        if case is None:
            return
        if case.state == "approved":
            self._verb(
                aftersales.send_back, case.case_no, case.member_id, "中通快递", "ZT12345678"
            )
        elif not came:
            self._verb(aftersales.reject_case, case.id, "没有收到包裹")
        elif self._verb(aftersales.receive_returned_goods, case.id, restock=restock) is not None:
            self.facts.taken_in.add(case.id)

    @rule(which=PICK)
    def answer_an_exchange(self, which: int) -> None:
        """The merchant sends a replacement."""
        case = self._one(AfterSale.state == "received_back", which, AfterSale)
        if case is not None:
            self._verb(aftersales.send_replacement, case.id, "顺丰速运", "SF88216604")

    @rule()
    def a_silent_shop(self) -> None:
        """A buyer reports a return parcel, and the merchant does not answer for weeks."""
        self.ask_back(-1, 1, "return")
        for _ in range(2):
            self.send_goods_back(-1, restock=False)
            self.time_passes(24 * 11)

    # --- distributors' money

    @rule()
    def release(self) -> None:
        """The run releases commission whose freeze ended."""
        self._verb(distribution.release_due)

    @rule(who=PICK, fen=st.integers(100, 9_000), everything=st.booleans())
    def withdraw(self, who: int, fen: int, everything: bool) -> None:
        """A distributor requests a part or all of the balance."""
        member, has = self._who_has("available", who)
        self._verb(distribution.request_withdrawal, member, has if everything else fen)

    @rule(which=PICK, answer=st.sampled_from(["yes", "no", "taken_back"]))
    def decide_withdrawal(self, which: int, answer: str) -> None:
        """Finance approves or rejects a withdrawal, or the distributor cancels it."""
        row = self._one(Withdrawal.state.in_(("requested", "approved")), which, Withdrawal)
        if row is None:
            return
        verb = {
            "yes": partial(distribution.approve_withdrawal, row.id, "staff:2"),
            "no": partial(distribution.reject_withdrawal, row.id, "staff:2", "资料不符"),
            "taken_back": partial(distribution.cancel_withdrawal, row.id, row.member_id),
        }[answer]
        self._verb(verb)

    @rule(fault=st.sampled_from(["", "", "before", "after"]))
    def send_withdrawals(self, fault: str) -> None:
        """Approved withdrawals are sent to WeChat; the call or the answer may be lost."""
        if fault == "before":
            self.bank.faults.append(Unknown("no_answer"))
        if fault == "after":
            self.bank.after.append(Unknown("no_answer"))
        self._flow(payouts.send_waiting(self.store, self.transfers, TERMS))
        self.bank.faults.clear()
        self.bank.after.clear()

    @rule(which=PICK, end=st.sampled_from([TransferState.SUCCESS, TransferState.FAIL]))
    def transfer_ends(self, which: int, end: TransferState) -> None:
        """A payee confirms a transfer, or it fails at WeChat."""
        waiting = [b for b in self.bank.bills.values() if not b.state.is_final]
        if not waiting:
            return
        bill = waiting[which % len(waiting)]
        reason = "ACCOUNT_FROZEN" if end is TransferState.FAIL else ""
        ended = replace(bill, state=end, fail_reason=reason, updated_at=clock.now())
        self.bank.bills[bill.out_bill_no] = ended

    @rule(who=PICK)
    def write_off(self, who: int) -> None:
        """The merchant writes off a part of a debt."""
        member, balance = self._who_has("debt", who)
        owed = -balance
        self._verb(distribution.write_off_debt, member, max(owed // 2, 1), "staff:1", "协商")

    @rule(who=PICK, end=st.sampled_from([TransferState.SUCCESS, TransferState.FAIL]))
    def a_payout_to_its_end(self, who: int, end: TransferState) -> None:
        """A distributor's whole balance is requested, approved, sent, and confirmed or failed."""
        self.withdraw(who, 100, everything=True)
        self.decide_withdrawal(-1, "yes")
        self.send_withdrawals("")
        self.transfer_ends(-1, end)
        self.time_passes(1)

    @rule(which=PICK, percent=st.integers(1, 100))
    def a_refund_to_its_end(self, which: int, percent: int) -> None:
        """The merchant refunds a part of a line, and WeChat pays it at once."""
        self.refund_a_part(which, percent)
        self.work()

    # --- WeChat, the worker, time

    @rule(method=st.sampled_from(FAULTS), kind=st.sampled_from(["before", "after", "busy"]))
    def wechat_fails_next(self, method: str, kind: str) -> None:
        """WeChat's next answer to a method is an error; the call may have taken effect."""
        self.pay.faults[method].append(kind)

    @rule(state=st.sampled_from([RefundState.SUCCESS, RefundState.PROCESSING]))
    def refunds_end_so(self, state: RefundState) -> None:
        """From now on WeChat ends refunds at once, or leaves them processing."""
        self.pay.refund_state = state

    @rule()
    def work(self) -> None:
        """The worker handles due rows."""
        self._flow(run_outbox(self.store, self.port))

    @rule(hours=st.sampled_from([1, 6, 24, 24 * 4, 24 * 11]))
    def time_passes(self, hours: int) -> None:
        """Move the clock, then run the periodic jobs."""
        clock.set_offset(clock.offset() + timedelta(hours=hours))
        forget_leases()
        self._come_round()

    def teardown(self) -> None:
        """At the end WeChat has no faults, and its figures and the ledger agree."""
        try:
            if self.facts.skus:
                self._come_to_rest()
        finally:
            self.runner.close()
            clock.set_offset(timedelta(0))

    # --- invariants

    @invariant()
    def all_books_agree(self) -> None:
        """Sums, bounds, stock and states agree."""
        assert books.faults() == []

    @invariant()
    def no_goods_no_money(self) -> None:
        """Returns and exchanges are refunded only after a person received the goods."""
        back = AfterSale.kind.in_(("return", "exchange"))
        paid = AfterSale.state.in_(("received_back", "refunding", "abnormal", "refunded"))
        assert {c.id for c in AfterSale.select().where(back & paid)} <= self.facts.taken_in

    @invariant()
    def commissions_are_what_the_formula_says(self) -> None:
        """Each commission is the expected one, and refunds took back their exact parts."""
        lines = {row.id: row for row in OrderLine.select()}
        found = {}
        for row in Commission.select():
            found[row.line_id, row.level] = (row.member_id, row.amount_fen)
            line = lines[row.line_id]
            due = int(Fraction(row.amount_fen * line.refunded_fen, line.paid_fen))
            assert row.taken_fen == due, (row.id, row.taken_fen, due)
        assert found == self.facts.expected

    # --- helpers

    def _come_round(self) -> None:
        flow, store, port = self._flow, self.store, self.port
        flow(payment_flows.poll_payments(store, port))
        flow(payment_flows.poll_refunds(store, port, public_url=PUBLIC_URL))
        flow(order_flows.close_due(store, port))
        flow(order_flows.receive_due(store))
        flow(order_flows.complete_due(store))
        flow(apply_timeouts(store))
        flow(payouts.query_due_bills(store, self.transfers))
        self._verb(payouts.check_ledger)

    def _come_to_rest(self) -> None:
        self.pay.faults.clear()
        self.pay.refund_state = RefundState.SUCCESS
        for number, refund in list(self.pay.refunds.items()):
            if refund.state is RefundState.PROCESSING:
                self.pay.refunds[number] = replace(refund, state=RefundState.SUCCESS)
        for _ in range(3):
            self._flow(run_outbox(self.store, self.port))
            clock.set_offset(clock.offset() + timedelta(hours=1))
            forget_leases()
            self._come_round()
        assert books.faults() == []
        open_ones = Payment.state.in_(("created", "open"))
        assert Payment.select().where(open_ones).count() == 0
        paid_out = sum(w.net_fen for w in Withdrawal.select().where(Withdrawal.state == "paid"))
        done = [b for b in self.bank.bills.values() if b.state is TransferState.SUCCESS]
        assert paid_out == sum(b.amount_fen or 0 for b in done)
        held = -ledger.balance(merchant_account("wechat_clearing", MCHID))
        assert held == self.pay.paid_fen() - self.pay.refunded_fen() - paid_out

    def _sign(self, levels: int) -> None:
        text = "已阅读关于分销层级的法律规定与处罚案例，自愿承担相应责任。"
        distribution.sign_levels(levels, "林东家", text, "staff:1")
        self.facts.rates.levels = levels

    def _save_rule(self, rates: Rates) -> None:
        for each in distribution.list_commission_rules():
            distribution.retire_rule(each.id, "staff:1")
        distribution.save_rule(
            "all", 0, None, rates.mode, rates.pool_bp, rates.shares, "staff:1", None
        )
        self.facts.rates = rates

    def _chain(self, member: int) -> list[int]:
        chain: list[int] = []
        while len(chain) < 3 and (member := self.facts.upline.get(member, 0)):
            chain.append(member)
        return chain

    def _who_has(self, kind: str, who: int) -> tuple[int, int]:
        """A distributor and their balance; one whose balance is not 0, if there is one."""
        has = {m: ledger.balance(member_account(kind, m)) for m in self.facts.sellers}
        some = [m for m in self.facts.sellers if has[m]] or self.facts.sellers
        member = some[who % len(some)]
        return member, has[member]

    def _one(self, where: Any, which: int, table: Any = Order) -> Any:
        rows = list(table.select().where(where).order_by(table.id))
        return rows[which % len(rows)] if rows else None

    def _verb(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
        """Run a verb; a refusal rolls it back and returns None."""
        return self._flow(
            self.store.write(verb, *args, **kwargs), getattr(verb, "func", verb).__name__
        )

    def _is_refused(self, verb: Callable[..., Any], *args: Any) -> bool:
        """True if the verb is refused."""
        try:
            self.runner.run(self.store.write(verb, *args))
        except DomainError:
            return True
        return False

    def _flow(self, flow: Coroutine[Any, Any, T], name: str = "") -> T | None:
        """Run a flow and count it as done or refused; a refusal returns None."""
        name = name or flow.__name__
        try:
            result = self.runner.run(flow)
        except (DomainError, GatewayError) as error:
            self.refused[name, error.code] += 1
            return None
        self.done[name] += 1
        return result


@pytest.fixture
def mall(db: Any) -> Any:
    """The state machine on this worker's database, with the whole shop wired."""
    subscribe_all()
    Mall.db, Mall.done, Mall.refused = db, Counter(), Counter()
    return Mall


VERBS = {
    "bind", "place_order", "prepay", "receive_notice", "cancel_paid_order", "cancel_order",
    "ship_parcel", "confirm_receipt", "request_case", "merchant_refund", "approve_case",
    "reject_case", "withdraw_case", "apply_timeouts", "send_back", "receive_returned_goods",
    "release_due", "request_withdrawal", "approve_withdrawal", "reject_withdrawal",
    "cancel_withdrawal", "send_waiting", "write_off_debt", "run_outbox",
}  # fmt: skip


def test_each_verb_of_the_state_machine_succeeds_at_least_once(mall: Any) -> None:
    """Refusals are allowed in random runs, so a verb that always fails would go unnoticed."""
    m = mall()
    try:
        _walk_through_everything(m)
        assert sorted(VERBS - set(m.done)) == [], m.refused
        assert Withdrawal.select().where(Withdrawal.state == "paid").count() == 1
    finally:
        m.teardown()


def _walk_through_everything(m: Any) -> None:
    m.open_shop()
    m.buy(0, 0, 1, second=False)
    m.cancel(-1)
    m.buy(0, 2, 1, second=False)
    m.pay_order(-1, "twice")
    m.cancel(-1)
    m.work()
    for answer in ("no", "withdrawn", "yes"):
        m.buy(1, 2, 2, second=False)
        m.pay_order(-1, "at_once")
        m.ship(-1, part=False)
        m.ask_back(-1, 1, "return")
        m.answer_case(-1, answer)
    m.send_goods_back(-1, restock=True)
    m.send_goods_back(-1, restock=True)
    m.a_silent_shop()
    assert AfterSale.select().where(AfterSale.state == "unconfirmed").exists()
    m.a_sale_to_its_end(0, 0, 0)  # enough commission for a payout that is reviewed
    assert Order.select().where(Order.state.in_(("received", "completed"))).exists()
    for answer in ("no", "taken_back"):
        m.withdraw(0, 100, everything=True)
        m.decide_withdrawal(-1, answer)
    m.a_payout_to_its_end(0, TransferState.SUCCESS)
    m.a_refund_to_its_end(-1, 100)
    m.write_off(0)
    assert books.faults() == []


def test_all_figures_agree_after_random_steps(mall: Any) -> None:
    run_state_machine_as_test(
        mall,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # no Phase.shrink: it would take minutes to shorten a failing run
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )
    # each run binds in open_shop; more than half of all calls must succeed
    assert mall.done["bind"] >= 2 * EXAMPLES
    assert mall.done.total() > mall.refused.total() > 0, (mall.done, mall.refused)
