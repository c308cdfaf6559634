"""Compression of what browsers read: pages on their way, static files once per process.

Brotli is preferred, gzip is the rest; RFC 9110 §12.5.3 has the header. What is read by other
machines (WeChat's notifications and pushes) is left as it is. A page's form token is masked
(``kernel.web.browsers``), so that the compressed length says nothing about it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
from aiohttp import hdrs, web

COMPRESSED_TYPES = frozenset({"text/html", "application/json"})
STATIC_TYPES = frozenset(
    {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}
)
FEWEST_BYTES = 1_024
"""Below this the network sends as many packets with compression as without."""

PAGE_QUALITY, PAGE_LEVEL = 3, 4
FILE_QUALITY, FILE_LEVEL = 11, 9


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str | None:
    """The coding for an ``Accept-Encoding`` header: "br", "gzip", or None for neither."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, more = part.partition(";")
        quality = more.strip().removeprefix("q=") or "1"
        try:
            weights[name.strip()] = float(quality)
        except ValueError:
            continue  # a weight that is no number says nothing
    known = [(weights.get(each, weights.get("*", 0.0)), each) for each in ("gzip", "br")]
    weight, best = max(known)
    if known[0][0] == known[1][0]:
        best = "br"
    return best if weight > 0 else None


def compress(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Compress the body of a page or of JSON, if the browser takes it and it is worth it."""
    if response.content_type not in COMPRESSED_TYPES:
        return
    vary(response)
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes) or len(body) < FEWEST_BYTES:
        return
    coding = best_encoding(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
    if coding is None or hdrs.CONTENT_ENCODING in response.headers:
        return
    assert isinstance(response, web.Response)
    response.body = packed(body, coding, PAGE_QUALITY, PAGE_LEVEL)
    response.headers[hdrs.CONTENT_ENCODING] = coding


def vary(response: web.StreamResponse) -> None:
    """Tell caches that the answer depends on ``Accept-Encoding``, next to what it says already."""
    known = response.headers.get(hdrs.VARY, "")
    if hdrs.ACCEPT_ENCODING not in known:
        response.headers[hdrs.VARY] = ", ".join(filter(None, (known, hdrs.ACCEPT_ENCODING)))


def packed(data: bytes, coding: str, quality: int, level: int) -> bytes:
    """The data in a coding, by brotli's quality or gzip's level."""
    if coding == "br":
        made: bytes = brotli.compress(data, quality=quality)
        return made
    return gzip.compress(data, level, mtime=0)


@dataclass(frozen=True)
class _Packed:
    body: bytes
    etag: str


class StaticFiles:
    """Serves the files of a folder; each is compressed once, when it is first asked for."""

    def __init__(self, root: Path, *, is_watched: bool = False) -> None:
        self._root = root
        self._paths = self._listed()
        self._is_watched = is_watched
        self._made: dict[tuple[str, str, int], asyncio.Task[_Packed]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer GET and HEAD of ``{path}``; 304 if the browser has it. Raises HTTPNotFound."""
        name = request.match_info["path"]
        path = self._paths.get(name)
        if path is None and self._is_watched:
            path = self._listed().get(name)
        if path is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind not in STATIC_TYPES:
            return web.FileResponse(path)
        coding = best_encoding(request.headers.get(hdrs.ACCEPT_ENCODING, "")) or "identity"
        found = await self._packed(name, path, coding)
        response = web.Response(content_type=kind, charset="utf-8")
        response.headers[hdrs.ETAG] = found.etag
        vary(response)
        if found.etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            response.set_status(304)
            return response
        response.body = found.body
        if coding != "identity":
            response.headers[hdrs.CONTENT_ENCODING] = coding
        return response

    def _listed(self) -> dict[str, Path]:
        return {
            path.relative_to(self._root).as_posix(): path
            for path in self._root.rglob("*")
            if path.is_file()
        }

    async def _packed(self, name: str, path: Path, coding: str) -> _Packed:
        """The file in a coding; who asks meanwhile waits for the same work."""
        key = (name, coding, _changed(path) if self._is_watched else 0)
        if key not in self._made:
            self._made[key] = asyncio.create_task(asyncio.to_thread(_read_packed, path, coding))
        try:
            return await asyncio.shield(self._made[key])
        except OSError:
            self._made.pop(key, None)  # the next request tries again
            raise


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns


def _read_packed(path: Path, coding: str) -> _Packed:
    data = path.read_bytes()
    etag = f'"{hashlib.sha256(data).hexdigest()[:16]}-{coding}"'
    if coding == "identity":
        return _Packed(data, etag)
    return _Packed(packed(data, coding, FILE_QUALITY, FILE_LEVEL), etag)
