"""What becomes of a deleted person in proposals about them."""

from __future__ import annotations

from typing import Any

from kernel.erasure import Kept, Mask, Person, Personal
from models import Proposal


def _about(who: Person) -> Any:
    return Proposal.subject.in_([f"{kind}:{number}" for kind, number in who.subjects])


PERSONAL = Personal(
    "approvals",
    masks=(Mask(Proposal, ("payload", "reason", "decision_reason", "result"), _about),),
    kept=(
        Kept(Proposal, (
            "kind", "subject", "open_key", "cause", "proposed_by", "state", "decided_by",
        ), "proof"),
    ),
)  # fmt: skip
