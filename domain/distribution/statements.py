"""Prepared SQL of distribution: sales, bindings, customers."""

from __future__ import annotations

from typing import Any

from peewee import SQL, Case, fn

from kernel.store import is_sqlite, prepared
from models import (
    Arrival,
    Binding,
    Commission,
    CommissionRule,
    Consent,
    Distributor,
    LevelsSwitch,
    Order,
    Product,
    Sku,
    Touch,
)


@prepared
def active(member_ids: Any) -> Any:
    """Those of these members who are active distributors."""
    chosen = Distributor.member.in_(member_ids) & (Distributor.state == "active")
    return Distributor.select(Distributor.member).where(chosen)


@prepared
def distributor(member_id: Any) -> Any:
    """A member as a distributor."""
    return Distributor.select().where(Distributor.member == member_id)


@prepared
def levels_switch() -> Any:
    """The last signature for a number of paid levels."""
    return LevelsSwitch.select(LevelsSwitch.levels).order_by(LevelsSwitch.id.desc()).limit(1)


@prepared
def product_for_preview(product_id: Any) -> Any:
    """A product's category."""
    return Product.select(Product.id, Product.category).where(Product.id == product_id)


@prepared
def prices_of_product(product_id: Any) -> Any:
    """The SKUs of a product that are not removed, with their list prices."""
    present = (Sku.product == product_id) & (Sku.is_removed == False)  # noqa: E712
    return Sku.select(Sku.id, Sku.price_fen).where(present)


def _may_apply(sku_ids: Any, product_ids: Any, category_ids: Any) -> Any:
    """The condition for active rules whose scope covers one of these."""
    wanted = CommissionRule.scope == "all"
    for scope, ids in (("sku", sku_ids), ("product", product_ids), ("category", category_ids)):
        wanted |= (CommissionRule.scope == scope) & CommissionRule.target_id.in_(ids)
    return wanted & (CommissionRule.is_active == True)  # noqa: E712


@prepared
def rules_in_force(sku_ids: Any, product_ids: Any, category_ids: Any, at: Any) -> Any:
    """The active rules that could apply to some lines at an instant."""
    wanted = _may_apply(sku_ids, product_ids, category_ids)
    return CommissionRule.select().where(wanted & (CommissionRule.effective_at <= at))


@prepared
def next_rule(sku_ids: Any, product_ids: Any, category_ids: Any, now: Any) -> Any:
    """The first announced rule that could apply to some lines."""
    wanted = _may_apply(sku_ids, product_ids, category_ids)
    return (
        CommissionRule.select(CommissionRule.effective_at)
        .where(wanted & (CommissionRule.effective_at > now))
        .order_by(CommissionRule.effective_at)
        .limit(1)
    )


@prepared
def earners(order_id: Any, state: Any) -> Any:
    """The earners of an order's commission in a state."""
    same = (Commission.order == order_id) & (Commission.state == state)
    return Commission.select(Commission.member).where(same)


@prepared
def commissions(order_id: Any, state: Any) -> Any:
    """An order's commission in a state, by id."""
    same = (Commission.order == order_id) & (Commission.state == state)
    return Commission.select().where(same).order_by(Commission.id)


@prepared
def change_commission_state(order_id: Any, before: Any, after: Any) -> Any:
    """Move all commission of an order from one state to another."""
    same = (Commission.order == order_id) & (Commission.state == before)
    return Commission.update(state=after).where(same)


def is_binding_valid(now: Any) -> Any:
    """The condition that a binding has not ended."""
    return Binding.expires_at.is_null() | (Binding.expires_at > now)


@prepared
def binding(member_id: Any) -> Any:
    """A member's binding."""
    return Binding.select().where(Binding.member == member_id)


@prepared
def open_question(member_id: Any, now: Any) -> Any:
    """A member's valid binding, if they have not said yet what the upline may see."""
    return Binding.select(Binding.id).where(
        (Binding.member == member_id) & Binding.p1.is_null(False) & Binding.asked_at.is_null()
        & is_binding_valid(now)
    )  # fmt: skip


@prepared
def answer_names(row_id: Any, version: Any, at: Any) -> Any:
    """Keep that a member answered about this upline."""
    same = (Binding.id == row_id) & (Binding.version == version)
    return Binding.update(asked_at=at).where(same)


@prepared
def bindings_to_change(ids: Any) -> Any:
    """Bindings, locked in the order of their ids."""
    query = Binding.select().where(Binding.id.in_(ids)).order_by(Binding.id)
    return query if is_sqlite() else query.for_update()


@prepared
def move_binding(
    row_id: Any, version: Any, p1: Any, p2: Any, p3: Any, now: Any, expires: Any, protected: Any
) -> Any:
    """Change a binding if its version is still the one that was read."""
    return Binding.update(
        p1=p1, p2=p2, p3=p3, version=Binding.version + 1, bound_at=now, expires_at=expires,
        protected_until=protected, asked_at=None,
    ).where((Binding.id == row_id) & (Binding.version == version))  # fmt: skip


@prepared
def move_children(member_id: Any, p2: Any, p3: Any) -> Any:
    """Update p2 and p3 of the members directly below."""
    return Binding.update(p2=p2, p3=p3).where(Binding.p1 == member_id)


@prepared
def move_grandchildren(member_id: Any, p3: Any) -> Any:
    """Update p3 of the members two steps below."""
    return Binding.update(p3=p3).where(Binding.p2 == member_id)


@prepared
def one_customer(member_id: Any) -> Any:
    """One customer of a distributor, if there is any."""
    return Binding.select(Binding.id).where(Binding.p1 == member_id).limit(1)


@prepared
def distributor_state(member_id: Any) -> Any:
    """A distributor's state."""
    return Distributor.select(Distributor.state).where(Distributor.member == member_id)


