"""Chromium in tests: its flags, and pages that wait as long as every other test (``PATIENCE``)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.harness.waiting import PATIENCE

__all__ = ["CHROMIUM", "FLAGS", "expect", "fill_address", "open_page"]

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


async def fill_address(mall: FrameLocator, address: Mapping[str, str]) -> None:
    """Fill in the form of an address as slowly as a person: each list once its script is there.

    The script of the lists begins with the loaded page, and anew some milliseconds after each list
    came (htmx: ``htmx-added``). A choice made before brings no next list.
    """
    await mall.locator("[name=province]").wait_for()
    await mall.locator("html").evaluate(_LOADED)
    for name, value in address.items():
        if name not in ("province", "city", "district"):
            await mall.locator(f"[name={name}]").fill(value)
            continue
        await mall.locator(f"#region-lists:not(.htmx-added) [name={name}]").select_option(value)
        await expect(mall.locator(f"[name={name}]")).to_have_value(value)


_LOADED = """() => new Promise((done) => {
  if (document.readyState === "complete") done(); else addEventListener("load", () => done());
})"""
