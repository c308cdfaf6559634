"""Reads of bills, payees and yearly income, for faces and sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import fn

from domain import members
from domain.payouts.answers import SUBJECT
from domain.payouts.payees import REVIEWED, payee_of
from domain.payouts.rules.states import SENT
from domain.payouts.sources import source_of
from domain.payouts.views import BillView, PayeeIncomeView, PayeeView, StepView
from kernel import clock
from kernel.errors import NotFound
from models import MoneyCall, Payee, PayeeIncome, PayoutBill, PayoutLog

QUERY_INTERVAL = timedelta(seconds=3)
UNCERTAIN_MOST = 50


def payee_view(member_id: int) -> PayeeView | None:
    """The member as a payee, or None."""
    row = payee_of(member_id)
    return None if row is None else _payee(row)


def payee_views(member_ids: Iterable[int]) -> dict[int, PayeeView]:
    """Payees by member id; members who are no payees are left out."""
    chosen = (Payee.owner_kind == "member") & Payee.owner_id.in_(list(member_ids))
    return {int(row.owner_id): _payee(row) for row in Payee.select().where(chosen)}


def payees_to_review(limit: int = 50) -> list[PayeeView]:
    """Sole traders and companies whose licence waits for review, oldest first."""
    waits = Payee.document_at.is_null(False) & Payee.reviewed_at.is_null()
    rows = Payee.select().where(waits & Payee.type.in_(REVIEWED))
    return [_payee(row) for row in rows.order_by(Payee.document_at).limit(limit)]


def income_of_year(member_id: int, year: int) -> tuple[int, int]:
    """Gross and tax in fen of what was sent to a member in a year."""
    payee = payee_of(member_id)
    if payee is None:
        return 0, 0
    mine = (PayeeIncome.payee == payee.id) & (PayeeIncome.year == year)
    rows = list(PayeeIncome.select().where(mine))
    return sum(int(row.gross_fen) for row in rows), sum(int(row.tax_fen) for row in rows)


def bills_of(source: str, source_ids: Iterable[int]) -> dict[int, BillView]:
    """The first bill of each of these ids of a source, by id; ids without a bill are left out."""
    mine = (PayoutBill.source == source) & PayoutBill.source_id.in_(list(source_ids))
    rows = list(PayoutBill.select().where(mine & (PayoutBill.part == 0)))
    owners = _owners(rows)
    return {int(row.source_id): _bill(row, owners) for row in rows}


def bill_detail(bill_id: int) -> BillView:
    """One bill with its log and open calls. Raises NotFound('bill_missing')."""
    row = PayoutBill.get_or_none(PayoutBill.id == bill_id)
    if row is None:
        raise NotFound("bill_missing")
    return _bill(row, _owners([row]), with_steps=True)


def awaits_frozen_payee(bill_id: int) -> bool:
    """True if a bill waits for the confirmation of a frozen person (冻结)."""
    waits = (PayoutBill.id == bill_id) & (PayoutBill.state == "awaiting_user")
    return bool(PayoutBill.select().join(Payee).where(waits & Payee.is_frozen).exists())


def steps_of(bill_id: int) -> tuple[StepView, ...]:
    """A bill's log, oldest first."""
    rows = PayoutLog.select().where(PayoutLog.bill == bill_id).order_by(PayoutLog.id)
    return tuple(
        StepView(r.at, r.from_state, r.to_state, r.actor, r.why, r.facts or {}) for r in rows
    )


def uncertain_bills(limit: int = UNCERTAIN_MOST) -> list[BillView]:
    """Uncertain bills, whose open call may still move money, oldest first."""
    rows = list(
        PayoutBill.select()
        .where(PayoutBill.uncertain_at <= clock.now())
        .order_by(PayoutBill.uncertain_at)
        .limit(limit)
    )
    owners = _owners(rows)
    return [_bill(row, owners) for row in rows]


def number_of(bill_id: int) -> str:
    """A bill's number at WeChat. Raises NotFound('bill_missing')."""
    row = PayoutBill.get_or_none(PayoutBill.id == bill_id)
    if row is None:
        raise NotFound("bill_missing")
    return str(row.out_bill_no)


def state_of(bill_id: int) -> str:
    """A bill's state."""
    return str(PayoutBill.get_by_id(bill_id).state)


def claim_bill_query(bill_id: int) -> bool:
    """True for the first caller within three seconds of system time, who may query WeChat."""
    now = clock.system_now()
    old = PayoutBill.looked_at.is_null() | (PayoutBill.looked_at < now - QUERY_INTERVAL)
    mine = (PayoutBill.id == bill_id) & PayoutBill.state.in_(SENT)
    return bool(PayoutBill.update(looked_at=now).where(mine & old).execute() == 1)


def due_queries(limit: int = 50) -> list[int]:
    """Bills without a known result whose next query is due."""
    rows = (
        PayoutBill.select(PayoutBill.id)
        .where((PayoutBill.next_query_at <= clock.now()) & PayoutBill.state.in_(SENT))
        .order_by(PayoutBill.next_query_at)
        .limit(limit)
    )
    return [int(row.id) for row in rows]


