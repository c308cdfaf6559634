"""Responses with files that only one person may see."""

from __future__ import annotations

from aiohttp import web


def private_file(data: bytes, content_type: str) -> web.Response:
    """Show a file inline; neither browsers nor proxies may store it."""
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return web.Response(body=data, content_type=content_type, headers=headers)
