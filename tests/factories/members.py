"""Members and addresses for tests."""

from __future__ import annotations

from domain import members, picture_reviews, regions
from domain.members import AddressForm
from kernel import context
from tests.factories.numbers import next_number

APPID = "wx5de3000000000001"


def make_member(nickname: str = "小林", *, is_adult: bool = True) -> int:
    """A member who signed in by WeChat and confirmed to be of age."""
    member_id, _ = members.ensure_member(APPID, f"o-test-{next_number('member'):06d}")
    members.set_nickname(member_id, nickname)
    if is_adult:
        members.confirm_adult(member_id)
    return member_id


def make_address(
    member_id: int, *, province: str = "四川省", name: str = "林小山", phone: str = "13800138000"
) -> int:
    """An address of a member: in Chengdu, or in the first district of another province."""
    city, district = ("成都市", "锦江区") if province == "四川省" else _first_place(province)
    form = AddressForm(name, phone, province, city, district, detail="春熙路1号")
    return members.save_address(member_id, form)


def _first_place(province: str) -> tuple[str, str]:
    city = regions.cities_of(regions.place_named(province))[0]
    return city.name, regions.districts_of(city.code)[0].name


def approve_pictures() -> int:
    """Let staff approve every picture that waits; returns how many."""
    waiting = [each.id for each in picture_reviews.list_reviews("waiting")]
    with context.acting("staff:lisa"):
        return picture_reviews.decide(waiting, "shown") if waiting else 0
