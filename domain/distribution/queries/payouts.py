"""Withdrawals as their owner and finance see them, and the tax paper's figures (提现记录)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from domain import members, settings
from domain.distribution.views import WithdrawalStep, WithdrawalView
from domain.payments import noticed_numbers
from kernel.errors import NotFound
from models import Distributor, PayeeYear, Withdrawal, WithdrawalLog


@dataclass(frozen=True)
class PayeeYearView:
    """What a payee was paid in a year and what was withheld (年度代扣)."""

    member_id: int
    name: str
    identity_masked: str | None
    year: int
    gross_fen: int
    tax_fen: int


def withdrawals(
    member_id: int, before: int | None = None, limit: int = 20
) -> list[WithdrawalView]:
    """A distributor's withdrawals, newest first."""
    return _views(Withdrawal.member == member_id, before, limit)


def withdrawal_page(withdrawal_id: int, member_id: int | None = None) -> WithdrawalView:
    """One withdrawal with its steps; for its owner, or for the merchant. Raises NotFound."""
    mine = Withdrawal.id == withdrawal_id
    if member_id is not None:
        mine &= Withdrawal.member == member_id
    found = _views(mine, None, 1, with_steps=True)
    if not found:
        raise NotFound("withdrawal_missing")
    return found[0]


def withdrawal_desk(
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
    *,
    on_hold: bool | None = None,
) -> list[WithdrawalView]:
    """Withdrawals for finance, newest first; of one state, or those on hold."""
    chosen: Any = Withdrawal.id > 0
    if state:
        chosen &= Withdrawal.state == state
    if on_hold is not None:
        chosen &= Withdrawal.is_on_hold == on_hold
    return _views(chosen, before, limit)


def payroll_export() -> list[WithdrawalView]:
    """Employees' approved withdrawals, to be paid with their wages (工资代发)."""
    chosen = (
        (Withdrawal.channel == "payroll") & (Withdrawal.state == "approved")
        & (Withdrawal.is_on_hold == False)  # noqa: E712
    )  # fmt: skip
    return _views(chosen, None, 1000)


def payee_years(year: int, before: int | None = None, limit: int = 100) -> list[PayeeYearView]:
    """Per payee what was paid and withheld in a year, for the declaration (申报)."""
    query = PayeeYear.select().where(PayeeYear.year == year)
    if before is not None:
        query = query.where(PayeeYear.member < before)
    rows = list(query.order_by(PayeeYear.member.desc()).limit(limit))
    ids = [row.member_id for row in rows]
    people = members.profiles(ids)
    masks = {
        d.member_id: d.identity_masked
        for d in Distributor.select().where(Distributor.member.in_(ids))
    }
    return [
        PayeeYearView(row.member_id, people[row.member_id].shown_name, masks.get(row.member_id),
                      row.year, row.gross_fen, row.tax_fen)
        for row in rows
    ]  # fmt: skip


def _views(
    chosen: Any, before: int | None, limit: int, *, with_steps: bool = False
) -> list[WithdrawalView]:
    query = Withdrawal.select().where(chosen)
    if before is not None:
        query = query.where(Withdrawal.id < before)
    rows = list(query.order_by(Withdrawal.id.desc()).limit(limit))
    people = members.profiles(row.member_id for row in rows)
    limit_fen = settings.get(settings.PayoutBrakes).second_person_from_fen
    noticed = noticed_numbers([row.out_bill_no for row in rows if row.sent_at])
    return [
        replace(
            _view(row, people[row.member_id].shown_name, limit_fen),
            steps=_steps(row.id) if with_steps else (),
            is_noticed=row.out_bill_no in noticed,
        )
        for row in rows
    ]


def _view(row: Any, name: str, second_from_fen: int) -> WithdrawalView:
    same = {
        key: getattr(row, key)
        for key in (
            "id", "member_id", "out_bill_no", "channel", "state", "gross_fen", "taken_fen",
            "fee_fen", "tax_fen", "net_fen", "is_on_hold", "hold_reason", "fail_reason",
            "package_info", "approved_by", "second_by", "requested_at", "approved_at", "sent_at",
            "paid_at", "returned_at", "next_query_at",
        )
    }  # fmt: skip
    needs_second = row.gross_fen >= second_from_fen and row.approved_by not in (None, "system")
    return WithdrawalView(
        **same,
        name=name,
        tax=row.tax or {},
        needs_second=row.state == "requested" and needs_second,
    )


def _steps(withdrawal_id: int) -> tuple[WithdrawalStep, ...]:
    rows = WithdrawalLog.select().where(WithdrawalLog.withdrawal == withdrawal_id)
    return tuple(
        WithdrawalStep(row.at, row.from_state, row.to_state, row.actor, row.why)
        for row in rows.order_by(WithdrawalLog.id)
    )
