"""The form of `/_sim` calls: JSON requests, JSON answers, plain errors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.account.media import store
from simulator.errors import SimError, SimMissing
from simulator.open.oauth import AuthorizePageError
from simulator.people import phones
from simulator.sim import SIM, Sim
from simulator.world import Media, Phone


@dataclass
class Ask:
    """One `/_sim` call."""

    sim: Sim
    request: web.Request
    body: dict[str, Any]

    @property
    def phone(self) -> Phone:
        """The phone named in the path."""
        return phones.get_or_raise(self.sim, self.request.match_info["phone"])

    def number(self, name: str, default: float) -> float:
        """A number in the query."""
        try:
            return float(self.request.query.get(name, default))
        except ValueError as error:
            raise SimError(f"{name} must be a number") from error


Handler = Callable[[Ask], Awaitable[Any]]
Route = tuple[str, str, Handler]


def add_routes(app: web.Application, routes: list[Route]) -> None:
    """Register `/_sim` calls."""
    for method, path, handler in routes:
        app.router.add_route(method, "/_sim" + path, _bind(handler))


def json_response(data: Any, status: int = 200) -> web.Response:
    """Readable UTF-8 JSON."""
    text = json.dumps(data, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json")


def _bind(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        try:
            answer = await handler(Ask(request.app[SIM], request, await _body(request)))
        except SimError as error:
            return _error(error.code, str(error), error.status)
        except AuthorizePageError as error:
            return _error(f"page_{error.code}", error.message, 400)
        except (TypeError, ValueError, KeyError) as error:
            return _error("bad_request", f"{type(error).__name__}: {error}", 400)
        if isinstance(answer, web.StreamResponse):
            return answer
        status, data = answer if isinstance(answer, tuple) else (200, answer)
        return json_response(data, status)

    return respond


def _error(code: str, message: str, status: int) -> web.Response:
    return json_response({"error": {"code": code, "message": message}}, status)


async def _body(request: web.Request) -> dict[str, Any]:
    if request.method not in ("POST", "PATCH") or request.content_type.startswith("multipart/"):
        return {}
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise SimError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise SimError("the body is not a JSON object")
    return body


async def upload(ask: Ask, default_name: str = "picture.jpg") -> tuple[str, str, bytes]:
    """File name, type, bytes, from multipart `media` or `base64`; other fields join the body."""
    request = ask.request
    if not request.content_type.startswith("multipart/"):
        try:
            data = base64.b64decode(ask.body["base64"].rpartition(",")[2], validate=True)
        except (KeyError, AttributeError, binascii.Error) as error:
            raise SimError("give multipart media or base64") from error
        name = str(ask.body.get("filename", default_name))
        return name, str(ask.body.get("content_type", _type_of(data))), data
    form = await request.post()
    ask.body = {k: v for k, v in form.items() if isinstance(v, str)}
    part = form.get("media")
    if not isinstance(part, web.FileField):
        raise SimError("the part media is missing")
    return part.filename or default_name, part.content_type, part.file.read()


def _type_of(data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "application/octet-stream"


async def upload_media(ask: Ask, kind: str) -> Media:
    """The media that a person sends: uploaded in this call, or known by media_id."""
    if media_id := ask.body.get("media_id"):
        found = ask.sim.world.media.get(str(media_id))
        if found is None:
            raise SimMissing("no such media")
        return found
    filename, content_type, data = await upload(ask)
    return store(ask.sim, kind, filename, content_type, data)
