"""Whether members are of age (成年核验): doubts, proofs, and what is held meanwhile."""

from domain.adults.erasing import PERSONAL
from domain.adults.flows import check_age
from domain.adults.ports import IdentityCheckPort
from domain.adults.queries import (
    DoubtView,
    MemberDoubt,
    TryView,
    count_waiting,
    doubt_detail,
    doubt_of,
    held_members,
    list_doubts,
    open_doubt_id,
    tries_of,
    unanswered_calls,
)
from domain.adults.rules import AdultChecks, Person, Verdict
from domain.adults.service import (
    clear_by_hand,
    doubt_by_staff,
    doubt_what_was_told,
    is_held,
    refuse_by_hand,
    refuse_if_held,
)

__all__ = [
    "PERSONAL", "AdultChecks", "DoubtView", "IdentityCheckPort", "MemberDoubt", "Person",
    "TryView", "Verdict", "check_age", "clear_by_hand", "count_waiting", "doubt_by_staff",
    "doubt_detail", "doubt_of", "doubt_what_was_told", "held_members", "is_held", "list_doubts",
    "open_doubt_id", "refuse_by_hand", "refuse_if_held", "tries_of", "unanswered_calls",
]  # fmt: skip
