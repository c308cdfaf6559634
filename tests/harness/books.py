"""Checks that all books agree, for tests of races, faults and random orders of events.

``faults`` calculates every stored figure again from the rows that it summarises, independently of
the verbs that wrote it, and names each difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from domain import catalog, ledger
from domain.aftersales.rules import CASE_STATES
from domain.aftersales.rules import OPEN as OPEN_CASES
from domain.ledger import member_account, merchant_account
from domain.orders.rules import ORDER_STATES
from domain.overview import checkup
from models import (
    AfterSale,
    AfterSaleLine,
    AfterSaleLog,
    Commission,
    Distributor,
    LedgerTransfer,
    Order,
    OrderLine,
    OrderLog,
    OrderTake,
    Payment,
    PayoutBill,
    PayoutLog,
    Refund,
    Sku,
    StockMove,
    Withdrawal,
)

UNPAID = ("awaiting_payment", "closing")
ORDER_KINDS = ("order", "test_deposit", "test_balance")
BY_ITSELF = ("late", "duplicate", "wrong_amount")
DONE_REFUND = ("succeeded", "settled_by_hand")
_BILL_STEPS = {
    (None, "made"), ("made", "made"), ("made", "rejected"), ("made", "paying"),
    ("paying", "paying"), ("paying", "awaiting_user"),
    ("awaiting_user", "awaiting_user"), ("awaiting_user", "cancelling"),
    ("cancelling", "cancelling"),
    *((a, b) for a in ("paying", "awaiting_user", "cancelling")
      for b in ("paid", "failed", "expired", "cancelled")),
    *((a, "returned") for a in ("rejected", "failed", "expired", "cancelled")),
}  # fmt: skip


def faults() -> list[str]:
    """All differences between stored figures and the rows they follow from.

    A query for ``store.read``; run it while no other work is under way.
    """
    found = [str(fault) for fault in ledger.check_fully().faults]
    found += [f"sku {sku_id}: stock, held and sold don't add up" for sku_id in _gaps()]
    found += [f"{e.code} {e.no}: {e.has}, {e.says}" for e in _findings()]
    for check in (
        _stock,
        _payments,
        _orders,
        _lines,
        _wallets,
        _commissions,
        _clearing,
        _logs,
        _requests_follow_their_bills,
    ):
        found += check()
    return found


def _findings() -> list[Any]:
    """The differences that the shop's own checks find."""
    ids = [row.id for row in Order.select(Order.id)]
    return [*checkup.order_findings(ids), *checkup.stock_findings()]


def _gaps() -> list[int]:
    return catalog.skus_out_of_balance()


def _stock() -> Iterator[str]:
    """Held pieces equal those of unpaid orders; sold ones those of paid orders less returns."""
    held: dict[int, int] = defaultdict(int)
    sold: dict[int, int] = defaultdict(int)
    states = {row.id: (row.state, row.paid_at) for row in Order.select()}
    for line in OrderLine.select():
        state, paid_at = states[line.order_id]
        if state in UNPAID:
            held[line.sku_id] += line.quantity
        if paid_at is not None:
            sold[line.sku_id] += line.quantity
    for move in StockMove.select().where(StockMove.reason.in_(("return", "replace"))):
        sold[move.sku_id] += move.quantity if move.reason == "replace" else -move.quantity
    yield from _takes()
    for sku in Sku.select():
        if (sku.held, sku.sold) != (held[sku.id], sold[sku.id]):
            yield (
                f"sku {sku.id}: held {sku.held}, sold {sku.sold}; "
                f"its orders say {held[sku.id]} and {sold[sku.id]}"
            )


def _takes() -> Iterator[str]:
    """The returned pieces of each line equal those that its stock reservation has moved."""
    moved = {row.line: row for row in OrderTake.select().where(OrderTake.kind == "stock")}
    for line in OrderLine.select():
        row = moved.get(line.id)
        has = (0, 0) if row is None else (row.given_back, row.amount - line.quantity)
        if has != (line.restocked, line.replaced):
            yield f"line {line.id}: {line.restocked} back, {line.replaced} replaced; took {has}"


