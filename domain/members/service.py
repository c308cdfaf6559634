"""Members and their WeChat identities: arriving, following, leaving, speaking."""

from __future__ import annotations

from typing import Any

from domain import naming
from domain.members import statements
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from kernel import clock
from kernel.errors import Invalid, NotFound
from kernel.events import publish
from kernel.ids import random_code
from kernel.store import insert_once
from kernel.text import clean_line, fits, too_long
from models import Member, WechatIdentity

NICKNAME_LIMIT = 20  # as people count
NICKNAME_ROOM = 64  # code points: an emoji family has up to fourteen


def ensure_member(appid: str, openid: str, unionid: str | None = None) -> tuple[int, bool]:
    """The member of an openid, made at the first meeting; and whether this was it."""
    found = find_identity(appid, openid)
    if found is not None:
        if unionid and found.unionid != unionid:
            WechatIdentity.update(unionid=unionid).where(WechatIdentity.id == found.id).execute()
        return int(found.member_id), False
    now = clock.now()
    member_id = int(Member.insert(public_no=random_code(10), created_at=now).execute())
    if insert_once(WechatIdentity, member=member_id, appid=appid, openid=openid, unionid=unionid):
        return member_id, True
    Member.delete().where(Member.id == member_id).execute()
    raced = find_identity(appid, openid)
    assert raced is not None
    return int(raced.member_id), False


def follow(appid: str, openid: str, scene: str | None = None) -> tuple[int, bool]:
    """A member followed (关注), or scanned while following; tells the other domains.

    Neither is a word: the account may write for a minute, not for 48 hours. Answers the
    member and whether this was the first meeting.
    """
    member_id, is_new = ensure_member(appid, openid)
    now = clock.now()
    mine = (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    away = mine & (WechatIdentity.is_following == False)  # noqa: E712
    came = {"is_following": True, "followed_at": now, "unfollowed_at": None, "last_tap_at": now}
    is_back = WechatIdentity.update(**came).where(away).execute()
    if not is_back:
        WechatIdentity.update(last_tap_at=now).where(mine).execute()
    if scene:
        first = mine & WechatIdentity.first_scene.is_null()
        WechatIdentity.update(first_scene=scene[:64]).where(first).execute()
    publish(MemberFollowed(member_id, openid, scene, is_new))
    return member_id, is_new


def unfollow(appid: str, openid: str) -> int | None:
    """A member left (取消关注): nothing more can be sent; the account and its money stay."""
    found = find_identity(appid, openid)
    if found is None:
        return None
    WechatIdentity.update(
        is_following=False, unfollowed_at=clock.now(), last_message_at=None, last_tap_at=None
    ).where(WechatIdentity.id == found.id).execute()
    publish(MemberUnfollowed(found.member_id))
    return int(found.member_id)


def heard_from(appid: str, openid: str) -> tuple[int, bool]:
    """A person wrote: opens the 48 h customer-service window. Answers the member."""
    member_id, is_new = ensure_member(appid, openid)
    mine = (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    WechatIdentity.update(is_following=True, last_message_at=clock.now()).where(mine).execute()
    return member_id, is_new


def sign_in(
    appid: str, openid: str, unionid: str | None, visitor: str, *, session_id: int | None = None
) -> tuple[int, bool]:
    """A browser proved its openid by OAuth; the domains above bind and merge what it brought."""
    member_id, is_new = ensure_member(appid, openid, unionid)
    if Member.get_by_id(member_id).state != "active":
        raise NotFound("member_closed")
    publish(MemberSignedIn(member_id, visitor, is_new, session_id))
    return member_id, is_new


def set_nickname(member_id: int, nickname: str) -> None:
    """A member chooses the name that others see (masked)."""
    text = clean_line(nickname)
    if not text:
        raise Invalid("nickname_missing", "nickname")
    if not fits(text, NICKNAME_LIMIT, NICKNAME_ROOM):
        raise Invalid(too_long(text, NICKNAME_LIMIT), "nickname", limit=NICKNAME_LIMIT)
    naming.check_name(text, "nickname")
    _change(member_id, nickname=text)


def set_avatar(member_id: int, digest: str) -> None:
    """A member's picture, by its stored digest; it is drawn on their posters (头像)."""
    _change(member_id, avatar=digest)


def confirm_adult(member_id: int) -> None:
    """The member declares to be 18 or older; the first time is kept (成年确认)."""
    statements.confirm_adult.run(member_id, clock.now())


def agree_push(member_id: int) -> None:
    """The member wants to hear of promotions; takes an earlier 退订 back."""
    _change(member_id, push_agreed_at=clock.now(), push_stopped_at=None)


def stop_push(member_id: int) -> None:
    """One word stops every promotion (退订)."""
    _change(member_id, push_stopped_at=clock.now())


def find_identity(appid: str, openid: str) -> WechatIdentity | None:
    """The identity row of an openid."""
    return WechatIdentity.get_or_none(
        (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    )


def _change(member_id: int, **values: Any) -> None:
    if Member.update(**values).where(Member.id == member_id).execute() != 1:
        raise NotFound("member_missing")
