"""Tax withheld from a payout (代扣个税), by dated rule tables. Pure.

``docs/algorithms/tax.md`` names the laws behind each table and the worked cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.money import rate_of


@dataclass(frozen=True)
class Band:
    """A band of a progressive table: lower bound, rate (bp), quick deduction (速算扣除数)."""

    above_fen: int
    rate_bp: int
    deduction_fen: int


@dataclass(frozen=True)
class Table:
    """The rules of one method, in force from ``from_day``."""

    version: str
    from_day: date
    bands: tuple[Band, ...]
    allowance_fen: int  # ordinary: flat costs up to the edge; cumulative: a month's allowance
    allowance_edge_fen: int = 0
    cost_bp: int = 2000


@dataclass(frozen=True)
class History:
    """Earlier payments to the payee on which the tax depends, in fen.

    ``month_*`` are of the payment's calendar month, ``year_*`` of its year. ``months`` counts the
    year's months from the first with income to the payment's, both included.
    """

    month_gross_fen: int = 0
    month_tax_fen: int = 0
    year_gross_fen: int = 0
    year_tax_fen: int = 0
    months: int = 1


@dataclass(frozen=True)
class Tax:
    """The tax of a payment, and the figures that led to it."""

    tax_fen: int
    method: str
    version: str
    taxable_fen: int = 0
    rate_bp: int = 0
    deduction_fen: int = 0
    total_tax_fen: int = 0
    already_fen: int = 0


ORDINARY = (
    Table(
        version="ordinary-2019-01",
        from_day=date(2019, 1, 1),
        bands=(
            Band(0, 2000, 0),
            Band(2_000_000, 3000, 200_000),
            Band(5_000_000, 4000, 700_000),
        ),
        allowance_fen=80_000,
        allowance_edge_fen=400_000,
    ),
)
CUMULATIVE = (
    Table(
        version="cumulative-2019-01",
        from_day=date(2019, 1, 1),
        bands=(
            Band(0, 300, 0),
            Band(3_600_000, 1000, 252_000),
            Band(14_400_000, 2000, 1_692_000),
            Band(30_000_000, 2500, 3_192_000),
            Band(42_000_000, 3000, 5_292_000),
            Band(66_000_000, 3500, 8_592_000),
            Band(96_000_000, 4500, 18_192_000),
        ),
        allowance_fen=500_000,
    ),
)


def withheld_tax(method: str, day: date, history: History, gross_fen: int) -> Tax:
    """The tax of one payment by a method, with the table in force on ``day``; never negative."""
    if gross_fen < 0:
        raise ValueError("a payment is not negative")
    if method == "none":
        return Tax(0, "none", "none")
    if method == "ordinary":
        return _ordinary(_table(ORDINARY, day), history, gross_fen)
    if method == "cumulative":
        return _cumulative(_table(CUMULATIVE, day), history, gross_fen)
    raise ValueError(f"no such method: {method}")


def table_of(method: str, day: date) -> Table | None:
    """The table of a method in force on a day; None for a method without one."""
    known = {"ordinary": ORDINARY, "cumulative": CUMULATIVE}.get(method)
    return None if known is None else _table(known, day)


def _table(tables: tuple[Table, ...], day: date) -> Table:
    return max((t for t in tables if t.from_day <= day), key=lambda t: t.from_day)


def _ordinary(table: Table, history: History, gross_fen: int) -> Tax:
    """Labour income (劳务报酬): payments within a month count as one."""
    income = history.month_gross_fen + gross_fen
    if income <= table.allowance_edge_fen:
        taxable = max(0, income - table.allowance_fen)
    else:
        taxable = income - rate_of(income, table.cost_bp)
    return _from_bands(table, "ordinary", taxable, history.month_tax_fen)


def _cumulative(table: Table, history: History, gross_fen: int) -> Tax:
    """Cumulative withholding (累计预扣): the year's income less costs and monthly allowances."""
    income = history.year_gross_fen + gross_fen
    costs = rate_of(income, table.cost_bp)
    taxable = max(0, income - costs - table.allowance_fen * history.months)
    return _from_bands(table, "cumulative", taxable, history.year_tax_fen)


def _from_bands(table: Table, method: str, taxable_fen: int, already_fen: int) -> Tax:
    band = max(
        (b for b in table.bands if taxable_fen > b.above_fen or b.above_fen == 0),
        key=lambda b: b.above_fen,
    )
    total = max(0, rate_of(taxable_fen, band.rate_bp) - band.deduction_fen)
    return Tax(
        tax_fen=max(0, total - already_fen),
        method=method,
        version=table.version,
        taxable_fen=taxable_fen,
        rate_bp=band.rate_bp,
        deduction_fen=band.deduction_fen,
        total_tax_fen=total,
        already_fen=already_fen,
    )
