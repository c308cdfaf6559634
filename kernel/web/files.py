"""Responses with files that only one person may see."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from kernel import clock
from kernel.sheets import KINDS


def private_file(data: bytes, content_type: str) -> web.Response:
    """Show a file inline; neither browsers nor proxies may store it."""
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return web.Response(body=data, content_type=content_type, headers=headers)


def download_headers(key: str, title: str, kind: str) -> dict[str, str]:
    """Headers of a sheet to save, named in Chinese with today's date (RFC 6266).

    ``key`` names it for programs that know no Chinese; nobody on the way may store it.
    """
    name = f"{title}-{clock.business_day(clock.now())}.{kind}"
    plain = f"{key.replace('/', '-')}.{kind}"
    return {
        "Content-Type": KINDS[kind],
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store, private",
        "X-Content-Type-Options": "nosniff",
    }
