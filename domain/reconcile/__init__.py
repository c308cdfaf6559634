"""Reconciliation with WeChat's bills (对账). See ``docs/algorithms/reconcile.md``."""

from domain.reconcile.asides import UnreadableLineView, list_unseen_lines, mark_line_seen
from domain.reconcile.days import (
    has_readings,
    last_billed_day,
    lost_days,
    overdue_days,
    unread_days,
)
from domain.reconcile.erasing import PERSONAL
from domain.reconcile.finding import find_differences
from domain.reconcile.flows import catch_up, reconcile_day, reconcile_since
from domain.reconcile.pages import page_of_line
from domain.reconcile.queries import (
    DayView,
    DifferenceFilter,
    DifferenceView,
    FileView,
    count_differences,
    day_detail,
    difference_detail,
    list_days,
    list_differences,
)
from domain.reconcile.recovery import Recovery, recover
from domain.reconcile.service import (
    close_difference,
    give_up_transfer,
    note_difference,
    read_day_again,
    read_unread_days,
    take_difference,
)

__all__ = [
    "PERSONAL", "DayView", "DifferenceFilter", "DifferenceView", "FileView", "Recovery",
    "UnreadableLineView", "catch_up", "close_difference", "count_differences", "day_detail",
    "difference_detail", "find_differences", "give_up_transfer", "has_readings", "last_billed_day",
    "list_days", "list_differences", "list_unseen_lines", "lost_days", "mark_line_seen",
    "note_difference", "overdue_days", "page_of_line", "read_day_again", "read_unread_days",
    "reconcile_day", "reconcile_since", "recover", "take_difference", "unread_days",
]  # fmt: skip
