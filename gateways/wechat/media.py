"""Uploads pictures to WeChat (素材)."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import FormData

from domain.push.ports import UploadedMedia
from gateways.wechat.client import WeChatClient
from kernel import clock
from kernel.errors import Refused, Retryable

IMAGE_BYTES_MAX = 10 * 1024 * 1024
KEEP = timedelta(hours=60)
"""Shorter than WeChat's 72 hours for temporary media, so that a queued message still finds it."""

UPLOAD_SECONDS = 30.0
_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


async def upload_image(client: WeChatClient, data: bytes, filename: str) -> UploadedMedia:
    """Upload a picture for messages (临时素材): JPEG, PNG or GIF of at most 10 MB.

    Raises Refused('40005') for another format and Refused('40009') for a larger one.
    """
    kind = next((t for magic, t in _TYPES.items() if data.startswith(magic)), None)
    if kind is None:
        raise Refused("40005", "not a JPEG, PNG or GIF picture")
    if len(data) > IMAGE_BYTES_MAX:
        raise Refused("40009", f"at most {IMAGE_BYTES_MAX} bytes")

    def form() -> FormData:
        made = FormData(quote_fields=False)
        made.add_field("media", data, filename=filename, content_type=kind)
        return made

    at = clock.now()
    result = await client.call(
        "POST",
        "/cgi-bin/media/upload",
        params={"type": "image"},
        data=form,
        timeout=UPLOAD_SECONDS,
        is_repeatable=True,
    )
    media_id = result.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise Retryable("no_media_id", "the upload answered without a media_id")
    return UploadedMedia(media_id, at + KEEP)
