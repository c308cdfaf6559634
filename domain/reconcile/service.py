"""A person's decisions: read a day now, take a difference, note and end it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain import audit, gate, outbox, payouts
from domain.reconcile import days
from domain.reconcile.rules import ENDS, OPEN
from kernel import clock, context, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import lock_row
from models import BillAside, BillDay, BillLine

DAYS_AFTER = timedelta(days=2)
DAYS_AT_ONCE = 31
"""Days that one run reads; the next run goes on."""


def read_day_again(day: date, mchid: str) -> bool:
    """Have a day's bills read now, also if they were read before (再读一次).

    False if somebody waits for it already. Raises Conflict('bill_not_due', 'bill_kept_no_more').
    """
    if day > days.last_billed_day():
        raise Conflict("bill_not_due", day=day.isoformat())
    if day < days.oldest_kept_day():
        raise Conflict("bill_kept_no_more", day=day.isoformat(), days=days.LONGEST_DAYS)
    if not days.ask(mchid, [day]):
        return False
    outbox.enqueue("reconcile.read", {"day": day.isoformat()})
    audit.record("bill_day.read", "bill_day", day.isoformat())
    return True


def read_unread_days(mchid: str) -> int:
    """Have the unread days read now instead of in the next round (立即对账); returns how many."""
    unread = days.unread_days(mchid)[:DAYS_AT_ONCE]
    if days.ask(mchid, unread):
        outbox.enqueue("reconcile.read", {"day": ""})
        first, last = unread[0].isoformat(), unread[-1].isoformat()
        audit.record("bill_day.read_all", "bill_day", f"{first}/{last}")
    return len(unread)


def give_up_transfer(bill_id: int, actor: str) -> bool:
    """Confirm that an uncertain transfer never arrived; True after the second person.

    WeChat's fund bills from the day of sending to two days after the last call must be read and
    lack it. Raises Conflict('bills_unread', 'bill_has_it', 'not_uncertain', 'same_person').
    """
    bill = payouts.bill_detail(bill_id)
    called = gate.last_call_at("payout", bill_id)
    if bill.uncertain_at is None or bill.sent_at is None or called is None:
        raise Conflict("not_uncertain")
    first = clock.business_day(bill.sent_at)
    last = clock.business_day(max(bill.sent_at, called + clock.offset())) + DAYS_AFTER
    names = [day.isoformat() for day in days.days_between(first, last)]
    mine = (BillDay.mchid == bill.mchid) & BillDay.day.in_(names)
    read = (BillDay.bill == "fund") & (BillDay.state == "read")
    if BillDay.select().where(mine & read).count() < len(names):
        raise Conflict("bills_unread", first=names[0], last=names[-1])
    is_there = (BillLine.kind == "transfer") & (BillLine.out_number == bill.out_bill_no)
    unread = BillAside.content.contains(bill.out_bill_no)
    if (
        BillLine.select().where(is_there & BillLine.amount_fen.is_null(False)).exists()
        or BillAside.select().where(unread & BillAside.bill_day.in_(names)).exists()
    ):
        raise Conflict("bill_has_it")
    return payouts.confirm_not_arrived(bill_id, actor, f"{names[0]} – {names[-1]}")


def take_difference(line_id: int) -> None:
    """Look after a difference from now on, also instead of a colleague (接手).

    Raises NotFound('bill_line_missing'), Conflict('state_moved', 'difference_is_yours').
    """
    row = _open(line_id)
    who = context.actor.get()
    if row.owner == who:
        raise Conflict("difference_is_yours")
    BillLine.update(owner=who).where(BillLine.id == line_id).execute()
    audit.record(
        "bill_line.take", "bill_line", line_id, before={"owner": row.owner}, after={"owner": who}
    )


def note_difference(line_id: int, text: str) -> None:
    """Say what is known so far; the difference stays open.

    Raises Invalid, NotFound('bill_line_missing'), Conflict('state_moved').
    """
    row = _open(line_id)
    note = typed.words(text, 200, "note")
    BillLine.update(note=note).where(BillLine.id == line_id).execute()
    audit.record(
        "bill_line.note", "bill_line", line_id, before={"note": row.note}, after={"note": note}
    )


def close_difference(line_id: int, how: str, ground: str) -> None:
    """End an open difference: our book was put right (booked), or a ground explains it.

    Raises Invalid('reason_missing', 'choice_unknown'), NotFound('bill_line_missing'),
    Conflict('state_moved').
    """
    if how not in ENDS:
        raise Invalid("choice_unknown", "how")
    if not ground.strip():
        raise Invalid("reason_missing", "reason")
    row, why = _open(line_id), typed.words(ground, 200, "reason")
    end: dict[str, Any] = {"ended_at": clock.now(), "ended_how": how, "closed_reason": why}
    BillLine.update(state="closed", closed_by=context.actor.get(), **end).where(
        BillLine.id == line_id
    ).execute()
    days.add_up(row.mchid, date.fromisoformat(row.bill_day))
    audit.record(
        "bill_line.close", "bill_line", line_id,
        before={"state": row.state}, after={"how": how, "why": why},
    )  # fmt: skip


def _open(line_id: int) -> Any:
    """The line, locked. Raises NotFound('bill_line_missing'), Conflict('state_moved')."""
    row = lock_row(BillLine, line_id)
    if row is None:
        raise NotFound("bill_line_missing")
    if row.state not in OPEN:
        raise Conflict("state_moved", state=row.state)
    return row
