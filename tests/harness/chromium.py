"""Chromium in tests: its flags, and pages that wait as long as every other test (``PATIENCE``)."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.harness.waiting import PATIENCE

__all__ = ["CHROMIUM", "FLAGS", "expect", "open_page"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_MILLISECONDS = PATIENCE * 1000

expect.set_options(timeout=_MILLISECONDS)  # the default of 5 s is too short on a busy machine


async def open_page(browser: Browser, width: int, height: int, **more: Any) -> Page:
    """A new page of this size, without a session."""
    page = await browser.new_page(viewport={"width": width, "height": height}, **more)
    page.set_default_timeout(_MILLISECONDS)
    return page
