"""Places where orders are collected: added, changed, closed, staffed (自提点)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domain import audit, staff
from domain.logistics.queries import staff_of_place
from domain.logistics.rules import PlaceForm, checked_place
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once, lock_row
from models import PickupPlace, PlaceStaff

PLACES_MOST = 200
_TOLD = ("name", "region", "address", "phone", "hours", "ready_minutes", "serves")


def add_place(form: PlaceForm) -> int:
    """Add a place; returns its id. Raises Invalid, Conflict('place_name_taken')."""
    values = checked_place(form)
    if PickupPlace.select().count() >= PLACES_MOST:
        raise Invalid("too_many_rows", "name", limit=PLACES_MOST)
    if not insert_once(PickupPlace, created_at=clock.now(), **values):
        raise Conflict("place_name_taken", "name")
    place_id = int(PickupPlace.get(PickupPlace.name == values["name"]).id)
    audit.record("place.add", "place", place_id, after=_told(values))
    return place_id


def edit_place(place_id: int, form: PlaceForm, version: int) -> None:
    """Change a place; orders that wait there keep it.

    Raises Invalid, NotFound, Conflict('place_name_taken', 'place_moved').
    """
    values = checked_place(form)
    row = _locked(place_id)
    taken = (PickupPlace.name == values["name"]) & (PickupPlace.id != place_id)
    if PickupPlace.select().where(taken).exists():
        raise Conflict("place_name_taken", "name")
    seen = (PickupPlace.id == place_id) & (PickupPlace.version == version)
    if PickupPlace.update(version=version + 1, **values).where(seen).execute() != 1:
        raise Conflict("place_moved", "version")
    before = {name: getattr(row, name) for name in _TOLD}
    audit.record("place.edit", "place", place_id, before=before, after=_told(values))


def close_place(place_id: int) -> None:
    """Take no new orders at a place; those that wait are still handed over (停止接单)."""
    _set_state(place_id, "closed")


def reopen_place(place_id: int) -> None:
    """Take new orders at a place again."""
    _set_state(place_id, "open")


def set_staff(place_id: int, staff_ids: Iterable[int]) -> None:
    """Say who works at a place. Raises NotFound, Invalid('choice_unknown')."""
    _locked(place_id)
    wanted = sorted(set(staff_ids))
    known = {each.id for each in staff.list_staff()}
    if set(wanted) - known:
        raise Invalid("choice_unknown", "staff")
    before = staff_of_place(place_id)
    PlaceStaff.delete().where(PlaceStaff.place == place_id).execute()
    for staff_id in wanted:
        PlaceStaff.insert(place=place_id, staff=staff_id).execute()
    audit.record(
        "place.staff", "place", place_id, before={"staff": before}, after={"staff": wanted}
    )


def _set_state(place_id: int, state: str) -> None:
    row = _locked(place_id)
    if row.state == state:
        return
    PickupPlace.update(state=state).where(PickupPlace.id == place_id).execute()
    audit.record(
        "place.state", "place", place_id, before={"state": row.state}, after={"state": state}
    )


def _locked(place_id: int) -> Any:
    row = lock_row(PickupPlace, place_id)
    if row is None:
        raise NotFound("place_missing")
    return row


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _TOLD}
