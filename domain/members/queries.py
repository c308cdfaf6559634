"""Reads of members, for pages and for other domains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.members import statements
from domain.members.rules import has_window, mask_name, numbered_name
from kernel.errors import NotFound
from kernel.store import UNSORTED, Sorting, sorted_page
from kernel.text import number_of
from models import Member, WechatIdentity


@dataclass(frozen=True)
class MemberView:
    """A member for pages."""

    id: int
    public_no: str
    nickname: str | None
    avatar: str | None
    is_following: bool
    adult_confirmed_at: datetime | None
    push_agreed_at: datetime | None
    push_stopped_at: datetime | None
    created_at: datetime

    @property
    def shown_name(self) -> str:
        """The name with which the member is greeted."""
        return self.nickname or numbered_name(self.public_no[:4])

    @property
    def masked_name(self) -> str:
        """The name that others see."""
        return _masked_nickname(self.nickname, self.public_no)

    @property
    def wants_promotions(self) -> bool:
        """True if the member agreed to promotions and has not unsubscribed (退订)."""
        return self.push_agreed_at is not None and self.push_stopped_at is None


class PublicProfile(NamedTuple):
    """What other people see of a member: the masked name and the picture."""

    name: str
    avatar: str | None


@dataclass(frozen=True)
class IdentityView:
    """A member's identity at the account, with what opens the customer-service window."""

    member_id: int
    openid: str
    is_following: bool
    last_message_at: datetime | None
    last_tap_at: datetime | None

    def has_window(self, now: datetime) -> bool:
        """True while a customer-service message may be sent."""
        return self.is_following and has_window(self.last_message_at, self.last_tap_at, now)


def member_detail(member_id: int) -> MemberView:
    """One member. Raises NotFound."""
    found = member_views([member_id])
    if not found:
        raise NotFound("member_missing")
    return found[member_id]


def member_views(member_ids: Iterable[int]) -> dict[int, MemberView]:
    """Several members by id; missing ones are left out."""
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    following = {row.member_id for row in statements.following.all(ids)}
    return {
        m.id: MemberView(
            m.id,
            m.public_no,
            m.nickname,
            m.avatar,
            m.id in following,
            m.adult_confirmed_at,
            m.push_agreed_at,
            m.push_stopped_at,
            m.created_at,
        )
        for m in statements.members.all(ids)
    }


def public_profiles(member_ids: Iterable[int]) -> dict[int, PublicProfile]:
    """Masked names and pictures of several members, by id; missing ones are left out."""
    ids = list(member_ids)
    if not ids:
        return {}
    return {
        row.id: PublicProfile(_masked_nickname(row.nickname, row.public_no), row.avatar)
        for row in statements.public_profiles.all(ids)
    }


def _masked_nickname(nickname: str | None, public_no: str) -> str:
    return mask_name(nickname) if nickname else numbered_name(f"{public_no[:2]}**")


def identity(member_id: int, appid: str | None = None) -> IdentityView | None:
    """The member's identity at the account; None if there is none."""
    mine = WechatIdentity.member == member_id
    if appid is not None:
        mine &= WechatIdentity.appid == appid
    row = WechatIdentity.select().where(mine).order_by(WechatIdentity.id).first()
    if row is None:
        return None
    return IdentityView(
        row.member_id, row.openid, row.is_following, row.last_message_at, row.last_tap_at
    )


def member_by_openid(appid: str, openid: str) -> int | None:
    """The member with this openid, or None."""
    row = WechatIdentity.get_or_none(
        (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    )
    return None if row is None else int(row.member_id)


def list_members(
    words: str = "", *, sort: Sorting = UNSORTED, limit: int = 50
) -> list[MemberView]:
    """Members for the merchant's list, newest first or by when they ``joined``.

    ``words`` is a nickname or a member's number.
    """
    query = Member.select(Member.id)
    if words:
        query = query.where(
            Member.nickname.contains(words) | (Member.public_no == number_of(words))
        )
    field = {"joined": Member.created_at}.get(sort.name, Member.id)
    ids = [m.id for m in sorted_page(query, field, sort, Member.id, limit)]
    found = member_views(ids)
    return [found[i] for i in ids]


def identity_by_openid(appid: str, openid: str) -> IdentityView | None:
    """The identity of an openid, or None; one query, since each chat message needs it."""
    row = statements.identity.first(appid, openid)
    return None if row is None else IdentityView(row[0], openid, bool(row[1]), row[2], row[3])
