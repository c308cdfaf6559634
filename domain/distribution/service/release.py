"""The run that releases commission: freeze over, no open case, debt paid first (解冻)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from domain import after_restore_hold, ledger, payouts
from domain.distribution.notices import CommissionReleased
from domain.distribution.service.admission import lock_wallets
from domain.ledger import Posting, member_account
from domain.notices import notify
from kernel import clock
from kernel.store import lock_rows
from models import AfterSale, AfterSaleLine, Commission, Order

OPEN_CASE = (
    "requested", "approved", "returning", "unconfirmed", "received_back", "refunding", "abnormal",
)  # fmt: skip


def release_cutoff(now: datetime) -> datetime:
    """The cut of cycle ``none``, which is daily: freezes that ended by the last midnight."""
    return clock.day_start(clock.business_day(now))


def first_release_after(frozen_until: datetime) -> datetime:
    """The first run that can release commission whose freeze ends at this instant."""
    day = clock.business_day(frozen_until)
    start = clock.day_start(day)
    return start if start == frozen_until else clock.day_start(day + timedelta(days=1))


def release_due(limit: int = 200) -> int:
    """Release up to ``limit`` due lines, each as a whole; returns how many.

    Lines with an open after-sales case wait, and so does everything of a frozen person. Debt is
    paid first.
    """
    if after_restore_hold.is_held():
        return 0
    now = clock.now()
    found = list(
        Commission.select(Commission.id, Commission.member)
        .where(_is_releasable(release_cutoff(now)))
        .order_by(Commission.id)
        .limit(limit)
    )
    if not found:
        return 0
    lock_wallets({row.member_id for row in found})
    rows = [
        row for row in lock_rows(Commission, [row.id for row in found]) if row.state == "pending"
    ]
    _book(rows, now)
    return len(found)


def open_case_on_line() -> Any:
    """The condition that a commission's line has an open after-sales case."""
    return fn.EXISTS(
        AfterSaleLine.select(AfterSaleLine.id)
        .join(AfterSale)
        .where((AfterSaleLine.line == Commission.line) & AfterSale.state.in_(OPEN_CASE))
    )


def _is_releasable(cut: datetime) -> Any:
    return (
        (Commission.state == "pending")
        & (Commission.frozen_until <= cut)
        & ~open_case_on_line()
        & Commission.member.not_in(payouts.frozen_members())
    )


def _book(rows: list[Any], now: datetime) -> None:
    owed = {row.member_id: 0 for row in rows}
    for member_id in owed:
        owed[member_id] = -ledger.balance(member_account("debt", member_id))
    postings: list[Posting] = []
    freed: dict[int, list[int]] = defaultdict(list)
    sold: dict[int, list[str]] = defaultdict(list)
    order_of = _order_numbers(rows)
    for row in rows:
        left = row.amount_fen - row.taken_fen
        to_debt = min(left, owed[row.member_id])
        owed[row.member_id] -= to_debt
        postings += _postings(row, to_debt, left - to_debt)
        freed[row.member_id].append(left)
        sold[row.member_id].append(order_of[row.order_id])
        Commission.update(state="released", released_at=now).where(
            (Commission.id == row.id) & (Commission.state == "pending")
        ).execute()
    ledger.post(postings, "release", int(f"{clock.business_day(now):%Y%m%d}"))
    for member_id, amounts in freed.items():
        orders = list(dict.fromkeys(sold[member_id]))
        others = f" +{len(orders) - 1}" if orders[1:] else ""  # WeChat's field takes no Chinese
        notify(member_id, CommissionReleased(
            fen=sum(amounts), lines=len(amounts), order_no=f"{orders[0]}{others}"))  # fmt: skip


def _order_numbers(rows: list[Any]) -> dict[int, str]:
    """The numbers of these rows' orders."""
    mine = Order.id.in_(sorted({row.order_id for row in rows}))
    query: Any = Order.select(Order.id, Order.order_no).where(mine)
    return {int(order_id): str(order_no) for order_id, order_no in query.tuples()}


def _postings(row: Any, to_debt: int, to_available: int) -> list[Posting]:
    pending = member_account("commission_pending", row.member_id)
    key = f"release:{row.line_id}:{row.level}"
    made = []
    if to_debt:
        debt = member_account("debt", row.member_id)
        made.append(Posting(f"{key}:d", pending, debt, to_debt, "release_to_debt"))
    if to_available:
        available = member_account("available", row.member_id)
        made.append(Posting(f"{key}:a", pending, available, to_available, "release"))
    return made
