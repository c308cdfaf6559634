"""What is neither words nor a tap: pictures, voice, places, links, and what WeChat adds."""

from __future__ import annotations

from bot.call import Call
from bot.router import Router, event, kind, says_nothing
from kernel.chat import Event, Image, Link, Location, Other, Reply, Video, Voice

router = Router("media")

# Known, and nothing to say to: a page was opened, a place reported, a session moved.
QUIET = (
    "view", "view_miniprogram", "location", "scancode_push", "location_select",
    "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "kf_create_session",
    "kf_close_session", "kf_switch_session", "user_info_modified",
    "user_authorization_revoke",
)  # fmt: skip


@router.on(kind(Image, Video))
async def picture(call: Call) -> Reply:
    """A picture is mostly a broken parcel: shows where claims go."""
    return call.answer("media_picture.txt", more="/m/orders")


@router.on(kind(Voice), says_nothing)
async def voice(call: Call) -> Reply:
    """A voice message that WeChat put into no words."""
    return call.answer("media_voice.txt")


@router.on(kind(Location, Link, Other))
async def other(call: Call) -> Reply:
    """A place, a link, a card: taken politely."""
    return call.answer("media_other.txt")


@router.on(event("scancode_waitmsg"))
async def scanned(call: Call) -> Reply:
    """The menu's scanner read a code and waits for an answer."""
    assert isinstance(call.message, Event)
    result = call.message.scan_result or ""
    is_ours = result.startswith(f"{call.deps.config.public_url}/")
    path = result.removeprefix(call.deps.config.public_url) if is_ours else "/m/"
    return call.answer("media_scanned.txt", path=path, is_ours=is_ours)


@router.on(event(*QUIET))
async def quiet(call: Call) -> None:
    """Nothing to say."""
