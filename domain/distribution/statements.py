"""Prepared SQL of distribution: sales, bindings, customers."""

from __future__ import annotations

from typing import Any

from peewee import fn

from kernel.store import is_sqlite, prepared
from models import Binding, Commission, Distributor, Order, Touch


@prepared
def active(member_ids: Any) -> Any:
    """Those of these members who are active distributors."""
    chosen = Distributor.member.in_(member_ids) & (Distributor.state == "active")
    return Distributor.select(Distributor.member).where(chosen)


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
        protected_until=protected,
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


@prepared
def customers(member_id: Any, now: Any, before: Any, limit: Any) -> Any:
    """A distributor's own customers, newest first."""
    return (
        Binding.select(Binding.id, Binding.member, Binding.bound_at, Binding.expires_at)
        .where((Binding.p1 == member_id) & is_binding_valid(now) & (Binding.id < before))
        .order_by(Binding.id.desc())
        .limit(limit)
    )


@prepared
def active_distributors(member_ids: Any) -> Any:
    """Those of these members who are active distributors."""
    return Distributor.select(Distributor.member).where(
        Distributor.member.in_(member_ids) & (Distributor.state == "active")
    )


@prepared
def customer_count(member_id: Any, now: Any) -> Any:
    """The number of a distributor's customers now."""
    mine = (Binding.p1 == member_id) & is_binding_valid(now)
    return Binding.select(fn.COUNT(Binding.p1).alias("found")).where(mine)


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
def last_touches(member_ids: Any, referrer_id: Any) -> Any:
    """The last touch of each customer by a referrer."""
    return Touch.select(Touch.member, Touch.last_at).where(
        Touch.member.in_(member_ids) & (Touch.referrer == referrer_id)
    )
