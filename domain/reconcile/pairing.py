"""Pairs lines of a bill with our ledger, books fees, and opens and ends differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from domain import audit, ledger, payouts, system_state
from domain.ledger import Posting, merchant_account
from domain.reconcile import asides, days
from domain.reconcile.rules import IN_FLIGHT, OPEN, Bill, Fee, Key, Side, Snapshot, paired
from kernel import clock
from kernel.store import insert_rows
from models import BillLine, LedgerTransfer, Refund

AT_ONCE = 200
"""Lines that are paired in one transaction."""
LOCK = "reconcile"
REFUNDING = ("created", "processing", "abnormal", "settled_by_hand")
PREFIXES = {"payment": "pay:", "refund": "refund:"}
Known = Mapping[Key, BillLine]


def book_part(day: date, mchid: str, bill: Bill) -> None:
    """Pair a part of a bill and book its fees; a repetition changes open lines only."""
    system_state.lock(LOCK)
    known = _known(mchid, bill.keys)
    ours = _booked(side for side in bill.lines)
    fees = {(fee.kind, fee.out_number): fee.fee_fen for fee in bill.fees}
    new, touched = [], {day}
    for side in bill.lines:
        key = (side.kind, side.out_number)
        row = known.get(key)
        if row is None:
            new.append(_line(day, mchid, key, side.amount_fen, ours.get(key), fees.get(key)))
        else:
            touched.add(date.fromisoformat(row.bill_day))
            _pair_again(row, day, side.amount_fen, ours.get(key), fees.get(key))
    insert_rows(BillLine, new)
    for fee in bill.fees:
        _book_fee(mchid, fee)
    for snapshot in bill.snapshots:
        _store_snapshot(day, mchid, snapshot)
    _add_up(mchid, touched - {day})


def end_reading(day: date, mchid: str, bill: Bill) -> None:
    """After all parts: our entries that the bill lacks, what it no longer has, and its sums."""
    system_state.lock(LOCK)
    _pair_entries_of(day, mchid, bill)
    if days.is_read(day, mchid, bill.name) and not bill.aside:
        _end_what_is_gone(day, mchid, bill)
    asides.store_unreadable_lines(day, mchid, bill.aside)
    asides.record_readable_bill(day, mchid, bill.name)
    days.record_reading(day, mchid, bill)
    pair_waiting_lines(mchid)


def day_counts(day: date, mchid: str) -> dict[str, int]:
    """The number of a day's lines by state."""
    mine = (BillLine.bill_day == day.isoformat()) & (BillLine.mchid == mchid)
    return dict(Counter(row.state for row in BillLine.select(BillLine.state).where(mine)))


def pair_waiting_lines(mchid: str) -> None:
    """Pair waiting lines of earlier days again; their other side or result may be there now."""
    waiting = (BillLine.mchid == mchid) & BillLine.state.in_(("theirs_only", IN_FLIGHT))
    touched = set()
    for row in list(BillLine.select().where(waiting)):
        ours_fen = entry_fen(row.kind, row.out_number)
        if _restate(row, row.amount_fen, ours_fen):
            touched.add(date.fromisoformat(row.bill_day))
    _add_up(mchid, touched)


def entry_fen(kind: str, out_number: str) -> int | None:
    """The fen that our ledger has for a number, on any day; None if it has nothing."""
    return _booked([Side(kind, out_number, 0)]).get((kind, out_number))


def _booked(sides: Iterable[Side]) -> dict[Key, int]:
    """The fen that our ledger has for these numbers, on any day."""
    names: dict[str, Key] = {}
    found: dict[Key, int] = {}
    for side in sides:
        key = (side.kind, side.out_number)
        if side.kind in PREFIXES:
            names[PREFIXES[side.kind] + side.out_number] = key
        elif (paid := payouts.paid_by_number(side.out_number)) is not None:
            found[key] = paid
    if names:
        for row in LedgerTransfer.select().where(LedgerTransfer.idem_key.in_(list(names))):
            found[names[row.idem_key]] = int(row.amount_fen)
    return found


def _known(mchid: str, keys: Iterable[Key]) -> dict[Key, BillLine]:
    """The lines that these numbers have already."""
    wanted = sorted({number for _, number in keys})
    found: dict[Key, BillLine] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = BillLine.out_number.in_(wanted[start : start + AT_ONCE])
        for row in BillLine.select().where((BillLine.mchid == mchid) & part):
            found[row.kind, row.out_number] = row
    return found


