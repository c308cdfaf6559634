"""After a restore: ask WeChat about what the database lost, and book it (补账). See ADR 0041.

Three sources, in this order: our rows without a known result, payouts that the installation
before may have sent, and lines of bills without an entry of ours. What no rule can book is listed
for a person. It may be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from domain import after_restore_hold, payments, payouts
from domain.payments.ports import PayPort, RefundState, TransferState
from domain.payouts import PayoutTerms
from domain.reconcile import pairing, returns
from domain.reconcile.days import last_billed_day
from domain.reconcile.flows import book_bill, days_since, fetch_bill
from domain.reconcile.queries import DifferenceView, lines_since
from domain.reconcile.rules import KINDS
from kernel import clock
from kernel.errors import DomainError, GatewayError
from kernel.store import Store

log = logging.getLogger(__name__)
SETTLED = frozenset({
    "booked", "already", "wrong_amount", "processing", "paid", "awaiting_user", "returned", "same",
    "resend", "cancelling", "unpaid", "closed",
})  # fmt: skip


@dataclass
class Recovery:
    """What a run did, and what it leaves to a person."""

    first: date
    last: date
    days: dict[date, dict[str, int]] = field(default_factory=dict)
    asked: int = 0
    booked: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)


async def recover(store: Store, pay: PayPort, since: date, terms: PayoutTerms) -> Recovery:
    """Book or list every payment, refund and transfer since a day, and report it to the hold."""
    done = Recovery(since, last_billed_day())
    await _query_open_numbers(store, pay, done)
    await _query_unsent_numbers(store, pay, terms, done)
    unfinished = await _read_bills(store, pay, done)
    if not done.days:
        return done
    known: set[str] = set()
    for kind in ("payment", "refund", "transfer"):
        for line in await store.read(lines_since, done.first, kind):
            known.add(line.out_number)
            await _adopt_line(store, pay, terms, line, done)
    for number in unfinished:
        if number in known:  # queried as a line already
            continue
        await _answer(done, number, partial(_adopt_refund, store, pay, number, done))
    await store.write(pairing.pair_waiting_lines, pay.mchid)
    left = await store.read(lines_since, done.first)
    done.listed += [f"{x.day} {x.kind} {x.out_number} {x.state}" for x in left]
    await store.write(
        after_restore_hold.record_reading, done.first, done.last, len(done.unanswered), done.listed
    )
    return done


async def _read_bills(store: Store, pay: PayPort, done: Recovery) -> list[str]:
    """Pair each day's bills with the ledger; returns the numbers of refunds still under way."""
    unfinished: list[str] = []
    for day in days_since(done.first):
        for name in KINDS:
            bill = await fetch_bill(store, pay, day, name)
            unfinished += bill.unfinished
            await book_bill(store, day, pay.mchid, bill)
        done.days[day] = await store.read(pairing.day_counts, day, pay.mchid)
    if done.days:
        done.first, done.last = min(done.days), max(done.days)
    return unfinished


async def _query_open_numbers(store: Store, pay: PayPort, done: Recovery) -> None:
    """Query payments, refunds and transfers of ours without a known result."""
    unclear = partial(payments.payments_without_result, clock.now())
    for number in await _all(store, unclear):
        await _answer(done, number, partial(payments.confirm_payment, store, pay, number))
    for number in await _all(store, payments.refunds_without_result):
        await _answer(done, number, partial(_ask_refund, store, pay, number))
    for number in await _all(store, payouts.sent_numbers):
        await _answer(done, number, partial(_ask_transfer, store, pay, number))


async def _query_unsent_numbers(
    store: Store, pay: PayPort, terms: PayoutTerms, done: Recovery
) -> None:
    """Query what waits here to be paid out; the installation before may have sent it."""
    for source in payouts.all_sources():
        for number in await _all(store, source.unsent):
            await _answer(done, number, partial(_adopt_transfer, store, pay, terms, number))


async def _adopt_line(
    store: Store, pay: PayPort, terms: PayoutTerms, line: DifferenceView, done: Recovery
) -> None:
    if line.state != "theirs_only":
        return
    number = line.out_number
    by_kind: dict[str, Callable[[], Awaitable[str]]] = {
        "payment": partial(_adopt_payment, store, pay, number),
        "refund": partial(_adopt_refund, store, pay, number, done),
        "transfer": partial(_adopt_transfer, store, pay, terms, number),
    }
    await _answer(done, number, by_kind[line.kind])


async def _ask_refund(store: Store, pay: PayPort, number: str) -> str:
    """Query a refund; a number that WeChat does not know is not sent during the hold."""
    result = await pay.query_refund(number)
    return await store.write(payments.settle_refund, result)


async def _ask_transfer(store: Store, pay: PayPort, number: str) -> str:
    result = await pay.query_transfer(number)
    return await store.write(payouts.receive_transfer, result)


async def _adopt_transfer(store: Store, pay: PayPort, terms: PayoutTerms, number: str) -> str:
    result = await pay.query_transfer(number)
    if result.state is TransferState.ABSENT:
        return "absent"
    return await store.write(payouts.adopt_transfer, result, terms, pay.appid)


async def _adopt_payment(store: Store, pay: PayPort, number: str) -> str:
    result = await pay.query_payment(number)
    return await store.write(returns.adopt_payment, result, pay.mchid, pay.appid)


async def _adopt_refund(store: Store, pay: PayPort, number: str, done: Recovery) -> str:
    """Book a refund as one that we were about to send, for a case that fits, or as money only."""
    result = await pay.query_refund(number)
    if await store.read(payments.is_refund_known, number):
        return await store.write(payments.settle_refund, result)
    payment = await store.read(payments.payment_by_number, result.out_trade_no)
    if payment is None:
        return "no_payment"
    for refund_id, ours in await store.read(
        payments.unsent_refunds_of_amount, payment[0], result.refund_fen
    ):
        if (await pay.query_refund(ours)).state is RefundState.ABSENT:
            return await store.write(payments.adopt_refund_number, refund_id, result)
    outcome = await store.write(returns.adopt_refund, payment[0], payment[1], result)
    if outcome == payments.FOUND:
        done.listed.append(f"refund {number} fits no case; look at its order")
        return "booked"
    return outcome


async def _answer(done: Recovery, number: str, ask: Callable[[], Awaitable[str]]) -> None:
    """Ask one question and record its outcome."""
    done.asked += 1
    try:
        outcome = await ask()
    except GatewayError as error:
        log.warning("%s: no answer: %s", number, error)
        done.unanswered.append(number)
        return
    except DomainError as error:
        outcome = error.code
    if outcome in ("booked", "paid", "wrong_amount", "awaiting_user", "returned"):
        done.booked.append(f"{number} {outcome}")
    elif outcome not in SETTLED and outcome != "absent":
        done.listed.append(f"{number} {outcome}")


async def _all(store: Store, page: Callable[..., list[tuple[int, str]]]) -> list[str]:
    """The numbers of all rows, read in pages by id."""
    numbers: list[str] = []
    after = 0
    while rows := await store.read(page, after):
        numbers += [number for _, number in rows]
        after = rows[-1][0]
    return numbers
