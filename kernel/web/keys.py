"""Typed keys for the objects that ``app`` gives to every web face."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from multidict import MultiDict

from kernel.config import Config
from kernel.errors import DomainError
from kernel.store import Store
from kernel.web.browsers import Browser, SessionBackend
from kernel.web.limits import Limiter
from kernel.web.templates import Renderer

CONFIG: web.AppKey[Config] = web.AppKey("config", Config)
STORE: web.AppKey[Store] = web.AppKey("store", Any)  # type: ignore[arg-type]
RENDERER: web.AppKey[Renderer] = web.AppKey("renderer", Renderer)
LIMITER: web.AppKey[Limiter] = web.AppKey("limiter", Limiter)
SESSIONS: web.AppKey[SessionBackend] = web.AppKey("sessions", Any)  # type: ignore[arg-type]
FACE: web.AppKey[str] = web.AppKey("face", str)

# Set on requests by middlewares.
BROWSER: web.RequestKey[Browser] = web.RequestKey("browser", Browser)
FLASH: web.RequestKey[str] = web.RequestKey("flash", str)
COMPANY: web.RequestKey[Any] = web.RequestKey("company", Any)
PROMISED: web.RequestKey[Any] = web.RequestKey("promised", Any)
VISIT: web.RequestKey[str] = web.RequestKey("visit", str)
FIELDS: web.RequestKey[MultiDict[Any]] = web.RequestKey("fields", MultiDict)
PUBLICS: web.RequestKey[dict[str, tuple[str, bool]]] = web.RequestKey("publics", dict)
MISTAKES: web.RequestKey[dict[str, DomainError]] = web.RequestKey("mistakes", dict)
BODY_LIMIT: web.RequestKey[int] = web.RequestKey("body_limit", int)
