"""Pairs a day's bills with the ledger, books fees, and keeps differences until they are closed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from domain import audit, gate, ledger, outbox, payouts
from domain.ledger import Posting, merchant_account
from domain.reconcile import asides
from domain.reconcile.rules import IN_FLIGHT, OPEN, Bill, Fee, Side, Snapshot, paired
from kernel import clock, context, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once
from models import BillAside, BillLine, BillReading, LedgerTransfer, Refund

REFUNDING = ("created", "processing", "abnormal", "settled_by_hand")
DAYS_AFTER = timedelta(days=2)
PREFIXES = {"payment": "pay:", "refund": "refund:"}


def book_day(day: date, mchid: str, bill: Bill) -> dict[str, int]:
    """Pair one day; a repetition changes only open lines. Returns the number of lines by state."""
    ours = {(s.kind, s.out_number): s.amount_fen for s in _entries_of(day, mchid)}
    theirs = {(s.kind, s.out_number): s.amount_fen for s in bill.lines}
    for key in sorted(ours.keys() | theirs.keys()):
        side_fen = ours[key] if key in ours else entry_fen(*key)
        _store_pair(day, mchid, key, theirs.get(key), side_fen)
    for fee in bill.fees:
        _book_fee(mchid, fee)
    for snapshot in bill.snapshots:
        _store_snapshot(day, mchid, snapshot)
    pair_waiting_lines(mchid)
    asides.store_unreadable_lines(day, mchid, bill.aside)
    asides.record_readable_day(day, mchid)
    _record_reading(day, mchid)
    rows = BillLine.select(BillLine.state).where(
        (BillLine.bill_day == day.isoformat()) & (BillLine.mchid == mchid)
    )
    return dict(Counter(row.state for row in rows))


def _record_reading(day: date, mchid: str) -> None:
    same = (BillReading.mchid == mchid) & (BillReading.day == day.isoformat())
    if not insert_once(BillReading, mchid=mchid, day=day.isoformat(), read_at=clock.now()):
        BillReading.update(read_at=clock.now()).where(same).execute()


def reconcile_soon() -> None:
    """Let the job read unread bills now instead of at half past ten (立即对账)."""
    outbox.run_soon("reconcile")


def give_up_transfer(bill_id: int, actor: str) -> bool:
    """Confirm that an uncertain transfer never arrived; True after the second person.

    WeChat's bills from the day of sending to two days after the last call must be read and lack
    it. Raises Conflict('bills_unread', 'bill_has_it', 'not_uncertain', 'same_person').
    """
    bill = payouts.bill_detail(bill_id)
    called = gate.last_call_at("payout", bill_id)
    if bill.uncertain_at is None or bill.sent_at is None or called is None:
        raise Conflict("not_uncertain")
    first = clock.business_day(bill.sent_at)
    last = clock.business_day(max(bill.sent_at, called + clock.offset())) + DAYS_AFTER
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    names = [day.isoformat() for day in days]
    mine = (BillReading.mchid == bill.mchid) & BillReading.day.in_(names)
    if BillReading.select().where(mine).count() < len(names):
        raise Conflict("bills_unread", first=names[0], last=names[-1])
    is_there = (BillLine.kind == "transfer") & (BillLine.out_number == bill.out_bill_no)
    unread = BillAside.content.contains(bill.out_bill_no)
    if (
        BillLine.select().where(is_there & BillLine.amount_fen.is_null(False)).exists()
        or BillAside.select().where(unread & BillAside.bill_day.in_(names)).exists()
    ):
        raise Conflict("bill_has_it")
    return payouts.confirm_not_arrived(bill_id, actor, f"{names[0]} – {names[-1]}")


def close_line(line_id: int, reason: str) -> None:
    """Close an open difference with a reason (差异关闭). Raises Invalid, NotFound, Conflict."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    row = BillLine.get_or_none(BillLine.id == line_id)
    if row is None:
        raise NotFound("bill_line_missing")
    done = (
        BillLine.update(
            state="closed",
            closed_by=context.actor.get(),
            closed_reason=typed.words(reason, 200, "reason"),
        )
        .where((BillLine.id == line_id) & BillLine.state.in_(OPEN))
        .execute()
    )
    if done != 1:
        raise Conflict("state_moved", state=row.state)
    audit.record(
        "bill_line.close", "bill_line", line_id, before={"state": row.state}, after={"why": reason}
    )


def entry_fen(kind: str, out_number: str) -> int | None:
    """The fen that our ledger has for a number, on any day; None if it has nothing."""
    if kind == "transfer":
        return payouts.paid_by_number(out_number)
    row = LedgerTransfer.get_or_none(LedgerTransfer.idem_key == PREFIXES[kind] + out_number)
    return None if row is None else int(row.amount_fen)


