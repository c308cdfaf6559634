"""Reads of distributors and their customers, for pages; customers' names are masked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from domain import ledger, members, payouts
from domain.distribution import statements
from domain.distribution.rules.binding import BindingFacts
from domain.distribution.service import names
from domain.distribution.service.naming import public_names
from domain.distribution.views import (
    BindingChange,
    CustomerCounts,
    CustomerView,
    DistributorRow,
    DistributorView,
    UplineView,
)
from kernel import clock
from kernel.fields import from_micros
from kernel.text import number_of
from models import Binding, BindingLog, Distributor, Grade

ID_MOST = 2**63 - 1
SHOWN_ACCOUNTS = ("commission_pending", "available", "debt")


def distributor(member_id: int) -> DistributorView | None:
    """The member as a distributor; None if they never applied."""
    row = statements.distributor.first(member_id)
    return None if row is None else _view(row, _grades(), payouts.payee_view(member_id))


def distributor_by_code(referral_code: str) -> DistributorView | None:
    """The active distributor with this referral code, or None."""
    row = Distributor.get_or_none(Distributor.referral_code == referral_code.strip().upper())
    if row is None or row.state != "active":
        return None
    return _view(row, _grades(), payouts.payee_view(row.member_id))


def own_referral_code(member_id: int) -> str | None:
    """The code that a member's shared pages carry; None for whoever may not sell now."""
    row = statements.referral_code.first(member_id, "active")
    if row is None or payouts.is_frozen(member_id):
        return None
    return str(row.referral_code)


def is_active(member_id: int) -> bool:
    """True for a distributor who is admitted and neither suspended nor gone."""
    row = statements.distributor_state.first(member_id)
    return row is not None and row.state == "active"


def list_grades() -> list[tuple[int, str]]:
    """The grades in the merchant's order."""
    rows = Grade.select().order_by(Grade.position, Grade.id)
    return [(row.id, row.name) for row in rows]


def list_customers(
    member_id: int, before: int | None = None, limit: int = 20
) -> list[CustomerView]:
    """An active distributor's customers who agreed to be seen, newest first (我的客户).

    All others are in ``customer_counts`` only.
    """
    if not names.sees_names(member_id):
        return []
    now, purpose = clock.now(), names.purpose_of(member_id)
    rows = statements.customers.all(member_id, purpose, now, before or ID_MOST, limit)
    return _customers(member_id, rows, names.notes_of(member_id, [row.member_id for row in rows]))


def list_customers_for_merchant(member_id: int, limit: int = 20) -> list[CustomerView]:
    """A distributor's customers, newest first, for the merchant, whose members they are."""
    rows = statements.all_customers.all(member_id, clock.now(), limit)
    return _customers(member_id, rows, {})


def _customers(member_id: int, rows: Sequence[Any], notes: dict[int, str]) -> list[CustomerView]:
    if not rows:
        return []
    ids = [row.member_id for row in rows]
    people, bought, seen = (
        members.member_views(ids),
        _purchases(ids, member_id),
        _last_visits(ids, member_id),
    )
    return [
        _customer(row, people[row.member_id], bought.get(row.member_id), seen, notes)
        for row in rows
        if row.member_id in people
    ]


def _customer(
    row: Any, who: members.MemberView, buys: Any, seen: dict[int, datetime], notes: dict[int, str]
) -> CustomerView:
    orders, spent, first, last = buys or (0, 0, None, None)
    pause = (last - first) / (orders - 1) if first and last and orders > 1 else timedelta(0)
    return CustomerView(
        binding_id=row.id,
        name=members.mask_middle(who.nickname) if who.nickname else who.masked_name,
        avatar=who.avatar,
        note=notes.get(row.member_id, ""),
        bound_at=row.bound_at,
        expires_at=row.expires_at,
        last_visit_at=seen.get(row.member_id),
        orders=orders,
        spent_fen=spent,
        last_order_at=last,
        due_again_at=last + pause if last and pause >= timedelta(days=1) else None,
    )


def customer_counts(member_id: int) -> CustomerCounts:
    """What every distributor sees of all their customers together."""
    now = clock.now()
    sold = statements.sold_to_customers.first(member_id)
    since = clock.day_start(clock.business_day(now) - timedelta(days=29))
    seen = statements.seen_customer_count.first(member_id, names.purpose_of(member_id), now)
    return CustomerCounts(
        all=customer_count(member_id),
        seen=int(seen.found),
        new=int(statements.new_customer_count.first(member_id, now, since).found),
        buyers=int(sold.buyers),
        orders=int(sold.orders),
        spent_fen=int(sold.fen),
    )


def customer_count(member_id: int) -> int:
    """The number of a distributor's customers now."""
    return int(statements.customer_count.first(member_id, clock.now()).found)


def upline_of(member_id: int) -> int | None:
    """The member's present upline, or None."""
    row = Binding.get_or_none(Binding.member == member_id)
    if row is None or not BindingFacts(row.p1_id, row.expires_at).is_valid(clock.now()):
        return None
    return int(row.p1_id)


