"""Members and their WeChat identities: first contact, follow, unfollow, message, sign-in."""

from __future__ import annotations

from typing import Any

from domain import naming, picture_reviews
from domain.members import statements
from domain.members.avatars import AVATAR
from domain.members.events import MemberFollowed, MemberSignedIn, MemberUnfollowed
from kernel import clock
from kernel.errors import Invalid, NotFound
from kernel.events import publish
from kernel.ids import random_code
from kernel.people_hashes import name_hash, rehash
from kernel.store import insert_once
from kernel.text import clean_line, fits, too_long
from models import Member, WechatIdentity

NICKNAME_LIMIT = 20  # in characters as people count them
NICKNAME_ROOM = 64  # in code points: one family emoji has up to fourteen


def ensure_member(appid: str, openid: str, unionid: str | None = None) -> tuple[int, bool]:
    """The member of an openid, created at the first contact; True if it was created."""
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
    """Record that a person followed (关注), or scanned a code while following.

    Either opens the customer-service window for a minute, a message opens it for 48 hours. Returns
    the member's id, and True if they had not followed before; a buyer may have come without.
    """
    member_id, is_new = ensure_member(appid, openid)
    now = clock.now()
    mine = (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    away = mine & (WechatIdentity.is_following == False)  # noqa: E712
    came = {"is_following": True, "followed_at": now, "unfollowed_at": None, "last_tap_at": now}
    never = away & WechatIdentity.followed_at.is_null() & WechatIdentity.unfollowed_at.is_null()
    is_first = is_new or WechatIdentity.select().where(never).exists()
    is_back = WechatIdentity.update(**came).where(away).execute()
    if not is_back:
        WechatIdentity.update(last_tap_at=now).where(mine).execute()
    if scene:
        first = mine & WechatIdentity.first_scene.is_null()
        WechatIdentity.update(first_scene=scene[:64]).where(first).execute()
    publish(MemberFollowed(member_id, openid, scene, is_new))
    return member_id, is_first


def unfollow(appid: str, openid: str) -> int | None:
    """Record that a person unfollowed (取消关注); the account and its money stay.

    Returns the member's id, or None for an unknown openid.
    """
    found = find_identity(appid, openid)
    if found is None:
        return None
    WechatIdentity.update(
        is_following=False, unfollowed_at=clock.now(), last_message_at=None, last_tap_at=None
    ).where(WechatIdentity.id == found.id).execute()
    publish(MemberUnfollowed(found.member_id))
    return int(found.member_id)


def record_message(appid: str, openid: str) -> tuple[int, bool]:
    """Record a person's message, which opens the customer-service window for 48 hours.

    Returns the member's id, and True at the first contact.
    """
    member_id, is_new = ensure_member(appid, openid)
    mine = (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    WechatIdentity.update(is_following=True, last_message_at=clock.now()).where(mine).execute()
    return member_id, is_new


def sign_in(
    appid: str, openid: str, unionid: str | None, visitor: str, *, session_id: int | None = None
) -> tuple[int, bool]:
    """Sign in a browser whose openid was proved by OAuth; subscribers merge its cart and bindings.

    Returns the member's id, and True at the first contact. Raises NotFound('member_closed').
    """
    member_id, is_new = ensure_member(appid, openid, unionid)
    if Member.get_by_id(member_id).state != "active":
        raise NotFound("member_closed")
    publish(MemberSignedIn(member_id, visitor, is_new, session_id))
    return member_id, is_new


def set_nickname(member_id: int, nickname: str) -> None:
    """Set the name that others see masked. Raises Invalid, NotFound."""
    text = clean_line(nickname)
    if not text:
        raise Invalid("nickname_missing", "nickname")
    if not fits(text, NICKNAME_LIMIT, NICKNAME_ROOM):
        raise Invalid(too_long(text, NICKNAME_LIMIT), "nickname", limit=NICKNAME_LIMIT)
    naming.check_name(text, "nickname")
    _change(member_id, nickname=text, name_hash=name_hash(text))


def is_nameless(member_id: int) -> bool:
    """Whether a member gave neither name nor picture, and never declined to."""
    one = Member.get_by_id(member_id)
    return one.nickname is None and one.avatar is None and one.name_declined_at is None


def decline_name(member_id: int) -> None:
    """Keep that a member gives no name and no picture; nobody asks again (不用了)."""
    still = (Member.id == member_id) & Member.name_declined_at.is_null()
    Member.update(name_declined_at=clock.now()).where(still).execute()


def rehash_nicknames(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Make the hashes of nicknames anew under the present secret; see ``rehash``."""
    return rehash(Member, lambda row: {"name_hash": name_hash(row.nickname)}, after_id, limit)


def forget_profile(member_id: int) -> None:
    """Remove a member's name and picture, as they ask (撤回昵称与头像); nobody asks again."""
    _change(member_id, nickname=None, name_hash=None, avatar=None, name_declined_at=clock.now())
    picture_reviews.withdraw(AVATAR, member_id)


def confirm_adult(member_id: int) -> None:
    """Record that the member declares to be 18 or older; the first time is kept (成年确认)."""
    statements.confirm_adult.run(member_id, clock.now())


def agree_to_promotions(member_id: int) -> None:
    """Record that the member agrees to promotions; an earlier 退订 ends."""
    _change(member_id, push_agreed_at=clock.now(), push_stopped_at=None)


def stop_promotions(member_id: int) -> None:
    """Unsubscribe a member from all promotions (退订)."""
    _change(member_id, push_stopped_at=clock.now())


def find_identity(appid: str, openid: str) -> WechatIdentity | None:
    """The identity row of an openid, or None."""
    return WechatIdentity.get_or_none(
        (WechatIdentity.appid == appid) & (WechatIdentity.openid == openid)
    )


def _change(member_id: int, **values: Any) -> None:
    if Member.update(**values).where(Member.id == member_id).execute() != 1:
        raise NotFound("member_missing")
