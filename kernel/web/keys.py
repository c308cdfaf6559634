"""Typed application keys: what ``app`` hands to every web face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from kernel.config import Config
from kernel.store import Store

if TYPE_CHECKING:
    from kernel.web.limits import Limiter
    from kernel.web.render import Renderer
    from kernel.web.sessions import Browser, SessionBackend

CONFIG: web.AppKey[Config] = web.AppKey("config", Config)
STORE: web.AppKey[Store] = web.AppKey("store", Any)  # type: ignore[arg-type]
RENDERER: web.AppKey[Renderer] = web.AppKey("renderer", Any)  # type: ignore[arg-type]
LIMITER: web.AppKey[Limiter] = web.AppKey("limiter", Any)  # type: ignore[arg-type]
SESSIONS: web.AppKey[SessionBackend] = web.AppKey("sessions", Any)  # type: ignore[arg-type]
FACE: web.AppKey[str] = web.AppKey("face", str)

# What middlewares leave on a request.
BROWSER: web.RequestKey[Browser] = web.RequestKey("browser", Any)  # type: ignore[arg-type]
FLASH: web.RequestKey[str] = web.RequestKey("flash", str)