def upline_with_history(member_id: int) -> UplineView:
    """A member's upline with cause, date, policy, end and history of the binding."""
    row = Binding.get_or_none(Binding.member == member_id)
    logs = list(
        BindingLog.select().where(BindingLog.member == member_id)
        .order_by(BindingLog.id.desc()).limit(50)
    )  # fmt: skip
    upline = row.p1_id if row is not None else None
    named = {i for log in logs for i in (log.from_member_id, log.to_member_id) if i}
    shown = names_for_others(named | ({upline} if upline else set()))
    made = next((log for log in logs if log.cause != "refused" and log.to_member_id == upline),
                None)  # fmt: skip
    return UplineView(
        upline_name=shown.get(upline) if upline else None,
        cause=made.cause if made and upline else None,
        policy=made.policy if made and upline else None,
        bound_at=row.bound_at if row is not None else None,
        expires_at=row.expires_at if row is not None else None,
        protected_until=row.protected_until if row is not None else None,
        is_valid=row is not None and BindingFacts(upline, row.expires_at).is_valid(clock.now()),
        history=[_change(log, shown) for log in logs],
    )


def list_distributors(
    state: str | None = None, words: str = "", before: int | None = None, limit: int = 50,
    *, name_state: str | None = None,
) -> list[DistributorRow]:  # fmt: skip
    """Distributors for the merchant, newest first, with balances and customers."""
    query = Distributor.select()
    if name_state:
        query = query.where(Distributor.name_state == name_state)
    if state:
        query = query.where(Distributor.state == state)
    if words:
        query = query.where(
            Distributor.display_name.contains(words)
            | (Distributor.referral_code == number_of(words))
        )
    if before is not None:
        query = query.where(Distributor.member < before)
    rows = list(query.order_by(Distributor.member.desc()).limit(limit))
    named, counts = _grades(), _customer_counts([row.member_id for row in rows])
    people = members.member_views(row.member_id for row in rows)
    held = ledger.member_balances(SHOWN_ACCOUNTS, people)
    paid = payouts.payee_views(people)
    return [
        DistributorRow(
            distributor=_view(row, named, paid.get(row.member_id)),
            name=people[row.member_id].shown_name,
            customers=counts.get(row.member_id, 0),
            pending_fen=held.get(("commission_pending", row.member_id), 0),
            available_fen=held.get(("available", row.member_id), 0),
            debt_fen=-held.get(("debt", row.member_id), 0),
        )
        for row in rows
    ]


def names_for_others(member_ids: set[int]) -> dict[int, str]:
    """Names that others may see: a distributor's display name, else a masked nickname."""
    masked = {i: face.name for i, face in members.public_profiles(member_ids).items()}
    chosen = Distributor.select().where(Distributor.member.in_(member_ids))
    return masked | public_names({d.member_id: d for d in chosen})


def _view(row: Any, named: dict[int, str], payee: payouts.PayeeView | None) -> DistributorView:
    return DistributorView(
        member_id=row.member_id,
        state=row.state,
        display_name=row.display_name,
        name_state=row.name_state,
        name_reason=row.name_reason,
        public_name=public_names({row.member_id: row})[row.member_id],
        referral_code=row.referral_code,
        payee_type=payee.type if payee else "individual",
        grade_id=row.grade_id,
        grade_name=named.get(row.grade_id),
        identity_masked=payee.identity_masked if payee else None,
        is_frozen=payee is not None and payee.is_frozen,
        terms_version=row.terms_version,
        applied_at=row.applied_at,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _change(log: Any, shown: dict[int, str]) -> BindingChange:
    return BindingChange(
        at=log.at,
        cause=log.cause,
        refusal=log.refusal,
        policy=log.policy,
        from_name=shown.get(log.from_member_id),
        to_name=shown.get(log.to_member_id),
        facts=log.facts or {},
    )


def _grades() -> dict[int, str]:
    return dict(list_grades())


def _purchases(ids: list[int], seller_id: int) -> dict[int, tuple[int, int, Any, Any]]:
    """By customer: orders paid through this seller, fen spent, first and last order."""
    return {
        row.member_id: (
            int(row.orders),
            int(row.fen),
            from_micros(row.first),
            from_micros(row.last),
        )
        for row in statements.purchases_by_customer.all(ids, seller_id)
    }


def _last_visits(ids: list[int], referrer_id: int) -> dict[int, datetime]:
    latest: dict[int, datetime] = {}
    for row in statements.last_touches.all(ids, referrer_id):
        latest[row.member_id] = max(row.last_at, latest.get(row.member_id, row.last_at))
    return latest


def _customer_counts(ids: list[int]) -> dict[int, int]:
    query: Any = (
        Binding.select(Binding.p1, fn.COUNT(Binding.id))
        .where(Binding.p1.in_(ids)).group_by(Binding.p1).tuples()
    )  # fmt: skip
    return {int(member): int(count) for member, count in query}
