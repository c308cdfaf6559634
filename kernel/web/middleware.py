"""Middlewares of every page: request id, client address, CSRF, error pages, security headers."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from prometheus_client import Counter, Histogram

from kernel import context, metrics
from kernel.errors import DomainError, Forbidden, GatewayError
from kernel.ids import nonce
from kernel.store.failures import whole_database_failure
from kernel.web.bodies import refuse_compressed
from kernel.web.clients import client_address
from kernel.web.compressed import compress
from kernel.web.forms import close_files, fields_of
from kernel.web.keys import CONFIG, FACE, SESSIONS
from kernel.web.sessions import browser, keep_cookies, load_browser

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ErrorPage = Callable[[web.Request, int, str, DomainError | None], Awaitable[web.StreamResponse]]
log = logging.getLogger("fenmall.web")

SAFE = {"GET", "HEAD", "OPTIONS"}
DATABASE_CODES = {"database_busy", "commit_unknown"}


@web.middleware
async def request_frame(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware: request id, client address, security headers, compression."""
    context.request_id.set(nonce(10))
    context.client_ip.set(client_address(request))
    started = time.perf_counter()
    try:
        response = await _answer(request, handler)
    except web.HTTPException as answer:
        _finish(request, answer, started)
        raise
    finally:
        close_files(request)
    _finish(request, response, started)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors that no face handled into a bare status, so that no connection breaks."""
    refuse_compressed(request)
    if "%00" in request.raw_path:
        # NUL is in no legitimate URL, and PostgreSQL stores none
        raise web.HTTPBadRequest(text="网址里有无法识别的字符，请检查后重新打开。")
    try:
        return await handler(request)
    except DomainError as error:
        return web.Response(status=error.http_status, text=str(error.code))
    except web.HTTPException:
        raise
    except Exception:
        log.exception("request failed outside of every face: %s", request.method)
        return web.Response(status=500, text="500")


def _finish(request: web.Request, response: web.StreamResponse, started: float) -> None:
    _count(request, response.status, time.perf_counter() - started)
    if not response.prepared:
        _set_headers(request, response)
        compress(request, response)


def _count(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "-"
    face = request.match_info.apps[-1].get(FACE, "app") if request.match_info.apps else "app"
    answered, taken = _meters(face, route, status // 100)
    answered.inc()
    taken.observe(seconds)


@lru_cache(maxsize=2_048)
def _meters(face: str, route: str, hundreds: int) -> tuple[Counter, Histogram]:
    return (
        metrics.HTTP_REQUESTS.labels(face, route, f"{hundreds}xx"),
        metrics.HTTP_SECONDS.labels(face),
    )


def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cache-Control", "no-cache, private")  # static files set their own
    headers.setdefault("X-Request-Id", context.request_id.get())
    if response.content_type == "text/html":
        wechat = request.app[CONFIG].wechat
        policy = _policy(wechat.jssdk_url, wechat.open_base)
        headers.setdefault("Content-Security-Policy", policy)
    if request.app[CONFIG].public_url.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


@lru_cache(maxsize=4)
def _policy(jssdk_url: str, open_base: str) -> str:
    sdk, signs_in = urlsplit(jssdk_url), urlsplit(open_base)
    source = f"{sdk.scheme}://{sdk.netloc}"
    # browsers apply form-action to redirects as well, and "buy" may redirect to the sign-in
    forms = f"'self' {signs_in.scheme}://{signs_in.netloc}"
    return (
        f"default-src 'self'; script-src 'self' {source}; style-src 'self'; "
        f"img-src 'self' data: blob:; connect-src 'self' {source}; frame-ancestors 'none'; "
        f"base-uri 'none'; form-action {forms}; object-src 'none'"
    )


def browser_session() -> Any:
    """A middleware that loads the request's browser, checks CSRF on changes, and sets cookies."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        found = await load_browser(request, request.config_dict[SESSIONS])
        actor = found.member_id
        context.actor.set(f"member:{actor}" if actor is not None else "visitor")
        secure = request.config_dict[CONFIG].public_url.startswith("https://")
        try:
            if request.method not in SAFE:
                await check_csrf(request)
            response = await handler(request)
        except web.HTTPException as answer:
            keep_cookies(request, answer, secure=secure)
            raise
        keep_cookies(request, response, secure=secure)
        return response

    return middleware


async def check_csrf(request: web.Request) -> None:
    """Require our own ``Origin`` (if sent) and this browser's CSRF token.

    Raises Forbidden('csrf_bad').
    """
    origin = request.headers.get("Origin")
    if origin and origin != "null" and not is_own_origin(request):
        raise Forbidden("csrf_bad")
    sent = request.headers.get("X-CSRF-Token", "")
    if not sent:
        value = (await fields_of(request)).get("_csrf", "")
        sent = value if isinstance(value, str) else ""
    if not browser(request).is_csrf(sent):
        raise Forbidden("csrf_bad")


def is_own_origin(request: web.Request) -> bool:
    """True if the browser says that a page of ours sent this."""
    ours = {request.config_dict[CONFIG].public_url, f"{request.scheme}://{request.host}"}
    return request.headers.get("Origin") in ours


@web.middleware
async def other_slash(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Redirect a URL with a superfluous or a missing final slash to the existing page."""
    missing = isinstance(request.match_info.http_exception, web.HTTPNotFound)
    if missing and request.method in ("GET", "HEAD"):
        path = request.rel_url.raw_path
        other = request.rel_url.with_path(
            path.rstrip("/") if path.endswith("/") else f"{path}/", encoded=True, keep_query=True
        )
        found = await request.app.router.resolve(request.clone(rel_url=other))
        if found.http_exception is None:
            raise web.HTTPFound(other)
    return await handler(request)


def error_pages(show: ErrorPage) -> Any:
    """A middleware that shows errors as pages of its face; internal errors show no details."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return await show(request, 413, "upload_too_large", None)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return await show(request, answer.status, f"http_{answer.status}", None)
        except DomainError as error:
            return await show(request, error.http_status, error.code, error)
        except GatewayError as error:
            if error.code in DATABASE_CODES:
                log.warning("the database did not answer clearly: %s", error)
                return await show(request, 503, error.code, None)
            log.warning("the outside failed: %s", error)
            return await show(request, 502, "outside_failed", None)
        except Exception as error:
            if (what := whole_database_failure(error)) is not None:
                log.error("request failed: %s %s: %r", request.method, request.path, error)
                return await show(request, 503, what, None)
            log.exception("request failed: %s %s", request.method, request.path)
            return await show(request, 500, "http_500", None)

    return middleware
