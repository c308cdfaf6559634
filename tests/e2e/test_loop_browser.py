"""The loop in Chromium: phones on the simulator's pages, and the merchant's pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FrameLocator, Page, async_playwright

from app.demo import PHONES, prepare
from app.production import DEMO_PASSWORD
from app.seed import OWNER_LOGIN
from domain import ledger
from domain.staff import demo_code
from tests.databases import fresh
from tests.harness.chromium import CHROMIUM, FLAGS, expect, fill_address, open_page
from tests.harness.story import ADDRESS, ID_NUMBER
from tests.harness.world import World, open_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]


class Screen:
    """One person's phone in a separate browser context."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def open(cls, browser: Browser, world: World, name: str) -> Screen:
        page = await open_page(browser, 375, 812)
        await page.goto(f"{world.sim_url}/phone/{name}")
        await page.wait_for_selector("html[data-ready=yes]")
        return cls(page)

    @property
    def mall(self) -> FrameLocator:
        """The page in the webview."""
        return self.page.frame_locator("[data-webview]")

    async def follow(self) -> None:
        """Search for the account and follow it."""
        await self.page.click("[data-tab=contacts]")
        await self.page.fill(".search-field", "山泉")
        await self.page.click("[data-face=found]")
        await self.page.click("[data-face=follow]")

    async def say(self, text: str) -> None:
        """Send a text to the account."""
        if not await self.page.locator("[data-face=keyboard], textarea.say").first.is_visible():
            await self.page.locator("[data-chat=account]").first.click()
            await self.page.wait_for_timeout(400)
        if not await self.page.locator("textarea.say").is_visible():
            await self.page.click("[data-face=keyboard]")
        await self.page.fill("textarea.say", text)
        await self.page.keyboard.press("Enter")

    async def hears(self, text: str | re.Pattern[str]) -> None:
        """Wait until the chat shows a text."""
        await expect(self.page.get_by_text(text).last).to_be_visible()

    async def scan(self, text: str) -> None:
        """Scan a code from the first screen by pasting its text."""
        scan = self.page.locator("[data-face=scan]")
        while not await scan.is_visible():
            await self.page.locator("[aria-label=返回]:visible").last.click()
            await self.page.wait_for_timeout(400)
        await self.page.click("[data-face=scan]")
        await self.page.fill("[aria-label=码的内容]", text)
        await self.page.click("[data-sim=scan-go]")

    async def close(self) -> None:
        """Close the webview."""
        await self.page.click("[data-face=close-page]")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A seeded shop with the simulator, on SQLite."""
    url = f"sqlite:///{tmp_path}/browser.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, phones=PHONES) as opened:
        await prepare(opened.runtime)
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@pytest.mark.row("A1")
async def test_a_shared_product_is_bought_and_earns_commission(
    world: World, browser: Browser
) -> None:
    hui = await Screen.open(browser, world, "hui")
    await _joins(hui)
    code = await _poster_code(world, hui)

    lin = await Screen.open(browser, world, "lin")
    await lin.scan(code)
    await lin.page.click("[data-face=follow]")
    await lin.hears("您的推荐人是「阿慧的酒柜」")
    order_no = await _buys(lin)
    await world.settle()
    await hui.say("佣金")
    await hui.hears("待结算 ¥41.72")

    merchant = await _signs_in(browser, world)
    await _ships(merchant, world, order_no)
    await _receives(lin, order_no, world)
    await world.move(days=8)
    await hui.say("佣金")
    await hui.hears("可提现 ¥41.72")
    await _withdraws(hui, world)
    assert await (await world.phone("hui")).wallet_fen() == 5_000_000 + 4172

    await lin.say("订阅")
    await lin.hears(re.compile("促销|优惠|活动"))
    await lin.say("退订")
    await hui.say("订阅")
    merchant = await _signs_in(browser, world)  # the first session has ended after eight days
    await _promotes(merchant, world)
    await hui.hears("桂花露酒上新，欢迎品鉴。")
    heard = [m for m in await (await world.phone("lin")).messages() if "上新，欢迎" in str(m)]
    assert heard == []
    assert (await world.runtime.store.read(ledger.check_fully)).faults == []


async def _joins(hui: Screen) -> None:
    await hui.follow()
    await hui.hears("欢迎关注山泉坊")
    await hui.say("申请分销")
    await hui.page.locator("a:has-text('申请')").last.click()
    await hui.mall.locator("[name=display_name]").fill("阿慧的酒柜")
    await hui.mall.locator("[name=agree]").check()
    await hui.mall.locator("button:has-text('免费申请')").click()
    await expect(hui.mall.locator("h1")).to_have_text("分销中心")
    await hui.close()


async def _poster_code(world: World, hui: Screen) -> str:
    await hui.say("海报")
    picture = hui.page.locator(".bubble img, [data-kind=image] img").last
    await expect(picture).to_be_visible()
    pictures: list[Any] = []
    for _ in range(50):
        messages = await (await world.phone("hui")).messages()
        pictures = [each for each in messages if each["kind"] == "image"]
        if pictures:
            break
        await asyncio.sleep(0.1)
    url = world.sim_url + pictures[-1]["body"]["url"]
    texts = (await world.sim("POST", "/decode", {"url": url}))["texts"]
    return str(texts[0])


async def _buys(lin: Screen) -> str:
    await lin.say("商品 陈酿")
    await lin.page.locator("a:has-text('山泉坊·陈酿')").last.click()
    await lin.mall.locator(".actionbar a:has-text('立即购买')").click()
    await lin.mall.locator("#sku button:has-text('立即购买')").click()
    await fill_address(lin.mall, ADDRESS)
    await lin.mall.locator("[name=adult]").check()
    await lin.mall.locator("button:has-text('去付款'):visible").click()
    await expect(lin.page.locator(".sum")).to_have_text("¥298.00")
    await lin.page.click("[data-sim=pay-ok]")
    await expect(lin.mall.locator("h1")).to_have_text("付款成功")
    await lin.mall.locator("a:has-text('查看订单')").click()
    await expect(lin.mall.locator("h1")).to_have_text("等待发货")
    text = await lin.mall.locator("main").inner_text()
    found = re.search(r"ORD\d{6}[0-9A-Z]{16}", text)
    assert found, text
    await lin.close()
    return found.group()


async def _signs_in(browser: Browser, world: World) -> Page:
    page = await open_page(browser, 1280, 900)
    await page.goto(f"{world.app_url}/admin/")
    await page.fill("[name=login]", OWNER_LOGIN)
    await page.fill("[name=password]", DEMO_PASSWORD)
    await page.click("button.btn-primary")
    code = await world.runtime.store.read(demo_code, OWNER_LOGIN)
    await page.fill("[name=code]", code)
    await page.click("button.btn-primary")
    await expect(page.locator("h1")).to_be_visible()
    return page


async def _ships(merchant: Page, world: World, order_no: str) -> None:
    await merchant.goto(f"{world.app_url}/admin/orders/{order_no}")
    await merchant.fill("[name=company]", "顺丰速运")
    await merchant.fill("[name=tracking_no]", "SF1234567890")
    await merchant.click("button:has-text('确认发货')")
    await expect(merchant.get_by_text("SF1234567890").first).to_be_visible()


async def _receives(lin: Screen, order_no: str, world: World) -> None:
    await lin.scan(f"{world.app_url}/m/orders/{order_no}")
    await lin.mall.locator("button:has-text('确认收货')").click()
    await lin.mall.locator(".weui-dialog__btn_primary").click()
    await expect(lin.mall.get_by_text("已收货").first).to_be_visible()
    await lin.close()


async def _withdraws(hui: Screen, world: World) -> None:
    await hui.scan(f"{world.app_url}/m/d/withdraw")
    await hui.mall.locator("[name=name]").fill("阿慧")
    await hui.mall.locator("[name=number]").fill(ID_NUMBER)
    await hui.mall.locator("button:has-text('保存')").click()
    await hui.mall.locator("[name=amount]").fill("41.72")
    await hui.mall.locator("button:has-text('下一步')").click()
    await hui.mall.locator("button:has-text('确认提现')").click()
    await expect(hui.mall.locator("h1")).to_be_visible()
    await world.settle()
    await hui.mall.locator("[data-none], main").first.wait_for()
    await hui.close()
    await hui.scan(f"{world.app_url}/m/d/withdrawals")
    await hui.mall.locator(".ledger a").first.click()
    await hui.mall.locator("a:has-text('确认收款')").click()
    await hui.mall.locator("button[data-transfer]").click()
    await hui.page.click("[data-sim=transfer-ok]")
    await expect(hui.mall.get_by_text("已到账").first).to_be_visible()
    await hui.close()


async def _promotes(merchant: Page, world: World) -> None:
    await merchant.goto(f"{world.app_url}/admin/push/new")
    await merchant.fill("[name=title]", "桂花上新")
    await merchant.fill("[name=text]", "桂花露酒上新，欢迎品鉴。")
    await merchant.check("[name=is_promotion]")
    await merchant.click("button:has-text('看看能送达多少人')")
    await expect(merchant.get_by_text("1").first).to_be_visible()
    await merchant.click("button:has-text('存为草稿')")
    await merchant.click("[data-open=start], [data-dialog=start], button:has-text('发送')")
    dialog = merchant.locator("dialog[open]")
    await dialog.locator("[name=_typed]").fill("发送")
    await dialog.locator("button[type=submit], button.btn-danger, button.btn-primary").last.click()
    await expect(merchant.get_by_text(re.compile("发送中|已完成|等待"))).not_to_have_count(0)
    await world.move_to_noon()
