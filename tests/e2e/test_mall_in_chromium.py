"""The mall as people see it: wide screens, large type, the keyboard, the back key, messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from app.demo import PHONES, prepare
from domain import members
from models import Member
from tests.databases import fresh
from tests.harness import story
from tests.harness.chromium import CHROMIUM, FLAGS, expect, open_page
from tests.harness.world import AGENT, Phone, World, open_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
BOX = """(selector) => { const found = [...document.querySelectorAll(selector)]
  .filter((node) => node.getClientRects().length);
  if (!found.length) return null;
  const box = found[0].getBoundingClientRect();
  return {x: box.x, y: box.y, right: box.right, bottom: box.bottom}; }"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
RING = """() => { const node = document.activeElement, style = getComputedStyle(node);
  const around = node.closest('.sku, .choice');
  const ring = (each) => each && getComputedStyle(each).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(each).outlineWidth) > 0;
  return [node.tagName + '.' + node.className, ring(node) || ring(around)
    || style.borderColor === 'rgb(158, 27, 30)' || ring(node.closest('.seek'))
    || Boolean(node.closest('.seek'))]; }"""

STYLES = """() => [...document.querySelectorAll("*")].map((node) => ["", "::before", "::after"]
  .map((part) => { const style = getComputedStyle(node, part || null);
    return node.tagName + part + [...style].filter((name) => !name.startsWith("--"))
      .map((name) => " " + name + ":" + style.getPropertyValue(name)); }))"""
WHOLE = "/static/vendor/weui@2.6.26/weui.min.css"
CHANGE = """(whole) => new Promise((done) => {
  const link = document.querySelector('link[href*=weui]');
  link.addEventListener('load', () => setTimeout(done, 300));
  link.href = whole; })"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A seeded shop in which 小林 follows the account and has bought once."""
    url = f"sqlite:///{tmp_path}/mall.sqlite3"
    fresh(url)
    async with open_world(tmp_path, url, phones=PHONES) as opened:
        await prepare(opened.runtime)
        lin = await opened.phone("lin")
        await lin.follow()
        await story.buy(lin, "桂花")
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


async def screen(browser: Browser, phone: Phone, width: int, height: int, **more: Any) -> Page:
    """A page with a person's cookies."""
    page = await open_page(browser, width, height, user_agent=AGENT, **more)
    kept = [
        {"name": each.key, "value": each.value, "url": phone.world.app_url}
        for each in phone.session.cookie_jar
    ]
    await page.context.add_cookies(kept)  # type: ignore[arg-type]
    return page


async def box(page: Page, selector: str) -> dict[str, float]:
    """Where the first visible element of a selector stands."""
    found: dict[str, float] | None = await page.evaluate(BOX, selector)
    assert found is not None, (selector, page.url)
    return found


async def fill_cart(phone: Phone) -> None:
    """Put two 陈酿 into the cart."""
    page = await phone.open("/m/p/1")
    await phone.submit(page.form("/m/cart"), qty="2", to="cart")


@pytest.mark.row("D3")
async def test_on_a_wide_screen_choosing_and_paying_have_two_columns(
    world: World, browser: Browser
) -> None:
    """The picture of a product pushed its name and price out of view."""
    lin = await world.phone("lin")
    await fill_cart(lin)
    page = await screen(browser, lin, 1280, 800)
    await page.goto(f"{world.app_url}/m/p/1")
    album, price = await box(page, ".album"), await box(page, "main .price")
    assert album["right"] < price["x"]
    assert price["bottom"] < 300
    assert (await box(page, "main a[href='#sku'].weui-btn_primary"))["bottom"] < 800
    await page.goto(f"{world.app_url}/m/checkout")
    form, side = await box(page, "#order textarea"), await box(page, "#order .breakdown")
    assert form["right"] < side["x"]
    assert (await box(page, "#order button.weui-btn_primary"))["bottom"] < 800
    await page.goto(f"{world.app_url}/m/category")
    tiles = await page.evaluate(
        "[...document.querySelectorAll('.good')].map((each) => each.getBoundingClientRect().y)"
    )
    assert tiles.count(tiles[0]) == 4
    for path in ("/m/", "/m/cart", "/m/me", "/m/orders", "/m/d/", "/legal/terms"):
        await page.goto(world.app_url + path)
        menu, main = await box(page, ".tabbar"), await box(page, "main")
        assert menu["bottom"] <= 80 <= main["bottom"], path
        assert abs(main["x"] - (1280 - main["right"])) <= 1, path
        assert await page.evaluate(SIDEWAYS) <= 0, path


