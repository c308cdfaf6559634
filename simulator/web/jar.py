"""A phone's cookies for the one site that its webview visits; kept in the world."""

from __future__ import annotations

import contextlib
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from simulator.world import Phone

MAX_COOKIES = 100


def header(phone: Phone, path: str, now: float) -> str:
    """The Cookie header for a request: longest path first, without expired cookies."""
    phone.cookies[:] = [
        c for c in phone.cookies if c["expires_at"] is None or c["expires_at"] > now
    ]
    fitting = [c for c in phone.cookies if _covers(c["path"], path)]
    fitting.sort(key=lambda cookie: -len(cookie["path"]))
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in fitting)


def store(phone: Phone, lines: list[str], path: str, now: float) -> None:
    """Store Set-Cookie lines; an expired one removes the cookie of that name."""
    for line in lines:
        cookie = _parse(line, path, now)
        if cookie is None:
            continue
        key = (cookie["name"], cookie["path"])
        phone.cookies[:] = [c for c in phone.cookies if (c["name"], c["path"]) != key]
        if cookie["expires_at"] is None or cookie["expires_at"] > now:
            phone.cookies.append(cookie)
    del phone.cookies[:-MAX_COOKIES]


def _covers(cookie_path: str, path: str) -> bool:
    if path == cookie_path:
        return True
    return path.startswith(cookie_path.rstrip("/") + "/")


def _parse(line: str, request_path: str, now: float) -> dict[str, Any] | None:
    first, *rest = line.split(";")
    name, equals, value = first.strip().partition("=")
    if not equals or not name:
        return None
    attributes = {}
    for part in rest:
        key, _, text = part.strip().partition("=")
        attributes[key.lower()] = text.strip()
    path = attributes.get("path", "")
    if not path.startswith("/"):
        path = request_path.rpartition("/")[0] or "/"
    expires_at = _expiry(attributes, now)
    return {"name": name, "value": value, "path": path, "expires_at": expires_at}


def _expiry(attributes: dict[str, str], now: float) -> float | None:
    """Max-Age takes precedence over Expires; with neither, the cookie lasts until a reset."""
    with contextlib.suppress(ValueError):
        if "max-age" in attributes:
            return now + int(attributes["max-age"])
    with contextlib.suppress(ValueError):
        if "expires" in attributes:
            at = parsedate_to_datetime(attributes["expires"].replace("-", " "))
            return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
    return None
