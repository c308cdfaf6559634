"""Reconciling with WeChat's bills (对账). ``docs/algorithms/reconcile.md`` is the prose."""

from domain.reconcile.flows import reconcile_day, reconcile_since
from domain.reconcile.queries import BillDay, BillLineView, bill_days, open_lines
from domain.reconcile.recovery import Recovery, recover
from domain.reconcile.service import close_line

__all__ = [
    "BillDay", "BillLineView", "Recovery", "bill_days", "close_line", "open_lines",
    "reconcile_day", "reconcile_since", "recover",
]  # fmt: skip
