"""Pages shared on the simulator's phones: the card of the receiver, and its link."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, async_playwright

from app.demo import PHONES, prepare
from models import Distributor, Touch
from tests.databases import fresh
from tests.e2e.test_loop_browser import Screen
from tests.harness.chromium import CHROMIUM, FLAGS, expect
from tests.harness.story import become_distributor
from tests.harness.world import World, open_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
PAGES = {
    "product": ("/m/p/1", "山泉坊·陈酿", "/m/p/1"), "home": ("/m/", "山泉坊", "/m/"),
    "centre": ("/m/d/", "阿慧的酒柜推荐 · 山泉坊", "/m/"),
    "poster": ("/m/d/poster?p=1", "山泉坊·陈酿", "/m/p/1"),
}  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A seeded shop with the simulator; 阿慧 is a distributor."""
    url = f"sqlite:///{tmp_path}/share.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, phones=PHONES) as opened:
        await prepare(opened.runtime)
        hui = await opened.phone("hui")
        await hui.follow()
        await become_distributor(hui, "阿慧的酒柜")
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


def _in_chat(world: World, path: str) -> str:
    """The address of a page as in links of the chat, which sign in."""
    return f"{world.app_url}/oauth/login?next={quote(path)}&s=chat"


async def _code(world: World) -> str:
    def read() -> str:
        return str(Distributor.get(Distributor.display_name == "阿慧的酒柜").referral_code)

    return await world.runtime.store.read(read)


async def _touch(world: World) -> str:
    def read() -> str:
        return str(Touch.select().order_by(Touch.last_at.desc()).get().source)

    return await world.runtime.store.read(read)


async def _configured(phone: Screen) -> None:
    """Wait until the script of the page has passed its cards to WeChat."""
    given = "Boolean(window.__simPage && window.__simPage.timeline)"
    for _ in range(200):
        frames = [f for f in phone.page.frames if "/m/" in f.url]
        if frames and await frames[-1].evaluate(given):
            return
        await phone.page.wait_for_timeout(50)
    raise AssertionError([f.url for f in phone.page.frames])


async def _to_friend(phone: Screen) -> None:
    await phone.page.click("[data-face=page-more]")
    await phone.page.click("[data-sim=share-friend]")
    await phone.page.click("[data-sim=to-lin]")


async def _to_moments(phone: Screen) -> None:
    await phone.page.click("[data-face=page-more]")
    await phone.page.click("[data-sim=share-moments]")
    await phone.page.click("[data-sim=moments-post]")


async def _received(world: World) -> dict[str, Any]:
    """The newest card that 小林 got from a friend."""
    found = await world.sim("GET", "/phones/lin/friends")
    return dict(found["messages"][-1]["body"])


@pytest.mark.row("A1")
@pytest.mark.parametrize("page", sorted(PAGES))
async def test_a_card_is_complete_and_opens_signed_in_as_its_receiver(
    world: World, browser: Browser, page: str
) -> None:
    path, title, target = PAGES[page]
    code = await _code(world)
    hui = await Screen.open(browser, world, "hui")
    await hui.scan(_in_chat(world, path))
    await _configured(hui)
    await _to_friend(hui)
    await expect(hui.page.get_by_text("已发送").last).to_be_visible()
    card = await _received(world)
    assert card["title"] == title
    assert card["desc"].startswith("广告 · ")
    assert len(card["desc"]) > 10
    assert card["link"] == f"{world.app_url}{target}?r={code}&s=card"

    lin = await Screen.open(browser, world, "lin")
    await lin.page.click("[data-tab=contacts]")
    await lin.page.click("[data-friend=hui]")
    bubble = lin.page.locator(".bubble.share").last
    await expect(bubble).to_contain_text(title)
    await expect(bubble).to_contain_text("广告")
    picture = bubble.locator("img")
    assert await picture.evaluate("node => node.decode().then(() => node.naturalWidth)") >= 200
    await bubble.click()
    await expect(lin.mall.locator("main")).to_be_visible()
    await expect(lin.mall.get_by_text("让 阿慧的酒柜 看到您？")).to_be_visible()
    assert await _touch(world) == "card"


@pytest.mark.row("A1")
async def test_moments_show_title_with_mark_and_line(world: World, browser: Browser) -> None:
    hui = await Screen.open(browser, world, "hui")
    await hui.scan(_in_chat(world, "/m/p/1"))
    await _configured(hui)
    await _to_moments(hui)
    await expect(hui.page.get_by_text("已发表").last).to_be_visible()
    lin = await Screen.open(browser, world, "lin")
    await lin.page.click("[data-tab=discover]")
    await lin.page.click("[data-face=moments]")
    post = lin.page.locator(".post-link").first
    await expect(post).to_contain_text("广告 · 山泉坊·陈酿｜")
    picture = post.locator("img")
    assert await picture.evaluate("node => node.decode().then(() => node.naturalWidth)") >= 200
    await post.click()
    await expect(lin.mall.locator("h1")).to_contain_text("陈酿")
    assert await _touch(world) == "moments"


@pytest.mark.row("A1")
async def test_after_eight_days_a_shared_card_still_has_its_code(
    world: World, browser: Browser
) -> None:
    hui = await Screen.open(browser, world, "hui")
    await hui.scan(_in_chat(world, "/m/p/1"))
    await _configured(hui)
    await hui.close()
    await world.move(days=8)
    await hui.scan(_in_chat(world, "/m/p/1"))
    await _configured(hui)
    await _to_friend(hui)
    await expect(hui.page.get_by_text("已发送").last).to_be_visible()
    card = await _received(world)
    assert (card["image"] != "", "s=card" in card["link"]) == (True, True)


@pytest.mark.row("A1")
async def test_without_a_ticket_wechat_shares_the_address_with_the_code(
    world: World, browser: Browser
) -> None:
    await world.sim(
        "POST", "/faults",
        {"match": {"kind": "api", "path": "/cgi-bin/ticket/getticket"},
         "action": {"status": 500}, "count": None},
    )  # fmt: skip
    await world.move(days=8)  # the previous ticket has expired
    hui = await Screen.open(browser, world, "hui")
    await hui.scan(_in_chat(world, "/m/p/1"))
    await expect(hui.mall.locator("h1")).to_contain_text("陈酿")
    await _to_friend(hui)
    await expect(hui.page.get_by_text("已发送").last).to_be_visible()
    card = await _received(world)
    assert (card["title"], card["image"]) == ("山泉坊·陈酿 · 山泉坊", "")
    assert card["link"].partition("#")[0] == f"{world.app_url}/m/p/1?r={await _code(world)}"