def _payments() -> Iterator[str]:
    """A payment is either credited or refunded in full; refunds never exceed it."""
    paid: dict[tuple[str, int], int] = defaultdict(int)
    refunding: dict[int, int] = defaultdict(int)
    whole: dict[int, int] = defaultdict(int)
    for refund in Refund.select():
        refunding[refund.payment_id] += refund.amount_fen
        if refund.cause in BY_ITSELF:
            whole[refund.payment_id] += refund.amount_fen
    for row in Payment.select():
        if row.refunding_fen != refunding[row.id] or row.refunding_fen > row.received_fen:
            yield f"payment {row.id}: refunding {row.refunding_fen} of {row.received_fen}"
        if row.state != "paid":
            if row.received_fen:
                yield f"payment {row.id} is {row.state} and has {row.received_fen}"
        elif not ledger.is_booked(f"pay:{row.out_trade_no}"):
            yield f"payment {row.id} is paid and not in the book"
        elif whole[row.id] not in (0, row.received_fen):
            yield f"payment {row.id}: taken, and {whole[row.id]} went back by itself"
        elif not whole[row.id]:
            paid[row.payable_kind, row.payable_id] += row.received_fen
    for order in Order.select():
        arrived = sum(paid[kind, order.id] for kind in ORDER_KINDS)
        if order.paid_fen != arrived:
            yield f"order {order.id}: paid {order.paid_fen}, its payments say {arrived}"


def _orders() -> Iterator[str]:
    """An order is paid with its full price or not at all; its refunds are those of its cases."""
    back: dict[int, int] = defaultdict(int)
    of_orders = Payment.select().where(Payment.payable_kind.in_(ORDER_KINDS))
    pays = {row.id: row.payable_id for row in of_orders}
    for refund in Refund.select().where(Refund.cause == "case"):
        if refund.state in DONE_REFUND:
            back[pays[refund.payment_id]] += refund.amount_fen
    cases: dict[int, int] = defaultdict(int)
    for case in AfterSale.select():
        cases[case.order_id] += case.state in OPEN_CASES
    for row in Order.select():
        due = 0 if row.state in (*UNPAID, "cancelled") else row.payable_fen
        if row.paid_fen != due:
            yield f"order {row.id} is {row.state} and paid {row.paid_fen} of {row.payable_fen}"
        if row.refunded_fen != back[row.id]:
            yield f"order {row.id}: refunded {row.refunded_fen}, its refunds say {back[row.id]}"
        if row.open_cases != cases[row.id]:
            yield f"order {row.id}: {row.open_cases} open cases, there are {cases[row.id]}"


def _lines() -> Iterator[str]:
    """A line's refunds equal the sums of its cases; the parts of an order add up to its price."""
    cases = {row.id: row.state for row in AfterSale.select()}
    claimed: dict[int, int] = defaultdict(int)
    refunded: dict[int, int] = defaultdict(int)
    for part in AfterSaleLine.select():
        state = cases[part.case_id]
        is_back = state in ("refunded", "settled_by_hand")
        claimed[part.line_id] += part.claim_fen if is_back or state in OPEN_CASES else 0
        refunded[part.line_id] += part.goods_fen if is_back else 0
    paid: dict[int, int] = defaultdict(int)
    for line in OrderLine.select():
        paid[line.order_id] += line.paid_fen
        if (line.claimed_fen, line.refunded_fen) != (claimed[line.id], refunded[line.id]):
            yield (
                f"line {line.id}: claimed {line.claimed_fen}, refunded {line.refunded_fen}; "
                f"its cases say {claimed[line.id]} and {refunded[line.id]}"
            )
    for order in Order.select():
        if paid[order.id] + order.freight_fen != order.payable_fen:
            yield f"order {order.id}: its lines and freight are not what it costs"


