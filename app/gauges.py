"""Prometheus gauges of the shop's state, renewed by every worker.

A periodic job would run in one process only, and the gauges of the others would be outdated.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from prometheus_client import Gauge

from app.runtime import Runtime
from domain import after_restore_hold, outbox, payments, payouts, reconcile

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
COUNTED_MOST = 50

HELD = Gauge("fenmall_held", "1 while the hold after a restore lasts.")
STOPPED = Gauge("fenmall_payouts_stopped", "1 while all payouts are stopped.")
BOOK_FAULTS = Gauge("fenmall_book_faults", "Differences that the last check of the book found.")
BILL_LINES = Gauge("fenmall_bill_lines_open", "Bill lines without a match, counted up to 50.")
ABNORMAL = Gauge("fenmall_refunds_abnormal", "Refunds that a person must see to, up to 50.")


@dataclass(frozen=True)
class Figures:
    """The values of the gauges."""

    is_held: bool
    is_stopped: bool
    book_faults: int
    bill_lines: int
    abnormal: int


def figures() -> Figures:
    """Read the values on which alerts are based."""
    return Figures(
        is_held=after_restore_hold.is_held(),
        is_stopped=payouts.payout_stop().is_stopped,
        book_faults=len(payouts.ledger_check().all_faults),
        bill_lines=len(reconcile.list_differences(limit=COUNTED_MOST)),
        abnormal=len(payments.list_refunds(state="abnormal", limit=COUNTED_MOST)),
    )


async def renew(runtime: Runtime) -> Figures:
    """Set every gauge of this process."""
    await outbox.record_depth(runtime.store)
    found = await runtime.store.read(figures)
    HELD.set(found.is_held)
    STOPPED.set(found.is_stopped)
    BOOK_FAULTS.set(found.book_faults)
    BILL_LINES.set(found.bill_lines)
    ABNORMAL.set(found.abnormal)
    return found


async def keep_renewing(runtime: Runtime) -> None:
    """Renew the gauges until cancelled; failures are logged and repeated."""
    while True:
        try:
            await renew(runtime)
        except Exception:
            log.exception("the gauges could not be renewed")
        await asyncio.sleep(EVERY_SECONDS)