def _line(
    day: date, mchid: str, key: Key, theirs_fen: int | None, ours_fen: int | None,
    fee_fen: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The values of a new line."""
    now = clock.now()
    stands = _stands(key, theirs_fen, ours_fen)
    return {
        "bill_day": day.isoformat(), "mchid": mchid, "kind": key[0], "out_number": key[1],
        "amount_fen": theirs_fen, "ours_fen": ours_fen, "fee_fen": fee_fen, "state": stands,
        "opened_at": now if stands in OPEN else None, "created_at": now,
    }  # fmt: skip


def _stands(key: Key, theirs_fen: int | None, ours_fen: int | None) -> str:
    is_sent = ours_fen is None and bool(theirs_fen) and _is_sent(*key)
    return paired(theirs_fen, ours_fen, is_sent=is_sent)


def _is_sent(kind: str, out_number: str) -> bool:
    """True for a transfer or refund without a known result, which may still arrive."""
    if kind == "refund":
        under_way = Refund.state.in_(REFUNDING) & (Refund.out_refund_no == out_number)
        return bool(Refund.select().where(under_way).exists())
    return kind == "transfer" and payouts.is_sent(out_number)


def _pair_again(
    row: BillLine, day: date, theirs_fen: int | None, ours_fen: int | None,
    fee_fen: int | None = None,
) -> None:  # fmt: skip
    """A number that has a line, which may be of another day: only an open one changes.

    The line stands on the day of WeChat's bill, as soon as one has it.
    """
    if fee_fen is not None and row.fee_fen is None:
        _update(row, fee_fen=fee_fen)
    if row.state not in (*OPEN, IN_FLIGHT):
        return
    if row.amount_fen is None and theirs_fen is not None:
        _update(row, bill_day=day.isoformat())
    _restate(row, _wechat_fen(row, day, theirs_fen), ours_fen)


def _wechat_fen(known: BillLine, day: date, theirs_fen: int | None) -> int | None:
    """WeChat's side of a number over several days; a transfer taken and given back is 0."""
    if theirs_fen is None or known.bill_day == day.isoformat():
        return theirs_fen if theirs_fen is not None else known.amount_fen
    came_back = known.kind == "transfer" and theirs_fen == -(known.amount_fen or 0)
    return 0 if came_back else theirs_fen


def _restate(row: BillLine, theirs_fen: int | None, ours_fen: int | None) -> bool:
    """Store both sides of a waiting line and what follows; True if its state changed.

    A difference that is none any more ends as matched later (后来对上), with a line in the log.
    """
    stands = _stands((row.kind, row.out_number), theirs_fen, ours_fen)
    before = row.state
    values: dict[str, Any] = {"amount_fen": theirs_fen, "ours_fen": ours_fen, "state": stands}
    if stands in OPEN and row.opened_at is None:
        values["opened_at"] = clock.now()
    if stands == "matched" and row.opened_at is not None:
        values |= {"ended_at": clock.now(), "ended_how": "matched_later"}
        audit.record_either(
            "bill_line.matched", "bill_line", row.id, before={"state": before}, after={}
        )
    _update(row, **values)
    if stands == "matched" and row.fee_fen:
        _book_fee(row.mchid, Fee(row.kind, row.out_number, row.fee_fen))
    return bool(stands != before)


def _update(row: BillLine, **values: Any) -> None:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    BillLine.update(**changed).where(BillLine.id == row.id).execute()
    for name, value in changed.items():
        setattr(row, name, value)


def _store_snapshot(day: date, mchid: str, snapshot: Snapshot) -> None:
    """Add a line for a refund that was under way; its fee is booked when our refund has a result.

    A failed refund that is not ours moved no money and gets no line.
    """
    key = ("refund", snapshot.out_number)
    ours_fen = entry_fen(*key)
    mine = Refund.out_refund_no == snapshot.out_number
    if snapshot.is_failed and ours_fen is None and not Refund.select().where(mine).exists():
        return
    row = _known(mchid, [key]).get(key)
    if row is None:
        values = _line(day, mchid, key, snapshot.refund_fen, ours_fen, snapshot.fee_fen)
        BillLine.insert(**values).execute()
        stands = values["state"]
    else:
        _pair_again(row, day, snapshot.refund_fen, ours_fen, snapshot.fee_fen)
        stands = row.state
    if stands == "matched":
        _book_fee(mchid, Fee(*key, snapshot.fee_fen))


def _pair_entries_of(day: date, mchid: str, bill: Bill) -> None:
    """Our entries of the day that its bill lacks: another day's bill may have them."""
    named = bill.keys
    lacking = {
        (side.kind, side.out_number): side.amount_fen
        for side in _entries_of(day, mchid)
        if side.kind in bill.kinds and (side.kind, side.out_number) not in named
    }
    known = _known(mchid, lacking)
    touched = set()
    for key, ours_fen in lacking.items():
        row = known.get(key)
        if row is not None:
            _pair_again(row, day, None, ours_fen)
            touched.add(date.fromisoformat(row.bill_day))
    new = [
        _line(day, mchid, key, None, fen) for key, fen in sorted(lacking.items())
        if key not in known
    ]  # fmt: skip
    insert_rows(BillLine, new)
    _add_up(mchid, touched - {day})


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


def _end_what_is_gone(day: date, mchid: str, bill: Bill) -> None:
    """The bill was read again and lacks what was a difference: WeChat put it right.

    Transfers are left alone: their line stands for the movements of several days.
    """
    kinds = [kind for kind in bill.kinds if kind != "transfer"]
    mine = (BillLine.mchid == mchid) & (BillLine.bill_day == day.isoformat())
    ours = BillLine.kind.in_(kinds) & BillLine.amount_fen.is_null(False)
    named = bill.keys
    for row in list(BillLine.select().where(mine & ours & BillLine.state.in_(OPEN))):
        if (row.kind, row.out_number) in named:
            continue
        if row.ours_fen is not None:
            _restate(row, None, row.ours_fen)
            continue
        _update(row, state="closed", ended_at=clock.now(), ended_how="gone")
        audit.record_either("bill_line.gone", "bill_line", row.id, after={})


def _book_fee(mchid: str, fee: Fee) -> None:
    if fee.fee_fen == 0:
        return
    key = f"fee:{fee.kind}:{fee.out_number}"
    if ledger.is_booked(key):
        return
    clearing, fees = merchant_account("wechat_clearing", mchid), merchant_account("fees")
    source, target = (fees, clearing) if fee.fee_fen > 0 else (clearing, fees)
    ledger.post([Posting(key, source, target, abs(fee.fee_fen), "fee")], "bill", 0)


def _add_up(mchid: str, touched: Iterable[date]) -> None:
    for day in sorted(touched):
        days.add_up(mchid, day)