def agreed(purpose: Any) -> Any:
    """The condition that the customer of a binding agreed to a purpose."""
    return fn.EXISTS(
        Consent.select(SQL("1")).where(
            (Consent.member == Binding.member) & (Consent.purpose == purpose)
            & Consent.withdrawn_at.is_null()
        )
    )  # fmt: skip


@prepared
def customers(member_id: Any, purpose: Any, now: Any, before: Any, limit: Any) -> Any:
    """A distributor's own customers who agreed to be seen, newest first."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now) & (Binding.id < before)
    return (
        Binding.select(Binding.id, Binding.member, Binding.bound_at, Binding.expires_at)
        .where(mine & agreed(purpose))
        .order_by(Binding.id.desc())
        .limit(limit)
    )


@prepared
def customer_count(member_id: Any, now: Any) -> Any:
    """The number of a distributor's customers now."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now)
    return Binding.select(fn.COUNT(Binding.p1).alias("found")).where(mine)


@prepared
def all_customers(member_id: Any, now: Any, limit: Any) -> Any:
    """A distributor's own customers, newest first."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now)
    return (
        Binding.select(Binding.id, Binding.member, Binding.bound_at, Binding.expires_at)
        .where(mine).order_by(Binding.id.desc()).limit(limit)
    )  # fmt: skip


@prepared
def seen_customer_count(member_id: Any, purpose: Any, now: Any) -> Any:
    """The number of a distributor's customers now who agreed to be seen."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now)
    return Binding.select(fn.COUNT(Binding.p1).alias("found")).where(mine & agreed(purpose))


@prepared
def new_customer_count(member_id: Any, now: Any, since: Any) -> Any:
    """The number of a distributor's customers now who were bound since an instant."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now) & (Binding.bound_at >= since)
    return Binding.select(fn.COUNT(Binding.p1).alias("found")).where(mine)


@prepared
def sold_to_customers(seller_id: Any) -> Any:
    """A seller's paid orders: buyers, orders, fen less refunds."""
    return Order.select(
        fn.COUNT(Order.member.distinct()).alias("buyers"), fn.COUNT(Order.id).alias("orders"),
        fn.COALESCE(fn.SUM(Order.payable_fen - Order.refunded_fen), 0).alias("fen"),
    ).where((Order.seller == seller_id) & Order.paid_at.is_null(False))  # fmt: skip


@prepared
def places(sales_fen: Any, since: Any) -> Any:
    """Of the active distributors with sales since an instant: how many, and who sold for more."""
    fen = fn.SUM(Order.payable_fen - Order.freight_fen)
    # Grouped by an expression and before the join: else SQLite takes the index on sellers and
    # reads the whole history instead of the span of time.
    seller = fn.ABS(Order.seller)
    sold = (
        Order.select(seller.alias("seller"), fen.alias("fen"))
        .where(Order.paid_at >= since)
        .group_by(seller)
        .having(fen > 0)
        .alias("sold")
    )
    ahead = fn.SUM(Case(None, [(sold.c.fen > sales_fen, 1)], 0))
    return (
        Distributor.select(fn.COUNT(SQL("1")).alias("sellers"), ahead.alias("ahead"))
        .join(sold, on=(sold.c.seller == Distributor.member))
        .where(Distributor.state == "active")
    )


@prepared
def purchases_by_customer(member_ids: Any, seller_id: Any) -> Any:
    """Each customer's paid orders through a seller: number, fen, first and last."""
    return (
        Order.select(
            Order.member, fn.COUNT(Order.id).alias("orders"),
            fn.SUM(Order.payable_fen - Order.refunded_fen).alias("fen"),
            fn.MIN(Order.created_at).alias("first"), fn.MAX(Order.created_at).alias("last"),
        )
        .where(Order.member.in_(member_ids) & (Order.seller == seller_id))
        .where(Order.paid_at.is_null(False))
        .group_by(Order.member)
    )  # fmt: skip


@prepared
def referral_code(member_id: Any, state: Any) -> Any:
    """The code of a distributor in this state."""
    mine = (Distributor.member == member_id) & (Distributor.state == state)
    return Distributor.select(Distributor.referral_code).where(mine)


@prepared
def renew_arrival(member_id: Any, medium: Any, at: Any) -> Any:
    """Record a member's way in, if one was recorded before."""
    return Arrival.update(medium=medium, at=at).where(Arrival.member == member_id)


@prepared
def ways_of_member(member_id: Any, limit: Any) -> Any:
    """By what a member came in: the last touches by distributors, and by the account last.

    A row has the referrer (NULL: the account), what it was, and when, in microseconds.
    """
    latest = (
        Touch.select(Touch.referrer, Touch.source, Touch.last_at)
        .where(Touch.member == member_id).order_by(Touch.last_at.desc()).limit(limit)
        .alias("latest")
    )  # fmt: skip
    names = ("referrer_id", "source", "last_at")
    touches = latest.select_from(*[getattr(latest.c, name).alias(name) for name in names])
    by_account = Arrival.select(SQL("NULL"), Arrival.medium, Arrival.at)
    return touches.union_all(by_account.where(Arrival.member == member_id))


@prepared
def touch_of_seller(member_id: Any, referrer_id: Any) -> Any:
    """By what a member met one distributor last."""
    return (
        Touch.select(Touch.source)
        .where((Touch.member == member_id) & (Touch.referrer == referrer_id))
        .order_by(Touch.last_at.desc()).limit(1)
    )  # fmt: skip


@prepared
def last_touches(member_ids: Any, referrer_id: Any) -> Any:
    """The last touch of each customer by a referrer."""
    return Touch.select(Touch.member, Touch.last_at).where(
        Touch.member.in_(member_ids) & (Touch.referrer == referrer_id)
    )
