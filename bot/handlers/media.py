"""Messages without words: pictures, voice, locations, links, and WeChat's own events."""

from __future__ import annotations

from bot.call import Call
from bot.router import Router, event, kind, says_nothing
from kernel.chat import Event, Image, Link, Location, Other, Reply, Video, Voice

router = Router("media")

# Events that need no answer: a page was opened, a location reported, a session moved.
QUIET = (
    "view", "view_miniprogram", "location", "scancode_push", "location_select",
    "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "kf_create_session",
    "kf_switch_session", "user_info_modified", "user_authorization_revoke",
)  # fmt: skip


@router.on(kind(Image, Video))
async def picture(call: Call) -> Reply:
    """A picture mostly shows damaged goods: answer with the way to an after-sales request."""
    return call.answer("media_picture.txt", more="/m/orders")


@router.on(kind(Voice), says_nothing)
async def voice(call: Call) -> Reply:
    """A voice message that WeChat did not recognise as text."""
    return call.answer("media_voice.txt")


@router.on(kind(Location, Link, Other))
async def other(call: Call) -> Reply:
    """A location, link or card: acknowledged, with the main commands."""
    return call.answer("media_other.txt")


@router.on(event("scancode_waitmsg"))
async def scanned(call: Call) -> Reply:
    """A code scanned through the menu (scancode_waitmsg), which waits for an answer."""
    assert isinstance(call.message, Event)
    result = call.message.scan_result or ""
    is_ours = result.startswith(f"{call.deps.config.public_url}/")
    path = result.removeprefix(call.deps.config.public_url) if is_ours else "/m/"
    return call.answer("media_scanned.txt", path=path, is_ours=is_ours)


@router.on(event(*QUIET))
async def quiet(call: Call) -> None:
    """Answer nothing."""
