"""Platform certificates (平台证书), refreshed in the background, never within a callback.

Merchants with the public key (微信支付公钥) need them, too: as long as WeChat has certificates for
a merchant, some notifications are signed by one. After the switch there are none; new merchants
never have any.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

from gateways import metrics
from gateways.http import Answer
from gateways.wechatpay.client import GATEWAY, PayClient, refused
from gateways.wechatpay.signer import BadSignature
from kernel.errors import GatewayError, Retryable

log = logging.getLogger(__name__)
EACH_SECONDS = 12 * 3600.0
NONE = "RESOURCE_NOT_EXISTS"
PAUSE_SECONDS = 300.0
"""The shortest time between two downloads, however many unknown serials arrive."""


class CertificateKeeper:
    """Downloads platform certificates twice a day, and soon after an unknown serial was seen."""

    def __init__(
        self, client: PayClient, *, each: float = EACH_SECONDS, pause: float = PAUSE_SECONDS
    ) -> None:
        self._client = client
        self._each = each
        self._pause = pause
        self._wanted = asyncio.Event()
        client.refresh_keys = self.refresh

    def hurry(self) -> None:
        """Request an early download, because an unknown serial was seen."""
        self._wanted.set()

    async def run(self) -> None:
        """Run until cancelled, as a task of ``app``. A failed download is soon repeated."""
        while True:
            wait = max(self._each - self._pause, 0)
            try:
                await self.refresh()
            except GatewayError as error:
                log.warning("platform certificates were not fetched: %s", error)
                wait = 0
            await asyncio.sleep(self._pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), wait)
            self._wanted.clear()

    async def refresh(self) -> None:
        """Download and trust the current certificates; with the public key there may be none.

        The answer may be signed by a certificate that it contains. It is trusted because its
        certificates are encrypted with our APIv3 key, and one of them verifies the signature.
        """
        answer = await self._client.send("GET", "/v3/certificates")
        if answer.status != 200:
            error = refused(answer, is_read=True)
            if error.code == NONE and self._client.config.public_key_id:
                return
            raise error
        signer = self._client.signer
        texts = [self._opened(item) for item in _items(answer)]
        before = signer.ring.copy()
        for text in texts:
            signer.ring.add_certificate(text)
        try:
            signer.learn(signer.verify(answer.headers, answer.body).serial)
        except BadSignature as error:
            signer.ring = before
            metrics.FORGED.labels(GATEWAY, "certificates").inc()
            raise Retryable(f"answer_{error.reason}", "certificates refused") from error

    def _opened(self, item: dict[str, Any]) -> str:
        plain = self._client.signer.decrypt(item.get("encrypt_certificate") or {})
        if plain is None:
            raise Retryable("sealed", "a certificate can't be decrypted")
        return plain


def _items(answer: Answer) -> list[dict[str, Any]]:
    try:
        data = json.loads(answer.body)["data"]
    except (ValueError, KeyError, TypeError):
        raise Retryable("not_json", "no certificates") from None
    return [item for item in data if isinstance(item, dict)]
