"""Reads of withdrawals, for their owner and for finance (提现记录)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain import members, payouts, settings
from domain.distribution.service.payout_source import SOURCE
from domain.distribution.views import WithdrawalView
from domain.payments import numbers_with_notice
from kernel.errors import NotFound
from kernel.finding import Found, Sought
from kernel.store import UNSORTED, Sorting, sorted_page
from models import Withdrawal, WithdrawalLog


def list_withdrawals_of_member(
    member_id: int, before: int | None = None, limit: int = 20
) -> list[WithdrawalView]:
    """A distributor's withdrawals, newest first."""
    return _views(Withdrawal.member == member_id, Sorting(after_id=before), limit)


def withdrawal_detail(withdrawal_id: int, member_id: int | None = None) -> WithdrawalView:
    """One withdrawal with its log, for its owner or the merchant. Raises NotFound."""
    mine = Withdrawal.id == withdrawal_id
    if member_id is not None:
        mine &= Withdrawal.member == member_id
    found = _views(mine, UNSORTED, 1, with_steps=True)
    if not found:
        raise NotFound("withdrawal_missing")
    return found[0]


def list_withdrawals(
    state: str | None = None,
    sort: Sorting = UNSORTED,
    limit: int = 50,
    *,
    on_hold: bool | None = None,
    uncertain: bool = False,
    ids: Sequence[int] | None = None,
) -> list[WithdrawalView]:
    """Withdrawals for finance, newest first or by ``gross``: of one state, held, or uncertain."""
    chosen: Any = Withdrawal.id > 0
    if state:
        chosen &= Withdrawal.state == state
    if on_hold is not None:
        chosen &= Withdrawal.is_on_hold == on_hold
    if ids is not None:
        chosen &= Withdrawal.id.in_(list(ids))
    if uncertain:
        bills = [bill for bill in payouts.uncertain_bills() if bill.source == SOURCE]
        chosen &= Withdrawal.id.in_([bill.source_id for bill in bills])
    return _views(chosen, sort, limit)


def list_payroll_withdrawals() -> list[WithdrawalView]:
    """Employees' approved withdrawals, to be paid with wages; without frozen people (工资代发)."""
    chosen = (
        (Withdrawal.channel == "payroll") & (Withdrawal.state == "approved")
        & (Withdrawal.is_on_hold == False)  # noqa: E712
        & Withdrawal.member.not_in(payouts.frozen_members())
    )  # fmt: skip
    return _views(chosen, UNSORTED, 1000)


def _views(
    chosen: Any, sort: Sorting, limit: int, *, with_steps: bool = False
) -> list[WithdrawalView]:
    field = {"gross": Withdrawal.gross_fen}.get(sort.name, Withdrawal.id)
    rows = sorted_page(Withdrawal.select().where(chosen), field, sort, Withdrawal.id, limit)
    people = members.member_views(row.member_id for row in rows)
    bills = payouts.bills_of(SOURCE, [row.id for row in rows])
    limit_fen = settings.get(settings.PayoutBrakes).second_person_from_fen
    noticed = numbers_with_notice([b.out_bill_no for b in bills.values() if b.sent_at])
    views = []
    for row in rows:
        bill = bills.get(row.id)
        if with_steps and bill is not None:
            bill = payouts.bill_detail(bill.id)
        view = _view(row, people[row.member_id].shown_name, limit_fen, bill)
        steps = _steps(row.id, bill) if with_steps else ()
        views.append(replace(view, steps=steps, is_noticed=row.out_bill_no in noticed))
    return views


def _view(
    row: Any, name: str, second_from_fen: int, bill: payouts.BillView | None
) -> WithdrawalView:
    same = {
        key: getattr(row, key)
        for key in (
            "id", "member_id", "out_bill_no", "channel", "state", "gross_fen", "taken_fen",
            "is_on_hold", "hold_reason", "hold_told", "hold_cause", "approved_by", "second_by",
            "requested_at", "approved_at", "fee_fen", "tax_fen", "net_fen",
        )
    }  # fmt: skip
    needs_second = row.gross_fen >= second_from_fen and row.approved_by not in (None, "system")
    return WithdrawalView(
        **same,
        **_bill_values(bill),
        returned_at=row.returned_at,
        name=name,
        tax=(row.tax or {}) | (bill.tax if bill is not None else {}),
        needs_second=row.state == "requested" and needs_second,
    )


def _bill_values(bill: payouts.BillView | None) -> dict[str, Any]:
    """The fields that come from the bill; None without a bill."""
    names = (
        "fail_reason", "package_info", "sent_at", "paid_at", "next_query_at", "uncertain_at",
        "given_up_by",
    )  # fmt: skip
    if bill is None:
        return dict.fromkeys(names)
    found = {name: getattr(bill, name) for name in names}
    found["is_granted"] = bill.channel == "granted"
    return found | {"bill_id": bill.id, "open_calls": bill.open_calls}


def _steps(withdrawal_id: int, bill: payouts.BillView | None) -> tuple[payouts.StepView, ...]:
    """The log of the request, then of its bill without the row that made it."""
    rows = WithdrawalLog.select().where(WithdrawalLog.withdrawal == withdrawal_id)
    own = [
        payouts.StepView(row.at, row.from_state, row.to_state, row.actor, row.why, row.facts or {})
        for row in rows.order_by(WithdrawalLog.id)
    ]
    made = bill.steps if bill is not None else ()
    sent = [_as_shown(step) for step in made if step.from_state is not None]
    return tuple(sorted([*own, *sent], key=lambda step: step.at))


def _as_shown(step: payouts.StepView) -> payouts.StepView:
    shown = {"made": "approved"}
    return replace(
        step,
        from_state=shown.get(step.from_state or "", step.from_state),
        to_state=shown.get(step.to_state, step.to_state),
    )


def find_withdrawals(sought: Sought, limit: int) -> list[Found]:
    """By our number, or that of WeChat's transfer bill."""
    rows = list(Withdrawal.select().where(Withdrawal.id.in_(ids_of_withdrawals(sought, limit))))
    people = members.member_views(row.member_id for row in rows)
    return [
        Found(str(row.id), row.out_bill_no, people[row.member_id].masked_name, row.state,
              row.gross_fen, row.requested_at)
        for row in rows
    ]  # fmt: skip


def ids_of_withdrawals(sought: Sought, limit: int) -> list[int]:
    """Withdrawals with this number, each meaning by an index of its own."""
    if not sought.number:
        return []
    mine = Withdrawal.select(Withdrawal.id).where(Withdrawal.out_bill_no == sought.number)
    ids = {int(row.id) for row in mine.limit(limit)}
    return sorted(ids | set(payouts.sources_of_transfer(SOURCE, sought.number)))
