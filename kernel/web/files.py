"""Files that one person may see, as answers."""

from __future__ import annotations

from aiohttp import web


def private_file(data: bytes, content_type: str) -> web.Response:
    """Shown, and kept nowhere: neither by the browser nor on the way."""
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return web.Response(body=data, content_type=content_type, headers=headers)