def _wallets() -> Iterator[str]:
    """A distributor's accounts follow from commission, withdrawals and write-offs."""
    for row in Distributor.select():
        yield from _wallet(row.member_id)


def _wallet(member_id: int) -> Iterator[str]:
    has = {
        kind: ledger.balance(member_account(kind, member_id))
        for kind in ("commission_pending", "available", "withdrawing", "debt")
    }
    earned = list(Commission.select().where(Commission.member == member_id))
    left = {
        state: sum(c.amount_fen - c.taken_fen for c in earned if c.state == state)
        for state in ("pending", "released")
    }
    asked = [
        w
        for w in Withdrawal.select().where(Withdrawal.member == member_id)
        if w.state != "returned"
    ]
    out = sum(w.gross_fen - w.taken_fen for w in asked)
    under_way = sum(w.gross_fen - w.taken_fen for w in asked if w.state != "paid")
    free = left["released"] - out + _written_off(member_id)
    if has["commission_pending"] != left["pending"]:
        yield f"member {member_id}: pending {has}, commissions say {left}"
    if has["withdrawing"] != under_way:
        yield f"member {member_id}: withdrawing {has}, withdrawals say {under_way}"
    if has["available"] + has["debt"] != free:
        yield f"member {member_id}: {has}, earned and withdrawn leave {free}"


def _written_off(member_id: int) -> int:
    mine = LedgerTransfer.idem_key.startswith(f"writeoff:{member_id}:")
    return sum(row.amount_fen for row in LedgerTransfer.select().where(mine))


def _commissions() -> Iterator[str]:
    """A line's commission is at most what was paid for it; an unpaid order earns none."""
    lines = {row.id: row for row in OrderLine.select()}
    states = {row.id: row.state for row in Order.select()}
    sums: dict[int, int] = defaultdict(int)
    for row in Commission.select():
        sums[row.line_id] += row.amount_fen
        unpaid = states[row.order_id] in (*UNPAID, "cancelled")
        if row.state == "planned" and not unpaid:
            yield f"commission {row.id} is planned, its order is {states[row.order_id]}"
        if row.state in ("pending", "released") and unpaid:
            yield f"commission {row.id} is {row.state}, its order is {states[row.order_id]}"
    for line_id, total in sums.items():
        if total > lines[line_id].paid_fen:
            yield f"line {line_id}: commission {total} of {lines[line_id].paid_fen} paid"


def _requests_follow_their_bills() -> Iterator[str]:
    """A withdrawal shows its bill's state; one without a bill waits or was refused."""
    bills = {row.source_id: row for row in PayoutBill.select()}
    for row in Withdrawal.select():
        bill = bills.get(row.id)
        state = "requested" if bill is None else {"made": "approved"}.get(bill.state, bill.state)
        if row.state != state and not (bill is None and row.state == "returned"):
            yield f"withdrawal {row.id} is {row.state}, its bill says {state}"


def _clearing() -> Iterator[str]:
    """WeChat's balance follows from payments, refunds and transfers (algorithms/ledger.md)."""
    expected: dict[str, int] = defaultdict(int)
    mchid = {}
    for row in Payment.select().where(Payment.state == "paid"):
        expected[row.mchid] += row.received_fen
        mchid[row.id] = row.mchid
    for row in Refund.select().where(Refund.state == "succeeded"):
        expected[mchid[row.payment_id]] -= row.amount_fen
    for row in Withdrawal.select().where(Withdrawal.state == "paid"):
        if row.channel == "wechat":
            bill = PayoutBill.get(PayoutBill.out_bill_no == row.out_bill_no)
            expected[bill.mchid] -= bill.net_fen
    for code in expected:
        expected[code] -= _fees(code)
    for code, fen in expected.items():
        has = -ledger.balance(merchant_account("wechat_clearing", code))
        if has != fen:
            yield f"wechat_clearing {code}: {has}, payments, refunds and transfers say {fen}"


