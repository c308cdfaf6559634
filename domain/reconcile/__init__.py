"""Reconciliation with WeChat's bills (对账). See ``docs/algorithms/reconcile.md``."""

from domain.reconcile.asides import UnreadableLineView, list_unseen_lines, mark_line_seen
from domain.reconcile.flows import catch_up, reconcile_day, reconcile_since
from domain.reconcile.queries import (
    BillDay,
    BillLineView,
    bill_line_detail,
    has_readings,
    last_billed_day,
    list_bill_days,
    list_open_lines,
    overdue_days,
    unread_days,
)
from domain.reconcile.recovery import Recovery, recover
from domain.reconcile.service import close_line, give_up_transfer, reconcile_soon

__all__ = [
    "BillDay", "BillLineView", "Recovery", "UnreadableLineView", "bill_line_detail", "catch_up",
    "close_line", "give_up_transfer", "has_readings", "last_billed_day", "list_bill_days",
    "list_open_lines", "list_unseen_lines", "mark_line_seen", "overdue_days", "reconcile_day",
    "reconcile_since", "reconcile_soon", "recover", "unread_days",
]  # fmt: skip
