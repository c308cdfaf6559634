"""A provider of identity checks, written from Tencent Cloud's documents of FaceID.

`POST /` with `X-TC-Action: IdCardVerification`, signed by TC3-HMAC-SHA256. Refusals are HTTP 200
with `Response.Error`, results `Response.Result` as published: 0 match, -1 mismatch, -2 a malformed
number, -3 a malformed name, -4 the register is down, -5 not in the register, -7 quota used up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import uuid
from typing import Any

from aiohttp import web

from simulator import inbound
from simulator.sim import Sim

WINDOW_S = 300
DAILY = 1000
COUNTER = "faceid"
NAME = re.compile(r"[\w·• .’'-]{2,30}")
DESCRIPTIONS = {
    "0": "姓名和身份证号一致",
    "-1": "姓名和身份证号不一致",
    "-2": "非法身份证号",
    "-3": "非法姓名",
    "-4": "证件库服务异常",
    "-5": "证件库中无此身份证记录",
    "-7": "认证次数超过当日限制",
}


class TencentError(Exception):
    """A refusal with the provider's code."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message or code


def setup(app: web.Application, sim: Sim) -> None:
    """Add the one address of the provider."""

    async def answer(request: web.Request) -> web.StreamResponse:
        async def run() -> web.StreamResponse:
            try:
                result = check(sim, request, await request.read())
            except TencentError as error:
                return _error(error)
            return _response({"Result": result, "Description": DESCRIPTIONS[result]})

        return await inbound.guarded(sim, request, "identity", run, _spoiled)

    app.router.add_post("/", answer)


def check(sim: Sim, request: web.Request, raw: bytes) -> str:
    """The result for a signed request. Raises TencentError."""
    _verify(sim, request, raw)
    if request.headers.get("X-TC-Action") != "IdCardVerification":
        raise TencentError("InvalidAction")
    if request.headers.get("X-TC-Version") != "2018-03-01":
        raise TencentError("NoSuchVersion")
    try:
        body = json.loads(raw)
        number, name = body["IdCard"], body["Name"]
    except (ValueError, TypeError, KeyError) as error:
        raise TencentError("MissingParameter") from error
    if not isinstance(number, str) or not isinstance(name, str):
        raise TencentError("InvalidParameter")
    return _compare(sim, name, number)


def _compare(sim: Sim, name: str, number: str) -> str:
    if not is_number(number):
        return "-2"
    if not NAME.fullmatch(name):
        return "-3"
    key = f"{sim.clock.day()}:{COUNTER}"
    used = sim.world.counters.get(key, 0)
    if used >= DAILY:
        return "-7"
    sim.world.counters[key] = used + 1
    known = sim.world.identities.get(number)
    if known is None:
        return "-5"
    return "0" if known == name else "-1"


def is_number(number: str) -> bool:
    """Whether an id number has the form and the check character of GB 11643."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return False
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(number[:17]))
    last = 10 if number[17] == "X" else int(number[17])
    return (total + last) % 11 == 1


def _verify(sim: Sim, request: web.Request, raw: bytes) -> None:
    """Check the signature by the published steps, over the headers that it names."""
    found = re.fullmatch(
        r"TC3-HMAC-SHA256 Credential=([^/,]+)/([^/]+)/([^/]+)/tc3_request, ?"
        r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
        request.headers.get("Authorization", ""),
    )
    if found is None:
        raise TencentError("AuthFailure.InvalidAuthorization")
    secret_id, day, service, names, signature = found.groups()
    stamp = request.headers.get("X-TC-Timestamp", "")
    if not stamp.isdigit() or abs(sim.clock.now() - int(stamp)) > WINDOW_S:
        raise TencentError("AuthFailure.SignatureExpire")
    if secret_id != sim.settings.identity_secret_id:
        raise TencentError("AuthFailure.SecretIdNotFound")
    if day != dt.datetime.fromtimestamp(int(stamp), dt.UTC).strftime("%Y-%m-%d"):
        raise TencentError("AuthFailure.SignatureFailure")
    if service != "faceid" or not {"content-type", "host"} <= set(names.split(";")):
        raise TencentError("AuthFailure.SignatureFailure")
    expected = _signature(sim, request, raw, (day, service, names, stamp))
    if not hmac.compare_digest(expected, signature):
        raise TencentError("AuthFailure.SignatureFailure")


def _signature(
    sim: Sim, request: web.Request, raw: bytes, scope: tuple[str, str, str, str]
) -> str:
    day, service, names, stamp = scope
    headers = "".join(
        f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in names.split(";")
    )
    body = hashlib.sha256(raw).hexdigest()
    canonical = f"{request.method}\n/\n{request.query_string}\n{headers}\n{names}\n{body}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/{service}/tc3_request\n{digest}"
    key = b"TC3" + sim.settings.identity_secret_key.encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _spoiled(action: dict[str, Any]) -> web.StreamResponse:
    if "result" in action:
        result = str(action["result"])
        return _response({"Result": result, "Description": DESCRIPTIONS.get(result, "")})
    if "code" in action:
        return _error(TencentError(str(action["code"]), str(action.get("message", ""))))
    return web.Response(status=int(action["status"]), text="simulated fault")


def _error(error: TencentError) -> web.Response:
    return _response({"Error": {"Code": error.code, "Message": error.message}})


def _response(inner: dict[str, Any]) -> web.Response:
    said = {"Response": {**inner, "RequestId": str(uuid.uuid4())}}
    text = json.dumps(said, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")
