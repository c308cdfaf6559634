"""The size of HTML, CSS and JS of each mall page at its first view, as served to a browser."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import brotli

from bench.tools.processes import shop
from bench.tools.report import show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, new_shop
from kernel.store import database

PAGES = (
    "/m/", "/m/category", "/m/search?q=陈酿", "/m/p/1", "/m/cart", "/m/checkout?sku=1&qty=1",
    "/m/orders", "/m/me", "/m/addresses", "/m/d/", "/legal/privacy",
)  # fmt: skip
LIMIT, LIMIT_OF_PRODUCT = 60_000, 65_000
_ASSET = re.compile(r'<(?:link rel="stylesheet"|script)[^>]*?(?:href|src)="(/static/[^"?]+)')


def main(*, quick: bool = False) -> None:
    """Measure and print a line for each page."""
    pages = PAGES[:3] if quick else PAGES
    with new_shop() as made:
        fill_catalog(40)
        fill_members(1)
        (cookie,) = fill_sessions(1)
        database.close()
        with shop(made.env, made.folder) as server:
            for path in pages:
                _one(server.port, path, cookie)


def _one(port: int, path: str, cookie: str) -> None:
    quoted = urllib.request.quote(path, safe="/?=&")
    try:
        page = _sent(port, quoted, cookie)
    except urllib.error.HTTPError as error:
        show({"bench": "weight", "note": f"{path} answered {error.code}"})
        return
    parts = {"html": len(page), "css": 0, "js": 0}
    for name in set(_ASSET.findall(brotli.decompress(page).decode())):
        parts["css" if name.endswith(".css") else "js"] += len(_sent(port, name, cookie))
    limit = LIMIT_OF_PRODUCT if path.startswith("/m/p/") else LIMIT
    total = sum(parts.values())
    note = f"{path}: " + ", ".join(f"{kind} {size}" for kind, size in parts.items())
    show({
        "bench": "weight", "figure": total, "unit": "bytes", "limit": limit,
        "limit_is": "HTML, CSS and JS, by brotli", "ratio": round(total / limit, 2),
        "p50_ms": None, "p99_ms": None, "cpu_ms": None, "rss_mb": None, "runs": 1, "spread": 0,
        "note": note,
    })  # fmt: skip


def _sent(port: int, path: str, cookie: str) -> bytes:
    """The body as it is sent to a browser that takes brotli."""
    headers = {"Cookie": cookie, "Accept-Encoding": "br"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        body: bytes = answer.read()
    return body


if __name__ == "__main__":
    main()
