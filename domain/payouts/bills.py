"""Steps that all bills share: make, lock, move, end, and the payee's income of a year."""

from __future__ import annotations

from typing import Any

from domain.payouts.rules.states import SENT, next_bill_state
from domain.payouts.sources import BillStep, Source, all_sources, source_of
from kernel import clock
from kernel.errors import Conflict, NotFound
from kernel.store import insert_once, lock_row
from models import Payee, PayeeIncome, PayoutBill, PayoutLog

Facts = dict[str, Any]


def make_bill(
    source: Source, source_id: int, payee: Payee, out_bill_no: str, *,
    channel: str, openid: str | None, part: int = 0,
) -> int:  # fmt: skip
    """Make the bill of an approved payment, with its number, before WeChat is called.

    A source has one bill for each part; a second call returns the first bill's id.
    """
    same = (
        (PayoutBill.source == source.name)
        & (PayoutBill.source_id == source_id)
        & (PayoutBill.part == part)
    )
    insert_once(
        PayoutBill, source=source.name, source_id=source_id, part=part, payee=payee.id,
        out_bill_no=out_bill_no, channel=channel, openid=openid, made_at=clock.now(),
    )  # fmt: skip
    row = PayoutBill.get(same)
    if not PayoutLog.select().where(PayoutLog.bill == row.id).exists():
        log_step(row.id, None, "made", "system")
    return int(row.id)


def lock_bill(bill_id: int) -> PayoutBill:
    """Lock a bill, after its source's rows. Raises NotFound('bill_missing')."""
    found = PayoutBill.get_or_none(PayoutBill.id == bill_id)
    if found is None:
        raise NotFound("bill_missing")
    source_of(found.source).lock(int(found.source_id))
    row = lock_row(PayoutBill, bill_id)
    assert row is not None  # bills are never deleted
    return row


def bill_of(source: str, source_id: int, part: int = 0) -> PayoutBill | None:
    """A source's bill, or None."""
    return PayoutBill.get_or_none(
        (PayoutBill.source == source)
        & (PayoutBill.source_id == source_id)
        & (PayoutBill.part == part)
    )


def bill_of_entry(source_type: str, source_id: int) -> PayoutBill | None:
    """The bill for which a ledger entry of this source was booked; None if no bill was."""
    named = (each.name for each in all_sources() if each.booked_as == source_type)
    source = next(named, None)
    return None if source is None else bill_of(source, source_id)


def change_state(
    row: PayoutBill, event: str, actor: str, why: str = "", *,
    facts: Facts | None = None, **values: Any,
) -> str:  # fmt: skip
    """Move a bill to the next state, log it and inform its source; returns the state.

    Raises Conflict('state_moved').
    """
    state = next_bill_state(event, row.state)
    same = (PayoutBill.id == row.id) & (PayoutBill.state == row.state)
    if PayoutBill.update(state=state, **values).where(same).execute() != 1:
        raise Conflict("state_moved", state=row.state, event=event)
    log_step(row.id, row.state, state, actor, why, facts)
    for name, value in values.items():
        setattr(row, name, value)
    row.state = state
    source_of(row.source).on_step(
        BillStep(
            bill_id=int(row.id), source_id=int(row.source_id), event=event, state=state,
            actor=actor, gross_fen=row.gross_fen, fee_fen=row.fee_fen, tax_fen=row.tax_fen,
            net_fen=row.net_fen, channel=row.channel, mchid=row.mchid, at=clock.now(), reason=why,
        )
    )  # fmt: skip
    return state


def log_step(
    bill_id: int, before: str | None, state: str, actor: str, why: str = "",
    facts: Facts | None = None,
) -> None:  # fmt: skip
    """Add a row to a bill's log: who, from, to, and why as a code with its facts."""
    PayoutLog.insert(
        bill=bill_id, from_state=before, to_state=state, actor=actor[:64], why=why[:200],
        facts=facts, at=clock.now(),
    ).execute()  # fmt: skip


def end_bill(
    row: PayoutBill, event: str, actor: str, reason: str, facts: Facts | None = None
) -> str:
    """End a bill without payment and return the money to its source, once; returns the state.

    ``reason`` is a code, which the bill keeps as ``fail_reason``. A rejection has a person's
    words, which only the log keeps.
    """
    was_sent = row.state in SENT
    code = None if event == "reject" else reason[:60]
    state = change_state(row, event, actor, reason, facts=facts, fail_reason=code)
    if was_sent:
        _subtract_income(row)
    change_state(row, "return", actor, reason, returned_at=clock.now(), next_query_at=None,
                 uncertain_at=None)  # fmt: skip
    return state


def reject_bill(bill_id: int, actor: str, reason: str) -> None:
    """Reject a bill that was not sent; its source gets the money back."""
    end_bill(lock_bill(bill_id), "reject", actor, reason)


def income_of(payee_id: int, year: int, tax_class: str) -> PayeeIncome:
    """The payee's row of a year and tax class, locked; it is made on first use."""
    mine = (
        (PayeeIncome.payee == payee_id)
        & (PayeeIncome.year == year)
        & (PayeeIncome.tax_class == tax_class)
    )
    if not PayeeIncome.select().where(mine).exists():
        insert_once(PayeeIncome, payee=payee_id, year=year, tax_class=tax_class)
    row = lock_row(PayeeIncome, int(PayeeIncome.get(mine).id))
    assert row is not None
    return row


def add_income(row: PayoutBill, gross_fen: int, tax_fen: int) -> None:
    """Count a sent bill as the payee's income of the year in which it was sent."""
    year = clock.business_day(row.sent_at).year
    income = income_of(row.payee_id, year, row.tax_class)
    PayeeIncome.update(
        gross_fen=PayeeIncome.gross_fen + gross_fen, tax_fen=PayeeIncome.tax_fen + tax_fen
    ).where(PayeeIncome.id == income.id).execute()


def _subtract_income(row: PayoutBill) -> None:
    """Take a failed bill out of the income of the year in which it was sent."""
    if row.sent_at is not None and row.channel != "payroll":
        add_income(row, -row.gross_fen, -row.tax_fen)