def sent_numbers(after_id: int = 0, limit: int = 200) -> list[tuple[int, str]]:
    """Sent bills without a known result as (id, number), after ``after_id``, by id."""
    rows = PayoutBill.select(PayoutBill.id, PayoutBill.out_bill_no).where(
        PayoutBill.state.in_(SENT) & (PayoutBill.id > after_id)
    )
    return [(int(r.id), str(r.out_bill_no)) for r in rows.order_by(PayoutBill.id).limit(limit)]


def waiting_to_send(limit: int = 50) -> list[int]:
    """Bills that a brake or a lost outbox job left unsent."""
    rows = (
        PayoutBill.select(PayoutBill.id)
        .where((PayoutBill.state == "made") & (PayoutBill.channel == "wechat"))
        .order_by(PayoutBill.id)
        .limit(limit)
    )
    return [int(row.id) for row in rows]


def paid_by_number(out_bill_no: str) -> int | None:
    """Net fen paid under a number; None if it is not paid."""
    mine = (PayoutBill.out_bill_no == out_bill_no) & (PayoutBill.state == "paid")
    row = PayoutBill.get_or_none(mine)
    return None if row is None else int(row.net_fen)


def page_of_bill(out_bill_no: str) -> str:
    """The merchant's page of what a bill pays; '' for a number that we don't know."""
    row = PayoutBill.get_or_none(PayoutBill.out_bill_no == out_bill_no)
    return "" if row is None else source_of(row.source).page.format(id=row.source_id)


def sources_of_transfer(source: str, transfer_bill_no: str) -> list[int]:
    """The ids of a source that WeChat paid under its own number (微信转账单号)."""
    mine = (PayoutBill.source == source) & (PayoutBill.transfer_bill_no == transfer_bill_no)
    return [int(row.source_id) for row in PayoutBill.select().where(mine)]


def is_sent(out_bill_no: str) -> bool:
    """True for a transfer without a known result, which the payee may still confirm."""
    mine = (PayoutBill.out_bill_no == out_bill_no) & PayoutBill.state.in_(SENT)
    return bool(PayoutBill.select().where(mine).exists())


def payee_years(year: int, before: int | None = None, limit: int = 100) -> list[PayeeIncomeView]:
    """Gross and tax of a year by payee, for the tax declaration (申报)."""
    query = (
        PayeeIncome.select(
            PayeeIncome.payee,
            Payee.owner_id,
            Payee.identity_masked,
            fn.SUM(PayeeIncome.gross_fen).alias("gross"),
            fn.SUM(PayeeIncome.tax_fen).alias("tax"),
        )
        .join(Payee)
        .where(PayeeIncome.year == year)
        .group_by(PayeeIncome.payee, Payee.owner_id, Payee.identity_masked)
        .order_by(Payee.owner_id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Payee.owner_id < before)
    rows: list[Any] = list(query.tuples())
    people = members.member_views([row[1] for row in rows])
    return [
        PayeeIncomeView(owner, people[owner].shown_name, mask, year, int(gross), int(tax))
        for _, owner, mask, gross, tax in rows
    ]


def _payee(row: Any) -> PayeeView:
    return PayeeView(
        member_id=int(row.owner_id), type=row.type, identity_masked=row.identity_masked,
        identity_at=row.identity_at, document=row.document, document_at=row.document_at,
        reviewed_at=row.reviewed_at, reviewed_by=row.reviewed_by, review_note=row.review_note,
        is_frozen=bool(row.is_frozen), needs_review=row.type in REVIEWED,
    )  # fmt: skip


def _owners(rows: list[Any]) -> dict[int, int]:
    ids = {row.payee_id for row in rows}
    found = Payee.select(Payee.id, Payee.owner_id).where(Payee.id.in_(ids))
    return {int(row.id): int(row.owner_id) for row in found}


def _bill(row: Any, owners: dict[int, int], *, with_steps: bool = False) -> BillView:
    same = {
        key: getattr(row, key)
        for key in (
            "id", "source", "source_id", "out_bill_no", "channel", "state", "gross_fen",
            "fee_fen", "tax_fen", "net_fen", "fail_reason", "package_info", "sent_at", "paid_at",
            "returned_at", "next_query_at", "uncertain_at", "given_up_by", "mchid", "note",
        )
    }  # fmt: skip
    return BillView(
        **same,
        member_id=owners[row.payee_id],
        tax=row.tax or {},
        open_calls=_open_calls(row.id) if with_steps else 0,
        steps=steps_of(row.id) if with_steps else (),
    )


def _open_calls(bill_id: int) -> int:
    mine = (MoneyCall.subject == SUBJECT) & (MoneyCall.row_id == bill_id)
    return int(MoneyCall.select().where(mine & MoneyCall.left_at.is_null()).count())
