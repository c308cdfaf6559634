"""What an order takes (占用): stock, and later coupons, points, quotas and places.

Orders and after-sales call the four verbs and know no kind by name; a kind sees an order as a
``ReservingOrder``. See ``docs/algorithms/reservations.md``.
"""

from domain.reservations.kinds import (
    Back,
    Claim,
    Reservation,
    ReservingLine,
    ReservingOrder,
    Take,
)
from domain.reservations.records import StoredTake, raise_given_back, raise_line_totals, takes_of
from domain.reservations.service import give_back, hold, install, record, release, take

__all__ = [
    "Back", "Claim", "Reservation", "ReservingLine", "ReservingOrder", "StoredTake", "Take",
    "give_back", "hold", "install", "raise_given_back", "raise_line_totals", "record", "release",
    "take", "takes_of",
]  # fmt: skip
