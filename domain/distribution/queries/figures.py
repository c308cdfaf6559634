"""Live figures of a distributor and of the merchant (数据看板)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Case, fn

from domain import ledger, payouts
from domain.distribution import statements
from domain.distribution.queries.people import customer_count
from domain.distribution.views import (
    Figures,
    MerchantFigures,
    OwedFigures,
    PeriodFigures,
    Place,
    SoldFigures,
)
from domain.ledger import member_account
from kernel import clock
from models import Account, Binding, Commission, Distributor, Order, VisitDay, Withdrawal

EARNED = ("pending", "released")
OWED = ("commission_pending", "available", "withdrawing", "debt")


def distributor_figures(member_id: int) -> Figures:
    """A distributor's visits, sales, orders, commission and balances now."""
    today = clock.business_day(clock.now())
    withdrawn = Withdrawal.select(
        fn.COALESCE(fn.SUM(Withdrawal.gross_fen - Withdrawal.taken_fen), 0)
    ).where((Withdrawal.member == member_id) & (Withdrawal.state == "paid"))
    return Figures(
        today=period_figures(member_id, clock.day_start(today)),
        week=period_figures(member_id, clock.day_start(today - timedelta(days=6))),
        month=period_figures(member_id, clock.day_start(today - timedelta(days=29))),
        pending_fen=ledger.balance(member_account("commission_pending", member_id)),
        available_fen=ledger.balance(member_account("available", member_id)),
        withdrawing_fen=ledger.balance(member_account("withdrawing", member_id)),
        withdrawn_fen=int(withdrawn.scalar()),
        debt_fen=-ledger.balance(member_account("debt", member_id)),
        customers=customer_count(member_id),
    )


def period_figures(member_id: int | None, since: datetime) -> PeriodFigures:
    """The figures since an instant, of one distributor or of all."""
    day = clock.business_day(since).isoformat()
    visits = _row(
        VisitDay.select(_sum(VisitDay.visits), _sum(VisitDay.visitors))
        .where(_of(VisitDay.referrer, member_id, VisitDay.day >= day))
    )  # fmt: skip
    bound = Binding.select().where((Binding.bound_at >= since) & _mine(Binding.p1, member_id))
    sold = sold_since(member_id, since)
    return PeriodFigures(
        visits=visits[0], visitors=visits[1], customers=bound.count(),
        orders=sold.orders, sales_fen=sold.sales_fen, commission_fen=sold.commission_fen,
    )  # fmt: skip


def sold_since(member_id: int | None, since: datetime) -> SoldFigures:
    """Orders, sales and commission since an instant, of one distributor or of all."""
    orders = _row(
        Order.select(fn.COUNT(SQL("1")), _sum(Order.payable_fen - Order.freight_fen)).where(
            (Order.paid_at >= since) & _mine(Order.seller, member_id)
        )
    )
    # The state is tested in the sum: as a filter, SQLite would read all commission there is
    # (ADR 0009).
    net = Case(
        None, [(Commission.state.in_(EARNED), Commission.amount_fen - Commission.taken_fen)], 0
    )
    earned = _row(
        Commission.select(_sum(net))
        .where(_of(Commission.member, member_id, Commission.created_at >= since))
    )  # fmt: skip
    return SoldFigures(orders=orders[0], sales_fen=orders[1], commission_fen=earned[0])


def sold_in_a_month() -> SoldFigures:
    """Sales and commission of all distributors, today and on the 29 days before."""
    today = clock.business_day(clock.now())
    return sold_since(None, clock.day_start(today - timedelta(days=29)))


def place_this_month(member_id: int) -> Place:
    """A distributor's place by own sales among the active distributors of this calendar month.

    It counts what was paid without freight. People recruited do not count anywhere.
    """
    since = clock.day_start(clock.business_day(clock.now()).replace(day=1))
    mine = sold_since(member_id, since)
    found = statements.places.first(mine.sales_fen, since)
    place = int(found.ahead or 0) + 1 if mine.sales_fen else None
    return Place(mine.orders, mine.sales_fen, place, int(found.sellers))


def merchant_figures() -> MerchantFigures:
    """What is owed to distributors, and what waits for a person."""
    stop = payouts.payout_stop()
    return MerchantFigures(
        **asdict(owed_figures()),
        withdrawals_to_review=Withdrawal.select().where(Withdrawal.state == "requested").count(),
        withdrawals_on_hold=Withdrawal.select().where(
            (Withdrawal.is_on_hold == True)  # noqa: E712
            & Withdrawal.state.in_(("requested", "approved"))
        ).count(),
        payouts_stopped=stop.is_stopped,
        stopped_why=stop.why,
    )  # fmt: skip


def owed_figures() -> OwedFigures:
    """The number of distributors, and the sums of their accounts in fen."""
    have, people = _sums(), _by_state()
    return OwedFigures(
        distributors=people.get("active", 0),
        applications=people.get("applied", 0),
        pending_fen=have.get("commission_pending", 0),
        available_fen=have.get("available", 0),
        withdrawing_fen=have.get("withdrawing", 0),
        debt_fen=-have.get("debt", 0),
    )


def _mine(column: Any, member_id: int | None) -> Any:
    return column.is_null(False) if member_id is None else column == member_id


def _of(column: Any, member_id: int | None, since: Any) -> Any:
    """As ``_mine``, for columns without NULL: that test would keep the sum out of the index."""
    return since if member_id is None else since & (column == member_id)


def _sum(column: Any) -> Any:
    return fn.COALESCE(fn.SUM(column), 0)


def _row(query: Any) -> list[int]:
    return [int(value) for value in query.tuples().get()]


def _sums() -> dict[str, int]:
    """The sum of each kind of account over all distributors, in fen."""
    query: Any = (
        Account.select(Account.kind, _sum(Account.balance_fen))
        .where(Account.kind.in_(OWED)).group_by(Account.kind).tuples()
    )  # fmt: skip
    return {str(kind): int(fen) for kind, fen in query}


def _by_state() -> dict[str, int]:
    query: Any = (
        Distributor.select(Distributor.state, fn.COUNT(SQL("1")))
        .group_by(Distributor.state).tuples()
    )  # fmt: skip
    return {str(state): int(count) for state, count in query}
