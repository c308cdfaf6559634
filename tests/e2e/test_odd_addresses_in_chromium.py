"""The JS-SDK's signature for unusual addresses in Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from app.demo import PHONES
from tests.databases import fresh
from tests.e2e.test_sim_face_phones import FLAGS
from tests.harness.world import AGENT, open_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
TYPED = (
    "/m/", "/m/?", "/m/??", "/m/?#", "/m/#a?b", "/m/?a=&b=&=", "/m/?&&", "/m/?x=陈", "/m/?陈",
    "/m/?x=%e9%99%88", "/m/?x=%E9%99%88#陈", "/m/?x=%25E9", "/m/?x=%", "/m/?x=%u9648",
    "/m/?x=%E9%99", "/m/?x=a b", "/m/?x=a+b", "/m/?x=a,b;c:d@e!$'()*", "/m/?x=/%2f?%3F",
    "/m/?x=[1]{2}|^`\"<>\\", "/m/./?x=1", "/m/p/../?x=1", "/m/p/1?", "/m/p/1?s=%2F",
    "/m/?x=" + "a" * 4000, "/m/?from=singlemessage&isappinstalled=0", "/m/?x=😀&y=\u200b&z=é",
)  # fmt: skip


async def test_the_signature_is_valid_for_every_address_of_a_browser(tmp_path: Path) -> None:
    """A ``?`` at the end once made the signature invalid; ``%e9`` instead of ``%E9`` would too."""
    database = f"sqlite:///{tmp_path}/shop.sqlite3"
    fresh(database)
    async with (
        open_world(tmp_path, database, phones=PHONES) as world,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await (await browser.new_context(user_agent=AGENT)).new_page()
        wrong = []
        for typed in TYPED:
            answer = await page.goto(world.app_url + typed, wait_until="domcontentloaded")
            assert answer is None or answer.status in {200, 304}, typed
            seen, config = await page.evaluate(
                "() => [location.href.split('#')[0],"
                " JSON.parse(document.getElementById('jssdk').textContent).config]"
            )
            said = await world.sim("POST", "/phones/lin/js/config", config | {"url": seen})
            if said["errMsg"] != "config:ok":
                wrong.append((typed, seen, said["errMsg"]))
        await browser.close()
    assert wrong == []