def _entries_of(day: date, mchid: str) -> list[Side]:
    """Our entries of the day on this merchant number's clearing account."""
    account = ledger.find_account(merchant_account("wechat_clearing", mchid))
    if account is None:
        return []
    start, end = clock.day_start(day), clock.day_start(day + timedelta(days=1))
    in_day = (LedgerTransfer.created_at >= start) & (LedgerTransfer.created_at < end)
    mine = (LedgerTransfer.from_account == account.id) | (LedgerTransfer.to_account == account.id)
    sides = []
    for row in LedgerTransfer.select().where(in_day & mine):
        head, _, number = row.idem_key.partition(":")
        if head == "pay":
            sides.append(Side("payment", number, row.amount_fen))
        elif head == "refund":
            sides.append(Side("refund", number, row.amount_fen))
        elif (paid := payouts.bill_of_entry(row.source_type, int(row.source_id))) is not None:
            sides.append(Side("transfer", paid.out_bill_no, row.amount_fen))
    return sides


def _store_pair(
    day: date, mchid: str, key: tuple[str, str], theirs_fen: int | None, ours_fen: int | None
) -> None:
    """Insert the pair, or update an open one; the number may be on a line of another day."""
    kind, number = key
    known = BillLine.get_or_none(
        (BillLine.mchid == mchid) & (BillLine.kind == kind) & (BillLine.out_number == number)
    )
    if known is None:
        BillLine.insert(
            bill_day=day.isoformat(),
            mchid=mchid,
            kind=kind,
            out_number=number,
            amount_fen=theirs_fen,
            ours_fen=ours_fen,
            state=paired(theirs_fen, ours_fen, is_sent=_is_sent(kind, number)),
            created_at=clock.now(),
        ).execute()
    elif known.state in (*OPEN, IN_FLIGHT):
        theirs = _wechat_fen(known, day, theirs_fen)
        stands = paired(theirs, ours_fen, is_sent=_is_sent(kind, number))
        BillLine.update(amount_fen=theirs, ours_fen=ours_fen, state=stands).where(
            BillLine.id == known.id
        ).execute()
        _book_waiting_fee(known, stands)


def _store_snapshot(day: date, mchid: str, snapshot: Snapshot) -> None:
    """Add a line for a refund that was under way; its fee is booked when our refund has a result.

    A failed refund that is not ours moved no money and gets no line.
    """
    number = snapshot.out_number
    ours_fen = entry_fen("refund", number)
    is_ours = (
        ours_fen is not None or Refund.select().where(Refund.out_refund_no == number).exists()
    )
    if snapshot.is_failed and not is_ours:
        return
    _store_pair(day, mchid, ("refund", number), snapshot.refund_fen, ours_fen)
    mine = (BillLine.kind == "refund") & (BillLine.out_number == number)
    row = BillLine.get((BillLine.mchid == mchid) & mine)
    BillLine.update(fee_fen=snapshot.fee_fen).where(BillLine.id == row.id).execute()
    if row.state == "matched":
        _book_fee(mchid, Fee("refund", number, snapshot.fee_fen))


def _wechat_fen(known: BillLine, day: date, theirs_fen: int | None) -> int | None:
    """WeChat's side of a number over several days; a transfer taken and given back is 0."""
    if theirs_fen is None or known.bill_day == day.isoformat():
        return theirs_fen if theirs_fen is not None else known.amount_fen
    came_back = known.kind == "transfer" and theirs_fen == -(known.amount_fen or 0)
    return 0 if came_back else theirs_fen


def _is_sent(kind: str, out_number: str) -> bool:
    """True for a transfer or refund without a known result, which may still arrive."""
    if kind == "refund":
        under_way = Refund.state.in_(REFUNDING) & (Refund.out_refund_no == out_number)
        return bool(Refund.select().where(under_way).exists())
    return kind == "transfer" and payouts.is_sent(out_number)


def pair_waiting_lines(mchid: str) -> None:
    """Pair waiting lines of earlier days again; their other side or result may be there now."""
    waiting = (BillLine.mchid == mchid) & BillLine.state.in_(("theirs_only", IN_FLIGHT))
    for row in BillLine.select().where(waiting):
        ours_fen = entry_fen(row.kind, row.out_number)
        is_sent = _is_sent(row.kind, row.out_number)
        stands = paired(row.amount_fen, ours_fen, is_sent=is_sent)
        if stands != row.state:
            BillLine.update(ours_fen=ours_fen, state=stands).where(BillLine.id == row.id).execute()
            _book_waiting_fee(row, stands)


def _book_waiting_fee(row: BillLine, stands: str) -> None:
    """Book the fee of a refund that was under way in its bill, once the pair is complete."""
    if stands == "matched" and row.fee_fen:
        _book_fee(row.mchid, Fee(row.kind, row.out_number, row.fee_fen))


def _book_fee(mchid: str, fee: Fee) -> None:
    if fee.fee_fen == 0:
        return
    key = f"fee:{fee.kind}:{fee.out_number}"
    if ledger.is_booked(key):
        return
    clearing, fees = merchant_account("wechat_clearing", mchid), merchant_account("fees")
    source, target = (fees, clearing) if fee.fee_fen > 0 else (clearing, fees)
    ledger.post([Posting(key, source, target, abs(fee.fee_fen), "fee")], "bill", 0)
