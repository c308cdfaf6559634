"""Pairs a day's bills with the book, books fees, and keeps what is open until it is closed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from domain import audit, ledger
from domain.ledger import Posting, merchant_account
from domain.reconcile.rules import IN_FLIGHT, OPEN, Bill, Fee, Side, paired
from kernel import clock, context
from kernel.errors import Conflict, Invalid, NotFound
from models import BillLine, LedgerTransfer, Withdrawal

SENT = ("paying", "awaiting_user", "cancelling")
PREFIXES = {"payment": "pay:", "refund": "refund:"}


def book_day(day: date, mchid: str, bill: Bill) -> dict[str, int]:
    """Pair one day; again changes only what is open. Answers how many lines stand how."""
    ours = {(s.kind, s.out_number): s.amount_fen for s in _entries_of(day, mchid)}
    theirs = {(s.kind, s.out_number): s.amount_fen for s in bill.lines}
    for key in sorted(ours.keys() | theirs.keys()):
        side_fen = ours[key] if key in ours else entry_fen(*key)
        _keep(day, mchid, key, theirs.get(key), side_fen)
    for fee in bill.fees:
        _book_fee(mchid, fee)
    look_again(mchid)
    rows = BillLine.select(BillLine.state).where(
        (BillLine.bill_day == day.isoformat()) & (BillLine.mchid == mchid)
    )
    return dict(Counter(row.state for row in rows))


def close_line(line_id: int, reason: str) -> None:
    """A person takes an open difference off the list and says why (差异关闭)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    row = BillLine.get_or_none(BillLine.id == line_id)
    if row is None:
        raise NotFound("bill_line_missing")
    done = (
        BillLine.update(
            state="closed", closed_by=context.actor.get(), closed_reason=reason.strip()[:200]
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
    """What our book says about a number, whenever it was booked; None if nothing."""
    if kind == "transfer":
        paid = Withdrawal.get_or_none(
            (Withdrawal.out_bill_no == out_number) & (Withdrawal.state == "paid")
        )
        return None if paid is None else int(paid.net_fen)
    row = LedgerTransfer.get_or_none(LedgerTransfer.idem_key == PREFIXES[kind] + out_number)
    return None if row is None else int(row.amount_fen)


def _entries_of(day: date, mchid: str) -> list[Side]:
    """What our book has for the day on this merchant number's clearing account."""
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
        elif head == "wd":
            paid = Withdrawal.get_by_id(row.source_id)
            sides.append(Side("transfer", paid.out_bill_no, row.amount_fen))
    return sides


def _keep(
    day: date, mchid: str, key: tuple[str, str], theirs_fen: int | None, ours_fen: int | None
) -> None:
    """Write the pair, or bring an open one up to date; the number may stand on a nearby day."""
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
        theirs = _theirs(known, day, theirs_fen)
        stands = paired(theirs, ours_fen, is_sent=_is_sent(kind, number))
        BillLine.update(amount_fen=theirs, ours_fen=ours_fen, state=stands).where(
            BillLine.id == known.id
        ).execute()


def _theirs(known: BillLine, day: date, theirs_fen: int | None) -> int | None:
    """WeChat's side of a number over its days: money locked on one and back on another is 0."""
    if theirs_fen is None or known.bill_day == day.isoformat():
        return theirs_fen if theirs_fen is not None else known.amount_fen
    came_back = known.kind == "transfer" and theirs_fen == -(known.amount_fen or 0)
    return 0 if came_back else theirs_fen


def _is_sent(kind: str, out_number: str) -> bool:
    """True for a transfer whose end WeChat has not told: its payee may still confirm it."""
    if kind != "transfer":
        return False
    mine = (Withdrawal.out_bill_no == out_number) & Withdrawal.state.in_(SENT)
    return bool(Withdrawal.select().where(mine).exists())


def look_again(mchid: str) -> None:
    """Lines of earlier days may have found their other side, or their transfer its end."""
    waiting = (BillLine.mchid == mchid) & BillLine.state.in_(("theirs_only", IN_FLIGHT))
    for row in BillLine.select().where(waiting):
        ours_fen = entry_fen(row.kind, row.out_number)
        is_sent = _is_sent(row.kind, row.out_number)
        stands = paired(row.amount_fen, ours_fen, is_sent=is_sent)
        if stands != row.state:
            BillLine.update(ours_fen=ours_fen, state=stands).where(BillLine.id == row.id).execute()


def _book_fee(mchid: str, fee: Fee) -> None:
    key = f"fee:{fee.kind}:{fee.out_number}"
    if ledger.is_booked(key):
        return
    clearing, fees = merchant_account("wechat_clearing", mchid), merchant_account("fees")
    source, target = (fees, clearing) if fee.fee_fen > 0 else (clearing, fees)
    ledger.post([Posting(key, source, target, abs(fee.fee_fen), "fee")], "bill", 0)
