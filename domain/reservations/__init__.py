"""What an order takes (占用): stock, and later coupons, points, quotas and places.

Orders and after-sales call the four verbs and know no kind by name; a kind sees an order as a
``TakingOrder``. See ``docs/algorithms/reservations.md``.
"""

from domain.reservations.kinds import (
    Back,
    Claim,
    Reservation,
    Take,
    TakenLine,
    TakingOrder,
)
from domain.reservations.records import Taken, bring_back_to, bring_to, takes_of
from domain.reservations.service import give_back, hold, install, record, release, take

__all__ = [
    "Back", "Claim", "Reservation", "Take", "Taken", "TakenLine", "TakingOrder", "bring_back_to",
    "bring_to", "give_back", "hold", "install", "record", "release", "take", "takes_of",
]  # fmt: skip
