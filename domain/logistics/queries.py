"""Places for the buyer, the merchant, and those who work there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import regions
from domain.logistics.rules import nearness
from kernel.errors import Conflict, NotFound
from models import PickupPlace, PlaceStaff, Staff


@dataclass(frozen=True)
class PlaceView:
    """A place with the names of its region and of the regions that it serves first."""

    id: int
    name: str
    state: str
    region: str
    province: str
    city: str
    district: str
    street: str
    phone: str
    hours: tuple[str, ...]
    ready_minutes: int
    map_url: str
    point: str
    serves: tuple[str, ...]
    version: int

    @property
    def address(self) -> str:
        """The whole address in one line."""
        return f"{self.province}{self.city}{self.district} {self.street}"

    @property
    def is_open(self) -> bool:
        """True while the place takes new orders."""
        return self.state == "open"


def list_places(*, open_only: bool = False) -> list[PlaceView]:
    """All places, in the order they were made; there are few."""
    query = PickupPlace.select()
    if open_only:
        query = query.where(PickupPlace.state == "open")
    return [_view(row) for row in query.order_by(PickupPlace.id)]


def nearest_places(buyer: str = "") -> list[PlaceView]:
    """The places that take orders, the nearest to a region's code first (最近的门店)."""
    query = PickupPlace.select().where(PickupPlace.state == "open").order_by(PickupPlace.id)
    rows = sorted(query, key=lambda row: -nearness(row.region, row.serves, buyer))
    return [_view(row) for row in rows]


def place(place_id: int) -> PlaceView:
    """One place. Raises NotFound."""
    row = PickupPlace.get_or_none(PickupPlace.id == place_id)
    if row is None:
        raise NotFound("place_missing")
    return _view(row)


def open_place(place_id: int) -> PlaceView:
    """One place that takes orders. Raises NotFound, Conflict('place_closed')."""
    found = place(place_id)
    if not found.is_open:
        raise Conflict("place_closed", "place", name=found.name)
    return found


def places_of_staff(login: str) -> frozenset[int]:
    """The ids of the places where somebody works, by their login."""
    mine = PlaceStaff.select(PlaceStaff.place).join(Staff).where(Staff.login == login)
    return frozenset(row.place_id for row in mine)


def staff_of_place(place_id: int) -> list[int]:
    """The ids of those who work at a place."""
    rows = PlaceStaff.select(PlaceStaff.staff).where(PlaceStaff.place == place_id)
    return sorted(row.staff_id for row in rows)


def _view(row: Any) -> PlaceView:
    region = regions.region_of(row.region)
    return PlaceView(
        row.id, row.name, row.state, row.region, region.province if region else "",
        region.city if region else "", region.district if region else "", row.address, row.phone,
        tuple(row.hours), row.ready_minutes, row.map_url, _point(row),
        tuple(map(regions.name_of, row.serves)), row.version,
    )  # fmt: skip


def _point(row: Any) -> str:
    if row.latitude_e6 is None or row.longitude_e6 is None:
        return ""
    return f"{_degrees(row.latitude_e6)},{_degrees(row.longitude_e6)}"


def _degrees(millionths: int) -> str:
    sign, whole = ("-" if millionths < 0 else ""), abs(millionths)
    return f"{sign}{whole // 1_000_000}.{whole % 1_000_000:06}"
