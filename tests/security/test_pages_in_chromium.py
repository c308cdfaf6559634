"""Every page in a real browser: the policy is never violated, no script fails, nothing is inline.

The pages are found by following links, so that a new page is looked at once something leads to it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from app.seed import OWNER_LOGIN
from domain.staff import Caller
from domain.staff.sessions import open_session
from models import Staff
from scripts.screenshots import FLAGS, play
from simulator.keys import DemoKeys
from tests.databases import fresh
from tests.harness.world import AGENT, World, open_world
from tests.security.town import STAFF

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
NUMBER = re.compile(
    r"(?<=/)(\d+|[A-Z]{2,3}\d{6}[0-9A-Z]{10,})(?=/|$)|(?<=/admin/answers/)(?!new)[a-z0-9_]+"
)
INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>"),
    "a style in the page": re.compile(r"<style\b|<[^>]+\sstyle="),
    "a handler in the page": re.compile(r"<[^>]+\son[a-z]+="),
    "a script address": re.compile(r"""(?:href|src|action)=["']\s*javascript:""", re.IGNORECASE),
}
WATCH = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error('POLICY ' + event.violatedDirective + ' ' + event.blockedURI);
});
"""
NOT_PAGES = (
    ".jpg", ".svg", ".csv", "/file", "/state", "/oauth/", "/uploads/", "/static/", "/logout",
)  # fmt: skip


@dataclass
class Walk:
    """One person's way through all pages that links lead to."""

    base: str
    context: BrowserContext
    within: tuple[str, ...]
    most: int = 80
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def all_from(self, *starts: str) -> None:
        """Open a page of each kind once."""
        page, waiting = await self.context.new_page(), list(starts)
        await page.add_init_script(WATCH)
        notes: list[str] = []
        page.on("pageerror", lambda error: notes.append(f"script: {error}"))
        page.on("console", lambda m: notes.append(m.text) if m.type == "error" else None)
        page.on("requestfailed", lambda r: notes.append(f"not loaded: {r.url} {r.failure}"))
        while waiting and len(self.seen) < self.most:
            path = waiting.pop(0)
            kind = NUMBER.sub("*", urlsplit(path).path)
            if kind in self.seen:
                continue
            self.seen.add(kind)
            answer = await page.goto(self.base + path, wait_until="load")
            assert answer is not None
            text = await answer.text()
            await page.wait_for_timeout(60)
            self._judge(path, answer.status, text, notes)
            notes.clear()
            waiting += self._links(path, text)

    def _judge(self, path: str, status: int, text: str, notes: list[str]) -> None:
        self.wrong += [f"{path}: {n}" for n in notes if "net::ERR_ABORTED" not in n]
        if status != 200:
            self.wrong.append(f"{path}: status {status}")
        self.wrong += [f"{path}: {name}" for name, mark in INLINE.items() if mark.search(text)]

    def _links(self, path: str, text: str) -> list[str]:
        found = []
        for href in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', text):
            target = urlsplit(urljoin(self.base + path, href.replace("&amp;", "&")))
            ours = f"{target.scheme}://{target.netloc}" == self.base
            if (
                ours
                and target.path.startswith(self.within)
                and not any(mark in target.path for mark in NOT_PAGES)
            ):
                found.append(target.path + (f"?{target.query}" if target.query else ""))
        return found


@pytest.fixture
async def world(tmp_path: Path, keys: DemoKeys) -> AsyncIterator[World]:
    """A shop beside a WeChat; what a page may do is the same on every database."""
    url = f"sqlite:///{tmp_path}/pages.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, keys=keys) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


def owner_cookie() -> str:
    """The owner, signed in."""
    row = Staff.get(Staff.login == OWNER_LOGIN)
    return open_session(row, Caller("test"), confirmed=True).cookie


async def walk(
    browser: Browser, world: World, cookies: dict[str, str], within: tuple[str, ...],
    *starts: str, agent: str | None = None,
) -> Walk:  # fmt: skip
    """Walk as somebody."""
    context = await browser.new_context(user_agent=agent, locale="zh-CN")
    await context.add_cookies(
        [{"name": k, "value": v, "url": world.app_url} for k, v in cookies.items()]
    )
    made = Walk(world.app_url, context, within)
    await made.all_from(*starts)
    await context.close()
    return made


async def test_no_page_breaks_its_own_policy(world: World, browser: Browser) -> None:
    orders = await play(world)
    mall: set[str] = set()
    wrong: list[str] = []
    for name in ("lin", "hui"):
        phone = await world.phone(name)
        jar = {c.key: c.value for c in phone.session.cookie_jar}
        starts = ["/m/", "/m/me", "/m/cart", "/m/checkout", "/m/d/", "/legal/terms", "/m/category"]
        if name == "lin":
            starts += [f"/m/orders/{number}" for key, number in orders.items() if key != "shipped"]
            starts += [f"/m/pay/{orders['waiting']}", f"/m/pay/{orders['paid']}/result"]
        else:
            starts.remove("/m/checkout")
        found = await walk(browser, world, jar, ("/m/", "/legal/"), *starts, agent=AGENT)
        mall |= found.seen
        wrong += found.wrong
    cookie = await world.runtime.store.write(owner_cookie)
    desk = await walk(browser, world, {STAFF: cookie}, ("/admin/",), "/admin/", "/admin/me")
    outside = await walk(browser, world, {}, ("/legal/",), "/m/", "/legal/terms", "/admin/sign-in")
    assert [*wrong, *desk.wrong, *outside.wrong] == []
    assert {"/m/orders/*", "/m/p/*", "/m/d/withdraw", "/m/pay/*", "/legal/privacy"} <= mall
    assert {"/admin/orders/*", "/admin/products/*", "/admin/staff", "/admin/audit"} <= desk.seen
    assert len(mall) > 25
    assert len(desk.seen) > 35
    await stops_a_script_that_slipped_in(world, browser)


async def stops_a_script_that_slipped_in(world: World, browser: Browser) -> None:
    """The watch sees a violation, and the browser runs nothing."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(WATCH)
    notes: list[str] = []
    page.on("console", lambda m: notes.append(m.text))
    await page.goto(f"{world.app_url}/m/")
    await page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        ' \'<img src=x onerror="window.taken=1"><b style="color:red">x</b>\')'
    )
    await page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.taken = 1';"
        " document.body.append(s)"
    )
    await page.wait_for_timeout(300)
    assert await page.evaluate("window.taken") is None
    assert any(note.startswith("POLICY script-src") for note in notes)
    await context.close()
