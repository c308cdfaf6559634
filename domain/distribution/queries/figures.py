"""Live figures: a distributor's own and the merchant's (数据看板)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peewee import Case, fn

from domain import ledger, settings
from domain.distribution.queries.people import customer_count
from domain.distribution.views import Figures, MerchantFigures, PeriodFigures
from domain.ledger import member_account
from kernel import clock
from models import Account, Binding, Commission, Distributor, Order, VisitDay, Withdrawal

EARNED = ("pending", "released")


def figures(member_id: int) -> Figures:
    """A distributor's visits, sales, orders, commission and balances, as of this moment."""
    today = clock.business_day(clock.now())
    withdrawn = Withdrawal.select(
        fn.COALESCE(fn.SUM(Withdrawal.gross_fen - Withdrawal.taken_fen), 0)
    ).where((Withdrawal.member == member_id) & (Withdrawal.state == "paid"))
    return Figures(
        today=period(member_id, clock.day_start(today)),
        week=period(member_id, clock.day_start(today - timedelta(days=6))),
        month=period(member_id, clock.day_start(today - timedelta(days=29))),
        pending_fen=ledger.balance(member_account("commission_pending", member_id)),
        available_fen=ledger.balance(member_account("available", member_id)),
        withdrawing_fen=ledger.balance(member_account("withdrawing", member_id)),
        withdrawn_fen=int(withdrawn.scalar()),
        debt_fen=-ledger.balance(member_account("debt", member_id)),
        customers=customer_count(member_id),
    )


def period(member_id: int | None, since: datetime) -> PeriodFigures:
    """What happened since an instant, for one distributor or for all."""
    day = clock.business_day(since).isoformat()
    visits = _row(
        VisitDay.select(_sum(VisitDay.visits), _sum(VisitDay.visitors))
        .where((VisitDay.day >= day) & _mine(VisitDay.referrer, member_id))
    )  # fmt: skip
    orders = _row(
        Order.select(fn.COUNT(Order.id), _sum(Order.payable_fen - Order.freight_fen)).where(
            (Order.paid_at >= since) & _mine(Order.seller, member_id)
        )
    )
    # asked for by state, SQLite would read every commission there ever was
    net = Case(
        None, [(Commission.state.in_(EARNED), Commission.amount_fen - Commission.taken_fen)], 0
    )
    earned = _row(
        Commission.select(_sum(net))
        .where((Commission.created_at >= since) & _mine(Commission.member, member_id))
    )  # fmt: skip
    bound = Binding.select().where((Binding.bound_at >= since) & _mine(Binding.p1, member_id))
    return PeriodFigures(
        visits=visits[0], visitors=visits[1], customers=bound.count(),
        orders=orders[0], sales_fen=orders[1], commission_fen=earned[0],
    )  # fmt: skip


def merchant_figures() -> MerchantFigures:
    """What distribution did and owes, and what waits for a person."""
    today = clock.business_day(clock.now())
    brakes = settings.get(settings.PayoutBrakes)
    return MerchantFigures(
        today=period(None, clock.day_start(today)),
        month=period(None, clock.day_start(today - timedelta(days=29))),
        distributors=Distributor.select().where(Distributor.state == "active").count(),
        applications=Distributor.select().where(Distributor.state == "applied").count(),
        pending_fen=_owed("commission_pending"),
        available_fen=_owed("available"),
        withdrawing_fen=_owed("withdrawing"),
        debt_fen=-_owed("debt"),
        withdrawals_to_review=Withdrawal.select().where(Withdrawal.state == "requested").count(),
        withdrawals_on_hold=Withdrawal.select().where(
            (Withdrawal.is_on_hold == True)  # noqa: E712
            & Withdrawal.state.in_(("requested", "approved"))
        ).count(),
        payouts_stopped=brakes.is_stopped,
        stopped_why=brakes.stopped_why,
    )  # fmt: skip


def _mine(column: Any, member_id: int | None) -> Any:
    return column.is_null(False) if member_id is None else column == member_id


def _sum(column: Any) -> Any:
    return fn.COALESCE(fn.SUM(column), 0)


def _row(query: Any) -> list[int]:
    return [int(value) for value in query.tuples().get()]


def _owed(kind: str) -> int:
    return int(Account.select(_sum(Account.balance_fen)).where(Account.kind == kind).scalar())
