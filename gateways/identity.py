"""Tencent Cloud FaceID, which compares a name and an id number with the register (二要素核验).

The call is ``IdCardVerification`` of version 2018-03-01, signed by TC3-HMAC-SHA256. It sends the
two and nothing else, takes at most five seconds and may be repeated. Nothing sent is logged.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession

from domain.adults import Person, Verdict
from gateways.checks import Check, item
from gateways.http import HttpCaller, count_call
from kernel import clock
from kernel.config import Identity
from kernel.errors import GatewayError, Refused, Retryable

ALGORITHM = "TC3-HMAC-SHA256"
SERVICE, ACTION, VERSION = "faceid", "IdCardVerification", "2018-03-01"
SECONDS = 5.0
ANSWER_BYTES_MAX = 65_536
SLOTS = 10

VERDICTS: dict[str, Verdict] = {
    "0": "match", "-1": "mismatch", "-2": "unreadable", "-3": "unreadable", "-5": "unknown",
}  # fmt: skip
BUSY = {"-4": "register_down", "-6": "register_down", "-7": "quota"}
"""Results that are no verdict: the register is down or mended, or the day's quota is used up."""

_PASSING = ("RequestLimitExceeded", "InternalError", "ResourceInsufficient")
PROBE = Person("体检", "0" * 18)
"""A number that no register has: answered, not charged, and about nobody."""


@dataclass(frozen=True)
class Secret:
    """A pair of keys of the provider's."""

    id: str
    key: str


def authorization(secret: Secret, service: str, signed: Mapping[str, str], body: bytes,
                  at: int) -> str:  # fmt: skip
    """The value of ``Authorization`` for a POST to ``/`` at an instant in Unix seconds.

    ``signed`` are the signed headers by lower-case name, in the order of their names.
    """
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    names = ";".join(signed)
    lines = "".join(f"{name}:{value.strip().lower()}\n" for name, value in signed.items())
    request = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{service}/tc3_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{ALGORITHM}\n{at}\n{scope}\n{digest}"
    key = f"TC3{secret.key}".encode()
    for part in (day, service, "tc3_request"):
        key = _mac(key, part)
    return (
        f"{ALGORITHM} Credential={secret.id}/{scope}, SignedHeaders={names}, "
        f"Signature={_mac(key, text).hex()}"
    )


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class TencentIdentity:
    """Implements ``IdentityCheckPort`` with the merchant's keys."""

    def __init__(self, config: Identity, session: ClientSession) -> None:
        self._url = config.base_url
        self._secret = Secret(config.secret_id, config.secret_key)
        self._http = HttpCaller(session, "identity", slots=SLOTS, timeout=SECONDS)

    async def check(self, person: Person) -> Verdict:
        """What the register says of a name and a number.

        Raises Retryable if it is down, slow, over its quota or answers nonsense, Refused if it
        refuses the keys or the account.
        """
        body = {"IdCard": person.number, "Name": person.name}
        async with count_call("identity", "check"):
            said = await self._call(json.dumps(body, ensure_ascii=False).encode())
            result = str(said.get("Result"))
            if result in BUSY:
                raise Retryable(BUSY[result])
            if result not in VERDICTS:
                raise Retryable("nonsense")
        return VERDICTS[result]

    async def _call(self, body: bytes) -> dict[str, Any]:
        at = clock.timestamp()
        signed = {
            "content-type": "application/json; charset=utf-8",
            "host": urlsplit(self._url).netloc,
            "x-tc-action": ACTION.lower(),
        }
        answer = await self._http.send(
            "POST",
            f"{self._url}/",
            body=body,
            headers={
                "Authorization": authorization(self._secret, SERVICE, signed, body, at),
                "Content-Type": signed["content-type"],
                "X-TC-Action": ACTION,
                "X-TC-Timestamp": str(at),
                "X-TC-Version": VERSION,
            },
            is_repeatable=True,
            bytes_max=ANSWER_BYTES_MAX,
        )
        if answer.status != 200:
            raise Retryable(f"http_{answer.status}")
        said = _response(answer.body)
        error = said.get("Error")
        if isinstance(error, dict):
            raise _refusal(str(error.get("Code", ""))[:40])
        return said


def _refusal(code: str) -> GatewayError:
    """The error for a code of the provider's; what passes by itself is Retryable."""
    return (Retryable if code.startswith(_PASSING) else Refused)(code)


def _response(body: bytes) -> dict[str, Any]:
    """The object ``Response`` of an answer. Raises Retryable if there is none."""
    try:
        said = json.loads(body)["Response"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Retryable("nonsense", type(error).__name__) from error
    if not isinstance(said, dict):
        raise Retryable("nonsense")
    return said


async def examine(port: TencentIdentity | None) -> Check:
    """Whether the provider takes our keys, by a call that is not charged; for ``doctor``."""
    if port is None:
        return item("identity", "warn", "missing")
    try:
        await port.check(PROBE)
    except GatewayError as error:
        if isinstance(error, Retryable):
            return item("identity", "warn", "busy", said=error.code)
        return item("identity", "fail", "refused", said=error.code)
    return item("identity", "ok")
