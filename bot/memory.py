"""What the chat keeps of a person for a while in Redis, and forgets when they are deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

A_SCAN = 1_000


class ChatMemory:
    """Implements ``domain.personal_data.ports.ChatMemory``.

    Every key with the openid in its name: topics, handovers, counts of messages.
    """

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def forget(self, openids: Iterable[str]) -> None:
        """Delete the keys that are named after these people."""
        for openid in openids:
            named = [key async for key in self._redis.scan_iter(match=f"*{openid}*", count=A_SCAN)]
            if named:
                await self._redis.delete(*named)
