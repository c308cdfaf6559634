"""The gzipped size of HTML, CSS and JS of each mall page at its first view, without pictures."""

from __future__ import annotations

import gzip
import re
import urllib.error
import urllib.request

from bench.tools.processes import ROOT, shop
from bench.tools.report import show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, new_shop
from kernel.store import database

PAGES = (
    "/m/", "/m/category", "/m/search?q=陈酿", "/m/p/1", "/m/cart", "/m/checkout?sku=1&qty=1",
    "/m/orders", "/m/me", "/m/addresses", "/m/d/", "/legal/privacy",
)  # fmt: skip
LIMIT = 90_000
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
    url = f"http://127.0.0.1:{port}{quoted}"
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            page = answer.read()
    except urllib.error.HTTPError as error:
        show({"bench": "weight", "note": f"{path} answered {error.code}"})
        return
    parts = {"html": len(gzip.compress(page, 9)), "css": 0, "js": 0}
    for name in set(_ASSET.findall(page.decode())):
        kind = "css" if name.endswith(".css") else "js"
        parts[kind] += len(gzip.compress((ROOT / name.lstrip("/")).read_bytes(), 9))
    total = sum(parts.values())
    note = f"{path}: " + ", ".join(f"{kind} {size}" for kind, size in parts.items())
    show({
        "bench": "weight", "figure": total, "unit": "bytes", "limit": LIMIT,
        "limit_is": "HTML, CSS and JS, gzip -9", "ratio": round(total / LIMIT, 2), "p50_ms": None,
        "p99_ms": None, "cpu_ms": None, "rss_mb": None, "runs": 1, "spread": 0, "note": note,
    })  # fmt: skip


if __name__ == "__main__":
    main()
