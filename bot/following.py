"""Pictures and cards after an answer: WeChat takes one message as a reply, the others as sends.

They are customer-service messages (客服消息), of which WeChat accepts five after a message of the
person's. A picture is uploaded once; its media id is kept in Redis until shortly before WeChat
forgets it, and may be lost: the picture is then uploaded again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from domain.push.ports import Messenger
from kernel import clock
from kernel.chat import Article
from kernel.errors import GatewayError, Refused

log = logging.getLogger("fenmall.bot")

MOST = 4
"""One of five messages is left for a text that comes late."""
UNKNOWN_MEDIA = "40007"
REDIS_SECONDS = 0.3
_DOWN = (RedisError, OSError, TimeoutError)

ReadPicture = Callable[[str], Awaitable[bytes | None]]
"""The JPEG of a stored picture by its id; None if there is none."""


@dataclass(frozen=True)
class StoredImage:
    """A picture of the picture store, to be sent as an image message."""

    id: str


Following = StoredImage | Article


class Followers:
    """Sends what follows an answer. One that fails is logged, and the others are sent."""

    def __init__(self, messenger: Messenger, redis: Any, read: ReadPicture) -> None:
        self._messenger = messenger
        self._redis = redis
        self._read = read
        self._uploads: dict[str, asyncio.Task[str]] = {}

    async def send(self, openid: str, following: Sequence[Following]) -> None:
        """Send the first ``MOST`` in their order. WeChat's refusals are on record (微信拒绝)."""
        for each in following[:MOST]:
            try:
                if isinstance(each, StoredImage):
                    await self._send_picture(openid, each.id)
                else:
                    await self._messenger.send_news(openid, each)
            except (GatewayError, OSError) as error:
                log.warning("what follows an answer could not be sent: %s", error)

    async def _send_picture(self, openid: str, picture_id: str) -> None:
        """Send a picture; if WeChat has forgotten its upload, upload it again."""
        media_id = await self._known(picture_id)
        if media_id:
            try:
                return await self._messenger.send_image(openid, media_id)
            except Refused as error:
                if error.code != UNKNOWN_MEDIA:
                    raise
        return await self._messenger.send_image(openid, await self._uploaded(picture_id))

    async def _uploaded(self, picture_id: str) -> str:
        """Upload a picture; those who want it meanwhile wait for the same upload."""
        upload = self._uploads.get(picture_id)
        if upload is None:
            upload = asyncio.create_task(self._upload(picture_id))
            self._uploads[picture_id] = upload
            upload.add_done_callback(lambda _: self._uploads.pop(picture_id))
        return await asyncio.shield(upload)

    async def _upload(self, picture_id: str) -> str:
        data = await self._read(picture_id)
        if data is None:
            raise FileNotFoundError(f"the picture {picture_id[:12]} is not in the uploads folder")
        media = await self._messenger.upload_image(data, f"{picture_id[:16]}.jpg")
        left = int((media.expires_at - clock.now()).total_seconds())
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._redis.set(_key(picture_id), media.media_id, ex=max(left, 1))
        except _DOWN as error:
            log.warning("an upload is not remembered: %s", error)
        return media.media_id

    async def _known(self, picture_id: str) -> str:
        """The media id of an earlier upload, or "" if there is none."""
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                found = await self._redis.get(_key(picture_id))
        except _DOWN as error:
            log.warning("whether a picture was uploaded is unknown: %s", error)
            return ""
        return found.decode() if found else ""


def _key(picture_id: str) -> str:
    return f"media:{picture_id}"