@pytest.mark.row("D3")
async def test_in_large_type_price_and_button_are_on_the_first_screen(
    world: World, browser: Browser
) -> None:
    """A small phone showed the picture alone; the price came below the fold."""
    lin = await world.phone("lin")
    await fill_cart(lin)
    till = (await story.checkout(lin, "坛藏")).url.split("?")[0]

    def choose() -> None:
        members.set_care_mode(Member.get().id, True)

    await world.runtime.store.write(choose)
    page = await screen(browser, lin, 375, 667)
    for url, button in (
        (f"{world.app_url}/m/p/1", ".actionbar .weui-btn_primary"),
        (f"{world.app_url}/m/checkout", ".actionbar .weui-btn_primary"),
        (till, "[data-pay]"),
    ):
        await page.goto(url)
        await expect(page.locator("html[data-care]")).to_have_count(1)
        bar = (await box(page, ".actionbar, .tabbar"))["y"]
        price = await box(page, ".actionbar .price" if "checkout" in url else "main .price")
        assert price["bottom"] <= (667 if "checkout" in url else bar), url
        assert (await box(page, button))["bottom"] <= 667, url
    for path in ("/m/", "/m/cart", "/m/me", "/m/orders", "/m/d/", "/m/me/profile", till):
        await page.goto(path if path == till else world.app_url + path)
        assert await page.evaluate(SIDEWAYS) <= 0, path


async def test_the_keyboard_reaches_everything_with_a_ring(world: World, browser: Browser) -> None:
    """WeUI takes the ring from its buttons, with a stronger selector than ours had."""
    lin = await world.phone("lin")
    page = await screen(browser, lin, 1280, 800)
    for path in ("/m/", "/m/p/1", "/m/checkout?sku=1&qty=1", "/m/me/profile"):
        await page.goto(world.app_url + path)
        seen: set[str] = set()
        for _ in range(24):
            await page.keyboard.press("Tab")
            name, has_ring = await page.evaluate(RING)
            if name.startswith("BODY"):
                break  # after the last one
            assert has_ring, (path, name)
            seen.add(name)
        assert any("weui-btn" in name for name in seen) or path == "/m/", (path, seen)


@pytest.mark.row("B5")
@pytest.mark.parametrize("way", ["cart", "buy"])
async def test_the_back_key_after_paying_leads_to_the_order(
    world: World, browser: Browser, way: str
) -> None:
    """It led to an empty cart, or to a checkout that waited for the same order again."""
    lin = await world.phone("lin")
    await fill_cart(lin)
    page = await screen(browser, lin, 375, 812)
    start = "/m/checkout" if way == "cart" else "/m/checkout?sku=1&qty=1"
    await page.goto(f"{world.app_url}/m/cart")
    await page.goto(world.app_url + start)
    await page.check("[name=adult]")
    await page.click(".actionbar button")
    await page.wait_for_url("**/m/pay/**")
    number = page.url.split("/m/pay/")[1].split("?")[0]
    params = story.till(await lin.open(page.url))["params"]
    assert (await lin.pay(params=params))["result"] == "ok"
    await world.settle()
    await page.evaluate(f"location.replace('/m/pay/{number}/result')")  # as the page's script does
    await expect(page.locator("h1")).to_have_text("付款成功")
    await page.go_back()
    await page.wait_for_url(f"**/m/orders/{number}")
    await expect(page.locator("main .state h1")).to_have_text("等待发货")


