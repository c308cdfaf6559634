"""What becomes of a deleted person in lines of WeChat's bills."""

from __future__ import annotations

from kernel.erasure import Kept, Mask, Personal
from models import BillAside, BillLine

PERSONAL = Personal(
    "reconcile",
    masks=(Mask(BillAside, ("content", "facts")), Mask(BillLine, ("note", "closed_reason"))),
    kept=(
        Kept(BillLine, (
            "bill_day", "mchid", "kind", "out_number", "state", "owner", "ended_how", "closed_by",
        ), "accounting"),
        Kept(BillAside, (
            "bill_day", "mchid", "bill", "digest", "reason", "seen_by",
        ), "accounting"),
    ),
)  # fmt: skip
