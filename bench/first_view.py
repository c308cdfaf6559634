"""The first text of a page on a slow network: Chromium, 400 kbit/s, 400 ms, nothing cached."""

from __future__ import annotations

import shutil
import statistics
import time
from typing import Any

from bench.tools.processes import shop
from bench.tools.report import show
from bench.tools.shop import fill_catalog, fill_members, fill_sessions, new_shop
from kernel.store import database

PAGES = ("/m/", "/m/p/1", "/m/checkout?sku=1&qty=1")
LIMIT_SECONDS = 2.2
SLOW = {
    "offline": False, "latency": 400, "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}  # fmt: skip
PAINTED = (
    "() => (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || null"
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE = 30.0


def main(*, quick: bool = False) -> None:
    """Measure and print a line for each page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        show({"bench": "first_view", "note": "no chromium"})
        return
    from playwright.sync_api import sync_playwright

    pages, rounds = (PAGES[:1], 1) if quick else (PAGES, 5)
    with new_shop() as made:
        fill_catalog(40)
        fill_members(1)
        (cookie,) = fill_sessions(1)
        database.close()
        with shop(made.env, made.folder) as server, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
            for path in pages:
                url = f"http://127.0.0.1:{server.port}{path}"
                _painted(browser, url, cookie)  # the process compresses its files
                _print(path, [_painted(browser, url, cookie) for _ in range(rounds)])
            browser.close()


def _painted(browser: Any, url: str, cookie: str) -> float:
    """Seconds from opening the page to its first text, in a browser that has seen nothing."""
    context = browser.new_context(viewport={"width": 375, "height": 700})
    pairs = [part.strip().partition("=") for part in cookie.split(";")]
    context.add_cookies([{"name": name, "value": value, "url": url} for name, _, value in pairs])
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    answer = page.goto(url, wait_until="domcontentloaded")
    assert answer is not None
    assert answer.ok, (url, answer.status)
    ends = time.monotonic() + PATIENCE
    while (found := page.evaluate(PAINTED)) is None and time.monotonic() < ends:
        page.wait_for_timeout(50)
    context.close()
    assert found is not None, url
    return float(found) / 1000


def _print(path: str, seconds: list[float]) -> None:
    middle = statistics.median(seconds)
    show({
        "bench": "first_view", "figure": round(middle, 2), "unit": "s", "limit": LIMIT_SECONDS,
        "limit_is": "goal for the first text", "ratio": round(middle / LIMIT_SECONDS, 2),
        "p50_ms": round(middle * 1000), "p99_ms": None, "cpu_ms": None, "rss_mb": None,
        "runs": len(seconds), "spread": round(max(seconds) - min(seconds), 2), "note": path,
    })  # fmt: skip


if __name__ == "__main__":
    main()
