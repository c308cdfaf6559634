"""What becomes of a deleted member's doubts of age: the outcome stays, hashes and words go."""

from __future__ import annotations

from kernel.erasure import Blank, Drop, Kept, Personal
from models import AgeDoubt, AgeTry

PERSONAL = Personal(
    "adults",
    rows=(
        Drop(AgeTry, lambda who: AgeTry.member == who.member_id),
        Blank(AgeDoubt, lambda who: AgeDoubt.member == who.member_id,
              {"reason": "", "ground": None}),
    ),
    kept=(
        Kept(AgeDoubt, (
            "state", "cause", "order_no", "raised_by", "ended_how", "ended_by",
        ), "proof"),
    ),
)  # fmt: skip
