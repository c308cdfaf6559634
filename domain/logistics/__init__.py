"""Places where orders are collected (自提点): hours, areas, the nearest one, who works there."""

from domain.logistics.queries import (
    PlaceView,
    list_places,
    nearest_places,
    open_place,
    place,
    places_of_staff,
    staff_of_place,
)
from domain.logistics.rules import DAYS, Opening, PlaceForm, opening
from domain.logistics.service import add_place, close_place, edit_place, reopen_place, set_staff

__all__ = [
    "DAYS", "Opening", "PlaceForm", "PlaceView", "add_place", "close_place", "edit_place",
    "list_places", "nearest_places", "open_place", "opening", "place", "places_of_staff",
    "reopen_place", "set_staff", "staff_of_place",
]  # fmt: skip