async def test_the_till_of_a_paid_order_is_never_alive_again(
    world: World, browser: Browser
) -> None:
    """Without a script too: the page is not kept, so the back key asks for it again."""
    lin = await world.phone("lin")
    opened = await story.checkout(lin, "坛藏")
    page = await screen(browser, lin, 375, 812, java_script_enabled=False)
    await page.goto(opened.url)
    assert (await lin.pay(params=story.till(opened)["params"]))["result"] == "ok"
    await world.settle()
    await page.goto(f"{world.app_url}/m/")
    await page.go_back()
    await page.wait_for_url("**/result")
    await expect(page.locator("h1")).to_have_text("付款成功")


@pytest.mark.row("D3")
async def test_what_was_done_is_told_once_with_and_without_a_script(
    world: World, browser: Browser
) -> None:
    lin = await world.phone("lin")
    for script in (True, False):
        page = await screen(browser, lin, 375, 812, java_script_enabled=script)
        await page.goto(f"{world.app_url}/m/p/1#sku")
        await page.click("#sku button[value=cart]")
        await expect(page.locator("#toasts .toast")).to_contain_text("已加入购物车")
        await page.goto(f"{world.app_url}/m/me/profile")
        await expect(page.locator("#toasts .toast")).to_have_count(0)
        await page.fill("[name=nickname]", "小林")
        await page.click("text=保存")
        await expect(page.locator("#toasts .toast")).to_contain_text("已保存")
    page = await screen(browser, lin, 375, 812)
    await page.goto(f"{world.app_url}/m/orders")
    await page.click("section a[aria-label^=查看订单]")
    await page.click("text=复制编号")
    await expect(page.locator("#toasts .toast")).to_have_text("已复制")
    await page.goto(f"{world.app_url}/m/")
    await page.click("header [data-care-form] button")
    await expect(page.locator("#toasts .toast")).to_have_count(1)
    assert await page.locator("#toasts .toast").all_inner_texts() == ["已切换为大字版"]


async def test_the_badge_of_the_cart_counts_as_the_cart_does(
    world: World, browser: Browser
) -> None:
    """The badge counted lines, the page counted pieces; and the badge stood still on the page."""
    lin = await world.phone("lin")
    await fill_cart(lin)
    page = await screen(browser, lin, 375, 812)
    await page.goto(f"{world.app_url}/m/cart")
    badge = page.locator(".tabbar .count")
    await expect(badge).to_have_text("2件商品")
    await expect(page.locator("main header p")).to_have_text("共 2 件")
    await page.click("[data-step='1']")
    await expect(page.locator("main header p")).to_have_text("共 3 件")
    await expect(badge).to_have_text("3件商品")
    page = await screen(browser, lin, 375, 812)
    await page.goto(f"{world.app_url}/m/")
    await expect(page.locator(".tabbar .count")).to_have_count(1)
    assert (await page.locator(".tabbar .count").inner_text()).split() == ["3", "件商品"]


async def test_pages_look_as_with_the_whole_of_weui(world: World, browser: Browser) -> None:
    """The sheet is cut by a script: each element keeps every one of its computed styles."""
    lin = await world.phone("lin")
    page = await screen(browser, lin, 375, 812, reduced_motion="reduce")
    for path, tap in (
        ("/m/p/1#sku", ""), ("/m/me/profile", ""), ("/m/me", "text=退出登录"),
        ("/m/checkout?sku=1&qty=1", ""),
    ):  # fmt: skip
        await page.goto(world.app_url + path)
        if tap:
            await page.click(tap)
            await expect(page.locator(".weui-dialog")).to_be_visible()
        await page.wait_for_timeout(300)
        cut = await page.evaluate(STYLES)
        await page.evaluate(CHANGE, WHOLE)
        assert await page.evaluate(STYLES) == cut, path
