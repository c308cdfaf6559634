"""A gift from one phone to another, in Chromium: paid, sent on, taken, shipped, received."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from app.demo import PHONES, prepare
from domain import orders
from domain.orders import ShipForm
from models import Gift, Order
from tests.databases import fresh
from tests.e2e.test_loop_browser import Screen
from tests.e2e.test_sharing_browser import _configured, _in_chat, _received, _to_friend
from tests.harness.chromium import CHROMIUM, FLAGS, expect, fill_address
from tests.harness.story import ADDRESS
from tests.harness.world import World, open_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
PRICE = re.compile(r"(?<![\w.-])298(?![\w-])")
"""The price as people read it, and not within a key or a port."""
SHOTS = os.environ.get("GIFT_SHOTS", "")
"""A folder for pictures of the pages; none is taken without it."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A seeded shop with the simulator; 阿慧 and 小林 follow the account."""
    url = f"sqlite:///{tmp_path}/gift.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, phones=PHONES) as opened:
        await prepare(opened.runtime)
        for name in ("hui", "lin"):
            await (await opened.phone(name)).follow()
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


async def _shot(phone: Screen, name: str) -> None:
    if SHOTS:
        await phone.page.wait_for_timeout(500)
        await phone.page.screenshot(path=f"{SHOTS}/{name}.png")


async def _gives(hui: Screen, world: World) -> None:
    """Buy the first product as a gift, and pay."""
    await hui.scan(_in_chat(world, "/m/p/1"))
    await hui.mall.locator(".actionbar a:has-text('立即购买')").click()
    await _shot(hui, "sheet")
    await hui.mall.locator("#sku button:has-text('送礼')").click()
    await expect(hui.mall.locator("h1")).to_have_text("确认订单")
    await hui.mall.locator("[name=greeting]").fill("爸，生日快乐，少喝一点。")
    await hui.mall.locator("[name=signature]").fill("阿慧")
    await _shot(hui, "till")
    await hui.mall.locator("[name=adult]").check()
    await hui.mall.locator("button:has-text('去付款'):visible").click()
    await expect(hui.page.locator(".sum")).to_have_text("¥298.00")
    await hui.page.click("[data-sim=pay-ok]")
    await expect(hui.mall.locator("h1")).to_have_text("付款成功")
    await _shot(hui, "paid")
    await hui.mall.locator("a:has-text('发给好友')").click()
    await expect(hui.mall.locator("h1")).to_have_text("把礼物发给好友")
    await _shot(hui, "sent")


async def _takes(lin: Screen) -> None:
    """Open the card, fill in the address, and take the gift."""
    await lin.page.click("[data-tab=contacts]")
    await lin.page.click("[data-friend=hui]")
    bubble = lin.page.locator(".bubble.share").last
    await expect(bubble).to_contain_text("阿慧 送您一份礼物")
    await bubble.click()
    await expect(lin.mall.locator("h1")).to_have_text("阿慧 送您一份礼物")
    assert "¥" not in await lin.mall.locator("main").inner_text()
    await _shot(lin, "opened")
    await fill_address(lin.mall, ADDRESS)
    await _shot(lin, "filled")
    await lin.mall.locator("[name=adult]").check()
    await lin.mall.locator("button:has-text('收下礼物'):visible").click()
    await expect(lin.mall.locator("h1")).to_have_text("礼物正在准备发出")
    await _shot(lin, "taken")


@pytest.mark.row("B13")
async def test_a_gift_goes_from_one_phone_to_another(world: World, browser: Browser) -> None:
    hui = await Screen.open(browser, world, "hui")
    await _gives(hui, world)
    await _configured(hui)
    await _to_friend(hui)
    await expect(hui.page.get_by_text("已发送").last).to_be_visible()
    card = await _received(world)
    assert card["title"] == "阿慧 送您一份礼物"
    assert PRICE.search(str(card)) is None

    lin = await Screen.open(browser, world, "lin")
    await _takes(lin)
    await world.settle()
    await hui.close()
    await hui.hears("已被领取，地址已填好")

    def ship() -> str:
        order = Order.get(Order.id == Gift.get().order_id)
        orders.ship_parcel(order.id, ShipForm("顺丰速运", "SF1234567890"))
        return str(order.order_no)

    await world.runtime.store.write(ship)
    await world.settle()
    await lin.close()
    await lin.page.locator("[aria-label=返回]:visible").last.click()
    await lin.page.click("[data-tab=chats]")
    await lin.say("订单")
    await lin.hears("您收下的礼物已发出")
    await _shot(lin, "shipped")
    heard = str(await (await world.phone("lin")).messages())
    assert PRICE.search(heard) is None
