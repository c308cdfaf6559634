"""The client for WeChat Pay v3: signs requests, and verifies the signature of every answer."""

from __future__ import annotations

import asyncio
import contextlib
import json as jsonlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession

from domain.refusals.ports import NoBook, RefusalBook
from gateways import metrics
from gateways.clocks import ClockDifference
from gateways.http import Answer, HttpCaller, count_call, no_answer_error
from gateways.wechatpay.errors import refusal
from gateways.wechatpay.refusing import record_call
from gateways.wechatpay.signer import BadSignature, Signer
from gateways.wechatpay.wechat_time import GUESSES, LEAST_SECONDS, MOST_SECONDS
from kernel import clock, ids
from kernel.config import Pay
from kernel.errors import GatewayError, Refused

log = logging.getLogger(__name__)
GATEWAY = "wechatpay"
REFRESH_PAUSE_SECONDS = 60.0
MEASURE_PAUSE_SECONDS = 20.0
BILL_BYTES_MAX = 256 * 1024 * 1024
BILL_SECONDS = 120.0


class PayClient:
    """Calls api.mch.weixin.qq.com for one merchant number."""

    def __init__(
        self,
        config: Pay,
        session: ClientSession,
        *,
        slots: int = 30,
        timeout: float = 15.0,
        book: RefusalBook | None = None,
    ) -> None:
        self.book: RefusalBook = book or NoBook()
        self.config = config
        self.signer = Signer(config)
        self.caller = HttpCaller(session, GATEWAY, slots=slots, timeout=timeout)
        self.refresh_keys: Callable[[], Awaitable[None]] | None = None
        self.clock = ClockDifference()
        self.is_time_wanted = False
        self._measuring = asyncio.Lock()
        self._measured = -MEASURE_PAUSE_SECONDS
        self._refreshing = asyncio.Lock()
        self._refreshed = -REFRESH_PAUSE_SECONDS

    def perception(self, kept: str | None) -> str:
        """The reason that a payee reads: the request's own text, else the configured one."""
        return self.config.transfer_perception if kept is None else kept

    async def call(
        self,
        method: str,
        path: str,
        *,
        name: str,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        serial: str | None = None,
        promises: int = 200,
        usual: str = "",
    ) -> dict[str, Any]:
        """One signed call; returns the verified JSON object.

        ``path`` is already quoted; ``name`` labels it in metrics; ``serial`` is the key that a
        sensitive field was encrypted for. Only the documented status ``promises`` is a success
        (202 for a close means that a payment is under way); 204 gives an empty dict. Without a
        clear answer a GET raises Retryable, any other method Unknown. A refusal with the code
        ``usual`` raises Refused as any other, and is no trouble to anybody.
        """
        async with count_call(GATEWAY, name, usual), record_call(self.book, name, usual):
            answer = await self.send(method, path, params=params, json=json, serial=serial)
            is_read = method == "GET"
            if answer.status != promises:
                if serial is None:
                    self._learn_from_refusal(answer)
                raise refused(answer, is_read)
            signed_by = await self._verify(answer, is_read)
            if serial is None:
                self.signer.learn(signed_by)
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
        """Sign and send; the answer is not verified here.

        If the signature was refused with 401, the request is signed and sent once more by
        WeChat's clock, provided that this is proven to differ from ours.
        """
        target = f"{path}?{urlencode(params)}" if params else path
        body = b"" if json is None else jsonlib.dumps(json, ensure_ascii=False).encode()
        used = self.signer.time.apart
        answer = await self._send(method, target, body, serial)
        if answer.status == 401 and await self._is_now_other(used):
            answer = await self._send(method, target, body, serial)
        return answer

    async def measure(self, *, is_proof_refused: bool = False) -> None:
        """Measure WeChat's time by queries of a random order number, signed minutes apart.

        It is done at most every MEASURE_PAUSE_SECONDS, except when the proven difference is
        refused (``is_proof_refused``): this machine's clock may have been corrected since, and
        all calls would fail until the next measurement. The queries move no money; only a signed
        answer counts.
        """
        async with self._measuring:
            if self.measured_ago() < MEASURE_PAUSE_SECONDS and not is_proof_refused:
                return
            self._measured = time.monotonic()
            self.signer.time.measured = None
            for guess in dict.fromkeys((self.signer.time.apart, *GUESSES)):
                try:
                    if await self._asked_at(guess):
                        return
                except GatewayError as error:
                    log.info("WeChat's time could not be asked for: %s", error)
                    return

    def measured_ago(self) -> float:
        """Seconds since WeChat's time was last measured."""
        return time.monotonic() - self._measured

    def want_time(self) -> None:
        """Request a measurement, because a validly signed message looked too old."""
        self.is_time_wanted = True

    def clock_apart(self) -> float | None:
        """By how many seconds WeChat's clock is ahead: as proven, else by its ``Date`` headers."""
        proven = self.signer.time.measured
        return (
            proven if proven is not None and abs(proven) >= LEAST_SECONDS else self.clock.seconds
        )

    async def _asked_at(self, guess: int) -> bool:
        """Make one query; True if its answer proves WeChat's time, or that it is too far off."""
        path = f"/v3/pay/transactions/out-trade-no/{ids.out_number('TM')}"
        target = f"{path}?{urlencode({'mchid': self.config.mchid})}"
        at = clock.timestamp() + guess
        answer = await self._send("GET", target, b"", None, at=at)
        if answer.status == 401:
            return False
        try:
            signed_at = self.signer.signed_at(answer.headers, answer.body)
        except BadSignature:
            return False
        is_proven = self.signer.time.prove(signed_at, guess)
        return is_proven or abs(self.signer.time.measured or 0) > MOST_SECONDS

    async def _is_now_other(self, used: int) -> bool:
        if abs(self.signer.time.apart - used) < LEAST_SECONDS:  # not measured meanwhile
            await self.measure(is_proof_refused=used != 0)
        return abs(self.signer.time.apart - used) >= LEAST_SECONDS

    async def _send(
        self, method: str, target: str, body: bytes, serial: str | None, at: int | None = None
    ) -> Answer:
        headers = {
            "Authorization": self.signer.authorization(method, target, body, at),
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
        """Download a bill; WeChat does not sign it, so the caller must check its hash."""
        async with count_call(GATEWAY, "bill_download"):
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
                raise refused(answer, is_read=True)
            return answer.body

    async def _verify(self, answer: Answer, is_read: bool) -> str:
        """Verify an answer's signature; returns the key's serial.

        Raises Retryable for a read and else Unknown, since an unverified answer proves nothing.
        """
        try:
            try:
                seal = self.signer.verify(answer.headers, answer.body)
            except BadSignature as error:
                if not await self._may_hold_now(error.reason):
                    raise
                seal = self.signer.verify(answer.headers, answer.body)
            self.signer.time.confirm(seal.at)
            return seal.serial
        except BadSignature as error:
            metrics.FORGED.labels(GATEWAY, "answer").inc()
            raise no_answer_error(is_read, f"answer_{error.reason}", error.serial) from error

    def _learn_from_refusal(self, answer: Answer) -> None:
        """Note which key is in force from a refusal, if its signature is valid."""
        with contextlib.suppress(BadSignature):
            self.signer.learn(self.signer.verify(answer.headers, answer.body).serial)

    async def _may_hold_now(self, reason: str) -> bool:
        """Refresh keys or clock after a failed verification; True if it is worth repeating."""
        if reason == "time":
            return await self._is_now_other(self.signer.time.apart)
        return reason == "serial" and await self._new_keys()

    async def _new_keys(self) -> bool:
        """Fetch platform certificates because an answer names an unknown one; once a minute.

        A failure here is only logged, because it says nothing about the answered call.
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


def refused(answer: Answer, is_read: bool) -> GatewayError:
    """The error for an answer with another status than the documented one."""
    try:
        body = jsonlib.loads(answer.body)
    except ValueError:
        body = None
    found = body if isinstance(body, dict) else {}
    code, message = str(found.get("code") or ""), str(found.get("message") or "")
    return refusal(answer.status, code, message, is_read=is_read)


def _object(answer: Answer, is_read: bool) -> dict[str, Any]:
    if answer.status == 204:
        return {}
    try:
        result = jsonlib.loads(answer.body)
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise no_answer_error(is_read, "not_json")
    return result
