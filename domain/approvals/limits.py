"""Changes of limits that protect money; the owner is notified (上限变更)."""

from __future__ import annotations

from typing import Any

from domain import settings, staff
from domain.approvals.notices import LimitsChanged
from domain.notices import notify_owner
from domain.settings import PayoutBrakes, RefundBrakes, StaffCeilings, Switches
from kernel import context

LIMITS: frozenset[type[Switches]] = frozenset({PayoutBrakes, RefundBrakes, StaffCeilings})


def change_switches(
    group: type[Switches], values: dict[str, Any], *, version: int | None = None
) -> None:
    """Change a group's settings as ``settings.change`` does; changed limits notify the owner.

    Raises Invalid('setting_bad', field), Conflict('setting_moved').
    """
    before = settings.fresh(group)
    after = settings.change(group, values, version=version)
    if group in LIMITS and after != before:
        who = staff.name_of(context.actor.get())
        notify_owner(LimitsChanged(who=who, code=group.KEY))
