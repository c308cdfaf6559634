"""Orders that are collected at a place (到店自提); see ``docs/algorithms/pickups.md``."""

from domain.pickups.erasing import PERSONAL
from domain.pickups.queries import (
    Desk,
    PickupCounts,
    PickupRow,
    PickupView,
    check_pickups,
    code_of_buyer,
    count_pickups,
    list_pickups,
    pickup_by_code,
    pickup_detail,
    pickup_of_order,
    waiting_pickups,
)
from domain.pickups.rules import AGE_CHECKS, PICKUP, REFUSALS, STATES, Collector, PickupTimes
from domain.pickups.service import change_place, hand_over, mark_ready, refuse

__all__ = [
    "AGE_CHECKS", "PERSONAL", "PICKUP", "REFUSALS", "STATES", "Collector", "Desk",
    "PickupCounts", "PickupRow", "PickupTimes", "PickupView", "change_place", "check_pickups",
    "code_of_buyer", "count_pickups", "hand_over", "list_pickups", "mark_ready",
    "pickup_by_code", "pickup_detail", "pickup_of_order", "refuse", "waiting_pickups",
]  # fmt: skip
