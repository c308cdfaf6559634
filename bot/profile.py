"""Nickname and picture from WeChat, after the person's own tap and consent (使用微信昵称头像).

What the house would not take if it was typed is not taken from WeChat either.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass

from domain import catalog, legal, members, public_texts
from domain.catalog.ports import PictureStore
from domain.members.ports import OAuthIdentity, OAuthPort
from domain.public_texts import PublicText
from kernel.errors import Conflict, GatewayError, Invalid, LimitReached
from kernel.store import Store
from kernel.text import clean_line, shortened

log = logging.getLogger("fenmall.oauth")

ALT = "会员头像"
NAME_MOST, NAME_ROOM = 20, 64
WITHOUT_NAME = "微信用户"
"""What WeChat calls a person who shows no name."""

DECLINED = "您没有授权，资料没有变化"
SNAPSHOT = "微信这次没有给出您的资料，请在完整页面里再点一次，或自己填写"
UNREACHABLE = "微信暂时没有给出资料，请稍后再试，或自己填写"
NOTHING = "微信没有给出可以使用的昵称和头像，请自己填写"
BOTH, NAME, PICTURE = "已使用微信昵称和头像", "已使用微信昵称", "已使用微信头像"
NAME_REFUSED = "；微信昵称不能在这里使用，请自己填写"


@dataclass(frozen=True)
class ProfileTaker:
    """What is needed to take over a profile."""

    store: Store
    oauth: OAuthPort
    pictures: PictureStore


async def take_profile(by: ProfileTaker, member_id: int, identity: OAuthIdentity) -> str:
    """Keep the name and the picture that the person has just agreed to share.

    Returns what the next page says.
    """
    try:
        profile = await by.oauth.profile(identity)
    except GatewayError as error:
        log.warning("WeChat gave no profile: %s", error)
        return UNREACHABLE
    name = shortened(clean_line(profile.nickname), NAME_MOST, NAME_ROOM)
    is_named = name not in ("", WITHOUT_NAME)
    has_name = is_named and await _take_name(by, member_id, name)
    has_picture = await _take_picture(by, member_id, profile.avatar_url)
    if not has_name and not has_picture:
        return NOTHING
    await by.store.write(legal.consent_to_profile, member_id)
    if has_name:
        return BOTH if has_picture else NAME
    return PICTURE + (NAME_REFUSED if is_named else "")


async def _take_name(by: ProfileTaker, member_id: int, name: str) -> bool:
    """Set the name if others may read it."""
    said = {"nickname": PublicText(name, True)}
    if await by.store.read(public_texts.refused_texts, said):
        return False
    try:
        await by.store.write(members.set_nickname, member_id, name)
    except (Invalid, LimitReached) as error:
        log.info("a nickname was not taken over: %s", error.code)
        return False
    return True


async def _take_picture(by: ProfileTaker, member_id: int, url: str) -> bool:
    """Set the picture if WeChat gives one that can be decoded; its address ends with the next."""
    if not url:
        return False
    try:
        stored = await by.pictures.take(io.BytesIO(await by.oauth.picture(url)))
    except (GatewayError, Invalid) as error:
        log.info("a picture was not taken over: %s", error)
        return False
    await by.store.write(catalog.save_picture, stored, ALT)
    try:
        await by.store.write(members.submit_avatar, member_id, stored.id)
    except Conflict as error:
        log.info("a picture was not taken over: %s", error)
        return False
    return True
