"""The checks of the API host (token, address, quota, body), and the form of its answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator import inbound
from simulator.errors import WxError
from simulator.ids import random_id
from simulator.sim import Sim
from simulator.world import Phone

DEFAULT_DAILY = 5_000_000
DAILY: dict[str, int] = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/menu/delete": 1000,
    "/cgi-bin/menu/addconditional": 2000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/ticket/getticket": 100_000,
}


@dataclass
class Call:
    """One call to the API host."""

    sim: Sim
    request: web.Request
    query: Mapping[str, str]
    raw: bytes
    body: dict[str, Any]

    def need(self, name: str, kind: type = str, errcode: int = 47001) -> Any:
        """A field of the JSON body; raises WxError(errcode) if missing or of another type."""
        value = self.body.get(name)
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise WxError(errcode, f"{name} is missing or of the wrong type")
        return value

    def user(self, openid: Any) -> Phone:
        """The person with this openid; 40003 if the openid is not one of this account."""
        found = self.sim.world.by_openid(openid) if isinstance(openid, str) else None
        if found is None:
            raise WxError(40003)
        return found


Handler = Callable[[Call], Awaitable[Any]]
Route = tuple[str, str, Handler]
HOST_PREFIXES = ("cgi-bin", "customservice", "wxa", "wxaapi", "sns")
WRONG_METHOD = {"GET": 43001, "POST": 43002}
# POST calls without a JSON body: parameters are in the query, or a missing file is 41005.
WITHOUT_JSON = {
    "/cgi-bin/message/mass/speed/get", "/cgi-bin/media/upload", "/cgi-bin/media/uploadimg",
    "/cgi-bin/material/add_material",
}  # fmt: skip


def add_routes(app: web.Application, sim: Sim, routes: list[Route], *, token: bool = True) -> None:
    """Register calls of the API host; `token=False` for those that need no access_token.

    A call with another method than the published one gets 43001 (GET required) or 43002 (POST
    required).
    """
    for method, path, handler in routes:
        app.router.add_route("*", path, _Door(sim, method, path, handler, token).respond)


def add_unknown(app: web.Application, sim: Sim) -> None:
    """Answer every other path of the API host with 40066. Must be registered last."""

    async def refuse(request: web.Request) -> web.StreamResponse:
        async def answer() -> web.StreamResponse:
            return error_response(WxError(40066))

        return await inbound.guarded(sim, request, "api", answer, _refusal)

    for prefix in HOST_PREFIXES:
        app.router.add_route("*", f"/{prefix}/{{rest:.*}}", refuse)


@dataclass(frozen=True)
class _Door:
    """One call of the API host: the checks before its handler runs."""

    sim: Sim
    method: str
    path: str
    handler: Handler
    token: bool

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """The answer of the call, changed by a fault if one is armed for it."""
        kind = "oauth" if self.path.startswith("/sns/") else "api"
        return await inbound.guarded(self.sim, request, kind, lambda: self._run(request), _refusal)

    async def _run(self, request: web.Request) -> web.StreamResponse:
        try:
            _check_address(self.sim, request)
            if self.token:
                check_token(self.sim, request.query.get("access_token", ""))
            if request.method != self.method:
                raise WxError(WRONG_METHOD[self.method])
            if self.token:
                count_call(self.sim, self.path)
            answer = await self.handler(await self._call(request))
        except WxError as error:
            return error_response(error)
        if isinstance(answer, web.StreamResponse):
            return answer
        return json_response(answer if answer is not None else {"errcode": 0, "errmsg": "ok"})

    async def _call(self, request: web.Request) -> Call:
        is_form = request.content_type.startswith("multipart/")
        raw = b"" if is_form else await request.read()
        if self.method == "POST" and not (raw or is_form or self.path in WITHOUT_JSON):
            raise WxError(44002)
        body = _body(request, raw, token=self.token)
        return Call(self.sim, request, request.query, raw, body)


def _refusal(action: dict[str, Any]) -> web.Response:
    if "errcode" in action:
        return error_response(WxError(int(action["errcode"]), str(action.get("errmsg", ""))))
    return web.Response(status=int(action["status"]), text="simulated fault")


def json_response(data: Any) -> web.Response:
    """UTF-8 JSON as the API host writes it."""
    text = json.dumps(data, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")


def error_response(error: WxError) -> web.Response:
    """HTTP 200 with errcode, errmsg and a request id: the form of every refusal."""
    rid = f"{random_id(8, '0123456789abcdef')}-{random_id(8, '0123456789abcdef')}"
    return json_response(
        {"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: {rid}", **error.facts}
    )


def check_token(sim: Sim, value: str) -> None:
    """Raise 41001 if missing, 40014 malformed, 40001 replaced, 42001 expired."""
    if not value:
        raise WxError(41001)
    if len(value) < 32 or not value.replace("-", "").replace("_", "").isalnum():
        raise WxError(40014)
    token = sim.world.tokens.get(value)
    now = sim.clock.now()
    if token is None or (token.dead_at is not None and token.dead_at <= now):
        raise WxError(40001)
    if token.expires_at <= now:
        raise WxError(42001)


def count_call(sim: Sim, path: str) -> None:
    """Count one call against the daily quota of its path; 45009 when the quota is used up."""
    key = f"{sim.clock.day()}:{path}"
    used = sim.world.counters.get(key, 0)
    if used >= DAILY.get(path, DEFAULT_DAILY):
        raise WxError(45009)
    sim.world.counters[key] = used + 1


def _check_address(sim: Sim, request: web.Request) -> None:
    allowed = sim.settings.ip_whitelist
    if allowed and request.remote not in allowed:
        raise WxError(40164, f"{request.remote}")


def _body(request: web.Request, raw: bytes, *, token: bool) -> dict[str, Any]:
    if request.method != "POST" or not raw:
        return {}
    if token:
        # WeChat does not decode \uXXXX: the reader would see the escape itself.
        raw = raw.replace(b"\\u", b"\\\\u")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise WxError(47001) from error
    if not isinstance(body, dict):
        raise WxError(47001)
    return body


def refuse_escapes(call: Call) -> None:
    """Menus and templates must be plain UTF-8: 40033 for \\uXXXX."""
    if b"\\u" in call.raw:
        raise WxError(40033)
