"""The tax method of a payee, and the payments on which the tax depends (代扣个税)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from peewee import fn

from domain import settings
from domain.payouts.rules.states import COUNTED
from domain.payouts.rules.tax import History, Tax, withheld_tax
from kernel import clock
from models import Payee, PayoutBill

LABOUR = "labour"


def tax_method_of(payee: Payee) -> str:
    """The tax method: ``none`` for sole traders and companies, ``payroll`` for employees.

    For individuals it is the merchant's choice, ``unset`` until finance has chosen; no individual
    is paid before.
    """
    if payee.type in ("sole_trader", "company"):
        return "none"
    if payee.type == "employee":
        return "payroll"
    return settings.get(settings.Distribution).tax_method


def tax_of(payee: Payee, gross_fen: int, now: datetime, tax_class: str = LABOUR) -> Tax:
    """The tax of paying this gross (fen) now; a caller that pays has locked the payee's year."""
    method = tax_method_of(payee)
    if method in ("unset", "payroll"):
        return Tax(0, method, "none")
    day = clock.business_day(now)
    return withheld_tax(method, day, history_of(payee, day, tax_class), gross_fen)


def history_of(payee: Payee, day: date, tax_class: str = LABOUR) -> History:
    """Payments to a payee earlier in the day's month and year."""
    month_gross, month_tax, _ = _paid(payee, tax_class, day.replace(day=1))
    year_gross, year_tax, first_at = _paid(payee, tax_class, date(day.year, 1, 1))
    first = clock.business_day(first_at).month if first_at is not None else day.month
    return History(month_gross, month_tax, year_gross, year_tax, day.month - first + 1)


def tax_facts(tax: Tax) -> dict[str, Any]:
    """The figures behind a tax, for the bill's row and the page."""
    return {
        "method": tax.method, "version": tax.version, "taxable_fen": tax.taxable_fen,
        "rate_bp": tax.rate_bp, "deduction_fen": tax.deduction_fen,
        "total_tax_fen": tax.total_tax_fen, "already_fen": tax.already_fen,
    }  # fmt: skip


def _paid(payee: Payee, tax_class: str, since: date) -> tuple[int, int, datetime | None]:
    counted = (
        (PayoutBill.payee == payee.id) & (PayoutBill.sent_at >= clock.day_start(since))
        & PayoutBill.state.in_(COUNTED) & (PayoutBill.tax_class == tax_class)
    )  # fmt: skip
    sums: Any = (
        PayoutBill.select(
            fn.COALESCE(fn.SUM(PayoutBill.gross_fen), 0),
            fn.COALESCE(fn.SUM(PayoutBill.tax_fen), 0),
        ).where(counted).tuples().get()
    )  # fmt: skip
    first = PayoutBill.select().where(counted).order_by(PayoutBill.sent_at).first()
    return int(sums[0]), int(sums[1]), None if first is None else first.sent_at
