"""Reconciliation with WeChat's bills (对账). See ``docs/algorithms/reconcile.md``."""

from domain.reconcile.asides import AsideView, mark_seen, unseen_asides
from domain.reconcile.flows import catch_up, reconcile_day, reconcile_since
from domain.reconcile.queries import (
    BillDay,
    BillLineView,
    bill_days,
    bill_line,
    gaps,
    has_readings,
    last_billed_day,
    open_lines,
    unread_days,
)
from domain.reconcile.recovery import Recovery, recover
from domain.reconcile.service import close_line, give_up_transfer, read_soon

__all__ = [
    "AsideView", "BillDay", "BillLineView", "Recovery", "bill_days", "bill_line", "catch_up",
    "close_line", "gaps", "give_up_transfer", "has_readings", "last_billed_day", "mark_seen",
    "open_lines", "read_soon", "reconcile_day", "reconcile_since", "recover", "unread_days",
    "unseen_asides",
]  # fmt: skip
