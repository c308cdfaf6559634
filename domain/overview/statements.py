"""Prepared SQL of the first page (`bench growth`); one statement reads many counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from peewee import SQL, Select, fn

from domain.payments import REFUND_WAITS
from kernel.store import database, prepared
from models import (
    AfterSale,
    AgeDoubt,
    BillLine,
    Distributor,
    MissedSentence,
    Order,
    OrderLine,
    OutboxRow,
    Payment,
    PayNotice,
    PayoutBill,
    PeriodicJob,
    PictureReview,
    Product,
    ProductDay,
    Refund,
    RightsRequest,
    SalesDay,
    ServiceTicket,
    Sku,
    Withdrawal,
)

DIFFERENCES = ("theirs_only", "ours_only", "amount_differs")
# States in which the merchant has to act.
CASES = ("requested", "returning", "unconfirmed", "received_back", "abnormal")
ASKED = ("open", "cooling")
SENT = ("paying", "cancelling")
EVER = datetime(2000, 1, 1, tzinfo=UTC)  # with "IS NOT NULL" SQLite would read every row


@prepared
def todo_counts(now: Any) -> Any:
    """Counts of what waits for a person, each by its index."""
    count, total = fn.COUNT(SQL("1")), fn.COALESCE(fn.SUM(Withdrawal.gross_fen), 0)
    requested, is_open = Withdrawal.state == "requested", ServiceTicket.state == "open"
    late = is_open & (ServiceTicket.due_at <= now)
    asked = RightsRequest.state == "open"
    unanswered = RightsRequest.state.in_(ASKED) & (RightsRequest.due_at <= now)
    low = ~Sku.is_removed & (Product.state == "on_shelf") & (Sku.stock <= Sku.low_stock)
    return _together(
        cases=AfterSale.select(count).where(AfterSale.state.in_(CASES)),
        returns_unconfirmed=AfterSale.select(count).where(AfterSale.state == "unconfirmed"),
        refunds_abnormal=Refund.select(count).where(Refund.state == "abnormal"),
        withdrawals=Withdrawal.select(count).where(requested),
        withdrawals_fen=Withdrawal.select(total).where(requested),
        applications=Distributor.select(count).where(Distributor.state == "applied"),
        low_stock=Sku.select(count).join(Product).where(low),
        tickets=ServiceTicket.select(count).where(is_open),
        tickets_late=ServiceTicket.select(count).where(late),
        requests=RightsRequest.select(count).where(asked),
        requests_late=RightsRequest.select(count).where(unanswered),
        dead=OutboxRow.select(count).where(OutboxRow.state == "dead"),
        differences=BillLine.select(count).where(BillLine.state.in_(DIFFERENCES)),
        ages=AgeDoubt.select(count).where(AgeDoubt.state == "waiting"),
        pictures=PictureReview.select(count).where(PictureReview.state == "waiting"),
        missed=MissedSentence.select(count).where(MissedSentence.state == "open"),
    )


@prepared
def trouble_counts(paid_since: Any, paid_until: Any) -> Any:
    """Counts of what goes wrong, each by its index, and when a job last ran.

    Calls to WeChat without a clear answer, uncertain transfers, payments of a time without a
    notification, and outbox rows that are retried.
    """
    count = fn.COUNT(SQL("1"))
    paying = (Payment.next_query_at >= EVER) & Payment.last_error.is_null(False)
    refunding = (Refund.next_query_at >= EVER) & Refund.last_error.is_null(False)
    refunding &= Refund.last_error.not_in(REFUND_WAITS)
    sent = PayoutBill.state.in_(SENT) & PayoutBill.fail_reason.is_null(False)
    came = PayNotice.select(PayNotice.id).where(PayNotice.out_number == Payment.out_trade_no)
    lately = (Payment.paid_at >= paid_since) & (Payment.paid_at <= paid_until)
    failed = (OutboxRow.state == "due") & (OutboxRow.attempts > 0)
    return _together(
        last_ran_at=PeriodicJob.select(fn.MAX(PeriodicJob.last_ran_at)),
        uncertain=PayoutBill.select(count).where(PayoutBill.uncertain_at >= EVER),
        payments=Payment.select(count).where(paying),
        refunds=Refund.select(count).where(refunding),
        payouts=PayoutBill.select(count).where(sent & PayoutBill.uncertain_at.is_null()),
        notices=Payment.select(count).where(lately & ~fn.EXISTS(came)),
        retried=OutboxRow.select(count).where(failed),
    )


def _together(**parts: Any) -> Any:
    """One row of figures, each from a query of its own."""
    return Select(columns=[part.alias(name) for name, part in parts.items()]).bind(database.obj)


@prepared
def closed_days(first: Any, last: Any) -> Any:
    """Stored sums of the days between two days."""
    return SalesDay.select(
        SalesDay.id, SalesDay.day, SalesDay.sales_fen, SalesDay.orders, SalesDay.visits
    ).where(SalesDay.day.between(first, last))


@prepared
def ends_of_orders(start: Any, end: Any, start_2: Any, end_2: Any) -> Any:
    """The first and last id of orders paid in each of two times."""
    return _ends(1, start, end).union_all(_ends(2, start_2, end_2))


def _ends(number: int, start: Any, end: Any) -> Any:
    """Without "+ 0" PostgreSQL would walk through the ids from the first order."""
    paid = (Order.paid_at >= start) & (Order.paid_at < end)
    first, last = fn.MIN(Order.id + 0), fn.MAX(Order.id + 0)
    which = SQL(str(number)).alias("number")
    return Order.select(which, first.alias("first"), last.alias("last")).where(paid)


@prepared
def sold_in_orders(first: Any, last: Any, start: Any, end: Any) -> Any:
    """Pieces and fen of each product in orders paid within a time, between two ids of orders."""
    return _sold(first, last, start, end)


@prepared
def best_sold(
    first_day: Any, last_day: Any,
    first: Any, last: Any, start: Any, end: Any,
    first_2: Any, last_2: Any, start_2: Any, end_2: Any, limit: Any,
) -> Any:  # fmt: skip
    """Products by fen paid on closed days, before them and after them.

    Each row also has the number of those closed days and the sum of their ids at that moment.
    """
    closed = SalesDay.day.between(first_day, last_day)
    on_closed = (
        ProductDay.select(
            ProductDay.product_id,
            fn.SUM(ProductDay.quantity).alias("pieces"),
            fn.SUM(ProductDay.paid_fen).alias("fen"),
        )
        .where(ProductDay.day.between(first_day, last_day))
        .group_by(ProductDay.product_id)
    )
    before = _sold(first, last, start, end)
    sold = on_closed.union_all(before).union_all(_sold(first_2, last_2, start_2, end_2))
    sold = sold.alias("sold")
    product_id, total = sold.c.product_id, fn.SUM(sold.c.fen)
    return (
        sold.select_from(
            product_id.alias("product_id"),
            fn.SUM(sold.c.pieces).alias("pieces"),
            total.alias("fen"),
            SalesDay.select(fn.COUNT(SQL("1"))).where(closed).alias("days"),
            SalesDay.select(fn.COALESCE(fn.SUM(SalesDay.id), 0)).where(closed).alias("ids"),
        )
        .group_by(product_id)
        .order_by(total.desc(), product_id)
        .limit(limit)
    )


def _sold(first: Any, last: Any, start: Any, end: Any) -> Any:
    """Bought lines only; the bounds on order ids keep PostgreSQL from reading every line."""
    paid = Order.select(Order.id).where((Order.paid_at >= start) & (Order.paid_at < end))
    mine = OrderLine.order.between(first, last) & OrderLine.order.in_(paid)
    return (
        OrderLine.select(
            OrderLine.product.alias("product_id"),
            fn.SUM(OrderLine.quantity).alias("pieces"),
            fn.SUM(OrderLine.paid_fen).alias("fen"),
        )
        .where(mine & (OrderLine.kind == "bought"))
        .group_by(OrderLine.product)
    )


@prepared
def forget_products(days: Any) -> Any:
    """Delete the sums of products of some days."""
    return ProductDay.delete().where(ProductDay.day.in_(days))


@prepared
def forget_sales(days: Any) -> Any:
    """Delete the sums of sales of some days."""
    return SalesDay.delete().where(SalesDay.day.in_(days))
