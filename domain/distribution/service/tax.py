"""Which tax a payout bears, and against what history it is worked out (代扣个税)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import fn

from domain import settings
from domain.distribution.rules.states import COUNTED
from domain.distribution.rules.tax import History, Tax, withholding
from kernel import clock
from models import Distributor, Withdrawal


def method_of(payee: Distributor) -> str:
    """``none`` for who answers for their own tax, ``payroll`` for employees, else the chosen.

    ``unset`` until finance has chosen: payouts to individuals don't start before.
    """
    if payee.payee_type in ("sole_trader", "company"):
        return "none"
    if payee.payee_type == "employee":
        return "payroll"
    return settings.get(settings.Distribution).tax_method


def tax_of(payee: Distributor, gross_fen: int, now: datetime) -> Tax:
    """The tax of paying this gross now. The caller that pays holds the payee's year locked."""
    method = method_of(payee)
    if method in ("unset", "payroll"):
        return Tax(0, method, "none")
    day = clock.business_day(now)
    return withholding(method, day, history_of(payee.member_id, day), gross_fen)


def history_of(member_id: int, day: date) -> History:
    """What was paid or sent to a payee in the day's month and year before."""
    month_gross, month_tax, _ = _paid(member_id, day.replace(day=1))
    year_gross, year_tax, first_at = _paid(member_id, date(day.year, 1, 1))
    first = clock.business_day(first_at).month if first_at is not None else day.month
    return History(month_gross, month_tax, year_gross, year_tax, day.month - first + 1)


def _paid(member_id: int, since: date) -> tuple[int, int, datetime | None]:
    counted = (
        (Withdrawal.member == member_id) & Withdrawal.state.in_(COUNTED)
        & (Withdrawal.sent_at >= clock.day_start(since))
    )  # fmt: skip
    sums: Any = (
        Withdrawal.select(
            fn.COALESCE(fn.SUM(Withdrawal.gross_fen - Withdrawal.taken_fen), 0),
            fn.COALESCE(fn.SUM(Withdrawal.tax_fen), 0),
        ).where(counted).tuples().get()
    )  # fmt: skip
    first = Withdrawal.select().where(counted).order_by(Withdrawal.sent_at).first()
    return int(sums[0]), int(sums[1]), None if first is None else first.sent_at
