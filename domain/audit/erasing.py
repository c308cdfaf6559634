"""What becomes of a deleted person in the logs: lines stay, marks and addresses go."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import or_
from typing import Any

from kernel.erasure import Blank, Kept, Mask, Person, Personal
from models import AuditEntry, SystemEvent


def _by_them(who: Person) -> Any:
    return AuditEntry.actor == f"member:{who.member_id}"


def _about(table: Any, who: Person) -> Any:
    """Lines whose target is the person, or something of theirs; by the targets' index."""
    targets: dict[str, list[str]] = defaultdict(list)
    for kind, number in who.subjects:
        targets[kind].append(number)
    parts = [(table.target_type == kind) & table.target_id.in_(numbers)
             for kind, numbers in targets.items()]  # fmt: skip
    return reduce(or_, parts, table.id < 0)


PERSONAL = Personal(
    "audit",
    rows=(Blank(AuditEntry, _by_them, {"ip": None}),),
    masks=(
        Mask(AuditEntry, ("before", "after", "target_id"),
             lambda who: _about(AuditEntry, who) | _by_them(who)),
        Mask(SystemEvent, ("facts", "target_id"), lambda who: _about(SystemEvent, who)),
    ),
    kept=(
        Kept(AuditEntry, ("actor", "action", "target_type", "request_id"), "proof"),
        Kept(SystemEvent, ("source", "action", "target_type", "ip", "request_id"), "proof"),
    ),
)  # fmt: skip
