"""The client for WeChat's API: ``call`` adds the shared access token and classifies errors.

The other modules have one short typed function for each endpoint used.
"""

from __future__ import annotations

import json as jsonlib
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, FormData
from redis.asyncio import Redis

from domain.refusals.ports import NoBook, RefusalBook
from gateways.http import Answer, Body, HttpCaller, count_call, no_answer_error
from gateways.wechat.errors import TOKEN_BAD, refusal
from gateways.wechat.shared import SharedValue
from gateways.wechat.token import TokenFetcher
from kernel.config import WeChat
from kernel.errors import GatewayError, Refused, Retryable

log = logging.getLogger(__name__)
GATEWAY = "wechat"
VISITORS = "/sns/"
_RID = re.compile(r"[,.]?\s*rid: ?[\w-]+")
JSON = "application/json; charset=utf-8"
_JSON_HEAD = {"Content-Type": JSON}

_to_json = jsonlib.JSONEncoder(ensure_ascii=False).encode
# strict=False: nicknames and articles contain raw control characters.
_from_json = jsonlib.JSONDecoder(strict=False).decode


class WeChatClient:
    """Calls api.weixin.qq.com for one official account."""

    def __init__(
        self,
        config: WeChat,
        session: ClientSession,
        redis: Redis,
        *,
        slots: int = 50,
        timeout: float = 10.0,
        book: RefusalBook | None = None,
    ) -> None:
        self.book: RefusalBook = book or NoBook()
        self.config = config
        self.redis = redis
        self.caller = HttpCaller(session, GATEWAY, slots=slots, timeout=timeout)
        self.fetcher = TokenFetcher(config, self.anonymous)
        self.token = SharedValue(redis, f"wx:{config.appid}:token", self.fetcher.fetch)

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        data: Callable[[], FormData] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - passed to aiohttp
        is_repeatable: bool | None = None,
        subject: str = "",
    ) -> dict[str, Any]:
        """Call with the access token; if WeChat rejects the token, renew it and retry once.

        ``is_repeatable``: repeating the call does no harm (by default only for GET). ``data``
        builds a new form for each try. A path starts with a slash and has no query. ``subject``
        is recorded with a refusal if one path serves many subjects (a template's id).
        Raises Retryable, Refused and Unknown.
        """
        repeatable = method == "GET" if is_repeatable is None else is_repeatable
        async with count_call(GATEWAY, path):
            token = await self.token.get()
            for is_last in (False, True):
                query = {"access_token": token, **(params or {})}
                body = data() if data is not None else encode(json)
                answer = await self._send(method, path, query, body, timeout, repeatable)
                result = self._decoded(path, answer, repeatable, subject)
                errcode = errcode_of(result)
                if errcode in TOKEN_BAD and not is_last:
                    token = await self.token.renew(token)
                    continue
                if errcode:
                    raise self._noted(path, refusal(errcode, result), subject)
                self.book.record_success("account", path, subject=subject)
                return result
        raise AssertionError("the second try always returns or raises")

    async def anonymous(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
    ) -> dict[str, Any]:
        """A call without our token (sign-in, the token itself); may always be repeated."""
        async with count_call(GATEWAY, path):
            answer = await self._send(method, path, params, encode(json), None, True)
            result = self._decoded(path, answer, True)
            errcode = errcode_of(result)
            if errcode in TOKEN_BAD:  # here the AppSecret or the visitor's own token is wrong
                error = Refused(str(errcode), str(result.get("errmsg", "")))
                raise error if path.startswith(VISITORS) else self._noted(path, error)
            if errcode:
                raise self._noted(path, refusal(errcode, result))
            self.book.record_success("account", path)
            return result

    def _decoded(
        self, path: str, answer: Answer, is_repeatable: bool, subject: str = ""
    ) -> dict[str, Any]:
        try:
            return decode(answer, is_repeatable=is_repeatable)
        except Refused as error:
            raise self._noted(path, error, subject) from None

    def _noted(self, path: str, error: GatewayError, subject: str = "") -> GatewayError:
        """Record a refusal for the merchant, with WeChat's message but without its request id."""
        detail = _RID.sub("", error.message).strip()
        self.book.record_refusal("account", path, error.code, detail=detail, subject=subject)
        return error

    async def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: Body,
        timeout: float | None,  # noqa: ASYNC109 - passed to aiohttp
        is_repeatable: bool,
    ) -> Answer:
        query = f"?{_encoded(tuple(params.items()))}" if params else ""
        return await self.caller.send(
            method,
            f"{self.config.api_base}{path}{query}",
            body=body,
            headers=_JSON_HEAD if isinstance(body, bytes) else None,
            timeout=timeout,
            is_repeatable=is_repeatable,
        )


@lru_cache(maxsize=8)
def _encoded(params: tuple[tuple[str, str | int], ...]) -> str:
    """A query string; cached, since every message of a broadcast has the same."""
    return urlencode(params)


def encode(value: Any) -> bytes | None:
    """JSON as UTF-8 with unescaped characters: WeChat's menus and templates refuse ``\\uXXXX``."""
    return None if value is None else _to_json(value).encode()


def decode(answer: Answer, *, is_repeatable: bool) -> dict[str, Any]:
    """The JSON object of an answer. Raises Refused, Retryable or Unknown if there is none."""
    if answer.status == 429:
        raise Retryable("http_429", "too many calls")
    if 400 <= answer.status < 500:
        raise Refused(f"http_{answer.status}", answer.body[:200].decode("utf-8", "replace"))
    if answer.status != 200:
        raise no_answer_error(is_repeatable, f"http_{answer.status}")
    try:
        result = _from_json(answer.body.decode("utf-8", "replace"))
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise no_answer_error(
            is_repeatable, "not_json", answer.body[:80].decode("utf-8", "replace")
        )
    return result


def errcode_of(result: Mapping[str, Any]) -> int:
    """WeChat's errcode, which may be a number or text; 0 if missing, -1 if unreadable."""
    try:
        return int(result.get("errcode") or 0)
    except (TypeError, ValueError):
        return -1
