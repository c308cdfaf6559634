"""The thin client for WeChat Pay v3: signs what it sends, believes only what is signed."""

from __future__ import annotations

import asyncio
import json as jsonlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession

from gateways import metrics
from gateways.clocks import ClockApart
from gateways.http import Answer, Caller, counted, silence
from gateways.wechatpay.errors import refusal
from gateways.wechatpay.signer import BadSignature, Signer
from kernel.config import Pay
from kernel.errors import GatewayError, Refused

log = logging.getLogger(__name__)
GATEWAY = "wechatpay"
REFRESH_PAUSE_SECONDS = 60.0
BILL_BYTES_MAX = 256 * 1024 * 1024
BILL_SECONDS = 120.0


class PayClient:
    """Calls api.mch.weixin.qq.com for one merchant number."""

    def __init__(
        self, config: Pay, session: ClientSession, *, slots: int = 30, timeout: float = 15.0
    ) -> None:
        self.config = config
        self.signer = Signer(config)
        self.caller = Caller(session, GATEWAY, slots=slots, timeout=timeout)
        self.refresh_keys: Callable[[], Awaitable[None]] | None = None
        self.clock = ClockApart()
        self._refreshing = asyncio.Lock()
        self._refreshed = -REFRESH_PAUSE_SECONDS

    async def call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        serial: str | None = None,
    ) -> dict[str, Any]:
        """One signed call. GET is a read; any other that is not clearly answered is ``Unknown``.

        ``path`` is already quoted; ``name`` labels it in metrics; ``serial`` is the key that a
        sensitive field was encrypted for. A 204 answers an empty dict.
        """
        async with counted(GATEWAY, name):
            answer = await self.send(method, path, params=params, json=json, serial=serial)
            is_read = method == "GET"
            if not 200 <= answer.status < 300:
                raise _refused(answer, is_read)
            await self._verify(answer, is_read)
            return _object(answer, is_read)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        serial: str | None = None,
    ) -> Answer:
        """Sign and send; nothing of the answer is checked yet."""
        target = f"{path}?{urlencode(params)}" if params else path
        body = b"" if json is None else jsonlib.dumps(json, ensure_ascii=False).encode()
        headers = {
            "Authorization": self.signer.authorization(method, target, body),
            "Accept": "application/json",
        }
        if body:
            headers["Content-Type"] = "application/json"
        if chosen := serial or self.signer.answer_serial:
            headers["Wechatpay-Serial"] = chosen
        answer = await self.caller.send(
            method,
            f"{self.config.api_base}{target}",
            body=body or None,
            headers=headers,
            is_repeatable=method == "GET",
        )
        self.clock.look(answer.headers.get("Date", ""))
        return answer

    async def download(self, url: str) -> bytes:
        """The bytes behind a download_url; signed by us, not by WeChat: compare its hash."""
        async with counted(GATEWAY, "bill_download"):
            parts = urlsplit(url)
            base = urlsplit(self.config.api_base)
            is_wechats = parts.scheme == "https" and (parts.hostname or "").endswith(
                ".mch.weixin.qq.com"
            )
            if not is_wechats and (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
                raise Refused("bill_url", "the bill lies on a strange host")
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            authorization = self.signer.authorization("GET", target, b"")
            answer = await self.caller.send(
                "GET",
                f"{parts.scheme}://{parts.netloc}{target}",
                headers={"Authorization": authorization, "Accept": "*/*"},
                timeout=BILL_SECONDS,
                is_repeatable=True,
                bytes_max=BILL_BYTES_MAX,
            )
            if answer.status != 200:
                raise _refused(answer, is_read=True)
            return answer.body

    async def _verify(self, answer: Answer, is_read: bool) -> None:
        """A 2xx that is not signed by WeChat was not said by WeChat."""
        try:
            try:
                self.signer.verify(answer.headers, answer.body)
            except BadSignature as error:
                if error.reason != "serial" or not await self._new_keys():
                    raise
                self.signer.verify(answer.headers, answer.body)
        except BadSignature as error:
            metrics.FORGED.labels(GATEWAY, "answer").inc()
            raise silence(is_read, f"answer_{error.reason}", error.serial) from error

    async def _new_keys(self) -> bool:
        """Fetch platform certificates because an answer names a new one; at most each minute.

        Whatever goes wrong here says nothing about the call that was answered.
        """
        if self.refresh_keys is None:
            return False
        async with self._refreshing:
            if time.monotonic() - self._refreshed < REFRESH_PAUSE_SECONDS:
                return True
            self._refreshed = time.monotonic()
            try:
                await self.refresh_keys()
            except GatewayError as error:
                log.warning("platform certificates were not fetched: %s", error)
                return False
        return True


def _refused(answer: Answer, is_read: bool) -> GatewayError:
    try:
        body = jsonlib.loads(answer.body)
    except ValueError:
        body = None
    found = body if isinstance(body, dict) else {}
    code, message = str(found.get("code") or ""), str(found.get("message") or "")
    return refusal(answer.status, code, message, is_read=is_read)


def _object(answer: Answer, is_read: bool) -> dict[str, Any]:
    if answer.status == 204 or not answer.body:
        return {}
    try:
        result = jsonlib.loads(answer.body)
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise silence(is_read, "not_json")
    return result
