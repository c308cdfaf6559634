"""Members and addresses for tests."""

from __future__ import annotations

from itertools import count

from domain import members
from domain.members import AddressForm

APPID = "wx5de3000000000001"
_numbers = count(1)


def make_member(nickname: str = "小林", *, is_adult: bool = True) -> int:
    """A member who came through WeChat and confirmed to be of age."""
    member_id, _ = members.ensure_member(APPID, f"o-test-{next(_numbers):06d}")
    members.set_nickname(member_id, nickname)
    if is_adult:
        members.confirm_adult(member_id)
    return member_id


def make_address(
    member_id: int, *, province: str = "四川省", name: str = "林小山", phone: str = "13800138000"
) -> int:
    """An address of a member."""
    form = AddressForm(
        name=name,
        phone=phone,
        province=province,
        city="成都市",
        district="锦江区",
        detail="春熙路1号",
    )
    return members.save_address(member_id, form)
