"""Fetches the access token by ``stable_token``: processes don't invalidate each other's token."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from kernel.config import WeChat
from kernel.errors import Retryable

EARLY_SECONDS = 240
"""WeChat issues the next token five minutes before expiry; until then both are valid."""

LEAST_SECONDS = 30
FORCE_PAUSE_SECONDS = 60.0

Anonymous = Callable[..., Awaitable[dict[str, Any]]]


class TokenFetcher:
    """Fetches the token; forces a new one only if WeChat returns one that it has just rejected."""

    def __init__(self, config: WeChat, anonymous: Anonymous) -> None:
        self._config = config
        self._anonymous = anonymous
        self._forced = -FORCE_PAUSE_SECONDS

    async def fetch(self, bad: str | None) -> tuple[str, float]:
        """A token and its lifetime in seconds."""
        token, seconds = await self._stable(force=False)
        if token == bad and time.monotonic() - self._forced > FORCE_PAUSE_SECONDS:
            # Forcing invalidates the old token for all callers and is allowed 20 times a day.
            self._forced = time.monotonic()
            token, seconds = await self._stable(force=True)
        return token, seconds

    async def _stable(self, *, force: bool) -> tuple[str, float]:
        body = {
            "grant_type": "client_credential",
            "appid": self._config.appid,
            "secret": self._config.secret,
            "force_refresh": force,
        }
        result = await self._anonymous("POST", "/cgi-bin/stable_token", json=body)
        token = result.get("access_token")
        if not isinstance(token, str) or not token:
            raise Retryable("no_token", "the token call answered without a token")
        life = int(result.get("expires_in") or 0)
        return token, float(max(life - EARLY_SECONDS, LEAST_SECONDS))
