"""An order that is collected in a store, in Chromium: from the phone to the counter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from app.demo import PHONES, prepare
from app.production import DEMO_PASSWORD
from domain import logistics
from domain.staff import create_staff_hashed
from models import Order, Pickup, Staff
from tests.databases import fresh
from tests.e2e.test_loop_browser import Screen
from tests.e2e.test_sharing_browser import _in_chat
from tests.factories.pickups import make_place
from tests.harness.chromium import CHROMIUM, FLAGS, expect, open_page
from tests.harness.world import World, open_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
CLERK = "clerk"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A seeded shop with the simulator and one store, whose clerk sees nothing else."""
    url = f"sqlite:///{tmp_path}/pickup.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, phones=PHONES) as opened:
        await prepare(opened.runtime)
        runtime = opened.runtime
        place_id = await runtime.store.write(make_place, "江阳店")
        await create_staff_hashed(
            runtime.store, runtime.passwords, CLERK, "店员小何", [CLERK], DEMO_PASSWORD
        )
        await runtime.store.write(_works_at, place_id)
        await (await opened.phone("lin")).follow()
        yield opened


def _works_at(place_id: int) -> None:
    logistics.set_staff(place_id, [Staff.get(Staff.login == CLERK).id])


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


async def _buys(lin: Screen, world: World) -> None:
    """Choose 到店自提 at the till, and pay."""
    await lin.scan(_in_chat(world, "/m/p/1"))
    await lin.mall.locator(".actionbar a:has-text('立即购买')").click()
    await lin.mall.locator("#sku button:has-text('立即购买')").click()
    await lin.mall.locator("nav a:has-text('到店自提')").click()
    await expect(lin.mall.locator("#f-place")).to_contain_text("江阳店")
    await lin.mall.locator("[name=name]").fill("林小雨")
    await lin.mall.locator("[name=phone]").fill("13800138000")
    await lin.mall.locator("[name=adult]").check()
    await lin.mall.locator("button:has-text('去付款'):visible").click()
    await expect(lin.page.locator(".sum")).to_have_text("¥298.00")
    await lin.page.click("[data-sim=pay-ok]")
    await expect(lin.mall.locator("h1")).to_have_text("付款成功")


async def _at_the_counter(browser: Browser, world: World) -> Page:
    """The clerk signs in on a phone."""
    page = await open_page(browser, 375, 812)
    await page.goto(f"{world.app_url}/admin/")
    await page.fill("[name=login]", CLERK)
    await page.fill("[name=password]", DEMO_PASSWORD)
    await page.click("button.btn-primary")
    await expect(page.locator("h1")).to_have_text("到店自提")
    return page


@pytest.mark.row("B12")
async def test_an_order_is_collected_at_the_counter(world: World, browser: Browser) -> None:
    lin = await Screen.open(browser, world, "lin")
    await _buys(lin, world)
    await world.settle()
    counter = await _at_the_counter(browser, world)
    await counter.click("#list td a:text-is('备货')")
    await counter.click("button:has-text('备好货')")
    await expect(counter.locator("main")).to_contain_text("提货期限")
    await world.settle()

    order_no = await world.runtime.store.read(lambda: str(Order.get().order_no))
    await lin.close()
    await lin.scan(f"{world.app_url}/m/orders/{order_no}/pickup")
    await expect(lin.mall.locator("h1, h2").first).to_have_text("可以提货")
    code = await lin.mall.locator(".pickup-code").inner_text()
    await counter.goto(f"{world.app_url}/admin/pickups/verify")
    await counter.fill("[name=code]", code)
    await counter.click("button.btn-primary")
    await counter.locator("[name=age]").first.check()
    await counter.click("button:has-text('确认已交付')")
    await expect(counter.locator("body")).to_contain_text(f"已交付订单 {order_no}")
    assert await world.runtime.store.read(lambda: Pickup.get().state) == "collected"

    await counter.goto(f"{world.app_url}/admin/pickups/verify")
    await counter.fill("[name=code]", code)
    await counter.click("button.btn-primary")
    await expect(counter.locator("main")).to_contain_text("这个提货码已经用过")
    width = await counter.evaluate("document.documentElement.scrollWidth")
    assert width <= 375, "the counter's page has no sideways scroll"
