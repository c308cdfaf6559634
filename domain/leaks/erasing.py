"""What becomes of a deleted member's part in a leak: that they were told stays as proof."""

from __future__ import annotations

from kernel.erasure import Blank, Kept, Personal
from models import LeakPerson

PERSONAL = Personal(
    "leaks",
    rows=(
        Blank(LeakPerson, lambda who: LeakPerson.member == who.member_id, {"note": None}),
    ),
    kept=(Kept(LeakPerson, ("state", "carrier", "fault"), "proof"),),
)  # fmt: skip