def _fees(code: str) -> int:
    """The fees in WeChat's bills, less those that it returned."""
    account = ledger.find_account(merchant_account("wechat_clearing", code))
    fees = LedgerTransfer.select().where(LedgerTransfer.idem_key.startswith("fee:"))
    if account is None:
        return 0
    taken = sum(row.amount_fen for row in fees if row.to_account_id == account.id)
    return taken - sum(row.amount_fen for row in fees if row.from_account_id == account.id)


def _logs() -> Iterator[str]:
    """Every log is a path through its table of states, without a skipped state."""
    order_steps = {(before, after) for (before, _), after in ORDER_STATES.items()}
    order_steps |= {(None, "awaiting_payment"), ("shipped", "shipped")}  # an extension
    case_steps = {(before, after) for (before, _), after in CASE_STATES.items()}
    case_steps |= {(None, "requested")}
    ends: Any = ((OrderLog, "order_id", order_steps, Order),
                 (AfterSaleLog, "case_id", case_steps, AfterSale),
                 (PayoutLog, "bill_id", _BILL_STEPS, PayoutBill))  # fmt: skip
    for log, owner, steps, table in ends:
        at: dict[int, Any] = {}
        for row in log.select().order_by(log.id):
            key = getattr(row, owner)
            if row.from_state != at.get(key) or (row.from_state, row.to_state) not in steps:
                yield f"{owner} {key}: {at.get(key)}, then {row.from_state} → {row.to_state}"
            at[key] = row.to_state
        for row in table.select():
            if at.get(row.id, row.state) != row.state:
                yield f"{owner} {row.id} is {row.state}, its log ends at {at[row.id]}"


def against_wechat(book: dict[str, Any]) -> list[str]:
    """All differences between our rows and the simulator's book (``/_sim/book``).

    Run it while no work is under way: an unfinished payment would count as a difference.
    """
    return [*_their_payments(book), *_their_refunds(book), *_their_transfers(book)]


def _their_payments(book: dict[str, Any]) -> Iterator[str]:
    """WeChat's payments and ours are the same, with the same amounts."""
    ours = {row.out_trade_no: row for row in Payment.select()}
    theirs = {each["out_trade_no"]: each for each in book["orders"]}
    for number in sorted(ours.keys() | theirs.keys()):
        here = ours[number].received_fen if number in ours else None
        there = theirs.get(number)
        is_paid = there is not None and there["state"] in ("SUCCESS", "REFUND")
        arrived = there["total_fen"] if there is not None and is_paid else 0
        if here != arrived:
            yield f"payment {number}: {here} here, {arrived} at WeChat"


def _their_refunds(book: dict[str, Any]) -> Iterator[str]:
    """Every refund at WeChat exists here, once per number."""
    ours = {row.out_refund_no: row for row in Refund.select()}
    theirs = {each["out_refund_no"]: each for each in book["refunds"]}
    for number in sorted(ours.keys() | theirs.keys()):
        row, there = ours.get(number), theirs.get(number)
        back = row.amount_fen if row is not None and row.state == "succeeded" else 0
        gone = there["amount_fen"] if there is not None and there["state"] == "SUCCESS" else 0
        if row is None or back != gone:
            yield f"refund {number}: {back} here, {gone} at WeChat"


def _their_transfers(book: dict[str, Any]) -> Iterator[str]:
    """Every transfer at WeChat exists here, once per withdrawal."""
    ours = {row.out_bill_no: row for row in Withdrawal.select()}
    theirs = {each["out_bill_no"]: each for each in book["transfers"]}
    for number in sorted(ours.keys() | theirs.keys()):
        row, there = ours.get(number), theirs.get(number)
        paid = row.net_fen if row is not None and row.state == "paid" else 0
        out = there["amount_fen"] if there is not None and there["state"] == "SUCCESS" else 0
        if row is None or paid != out:
            yield f"transfer {number}: {paid} here, {out} at WeChat"
