"""The simulator's pages in Chromium: following, chatting, the webview, paying, Moments."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import segno
from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, FrameLocator, Page, async_playwright

from simulator import chat
from simulator.app import make_app
from simulator.hub import Hub
from simulator.keys import DemoKeys
from simulator.settings import Settings
from simulator.sim import SIM, Sim
from tests.e2e.face_shop import FaceShop
from tests.harness.chromium import CHROMIUM, FLAGS, expect, open_page
from tests.harness.keys import shared_keys

TEMPLATES = [
    {"id": "T1", "title": "订单发货通知", "kind": "subscribe",
     "content": "商品名称:{{thing1.DATA}}\n快递单号:{{character_string2.DATA}}"},
]  # fmt: skip
PEOPLE = [{"id": "lin", "name": "小林"}, {"id": "wang", "name": "小王"}]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]


@dataclass
class Face:
    """A simulator with its shop, and a browser."""

    sim: Sim
    shop: FaceShop
    base: str
    browser: Browser

    async def phone(self, name: str, *, following: bool = True) -> Page:
        """The phone of a person in a separate browser context."""
        person = self.sim.world.phones[name]
        person.is_following = following
        page = await open_page(self.browser, 375, 812)
        await page.goto(f"{self.base}/phone/{name}")
        await page.wait_for_selector("html[data-ready=yes]")
        return page

    async def open_link(self, page: Page, path: str) -> FrameLocator:
        """Scan a link of the shop; returns the page in the webview."""
        await page.click("[data-face=scan]")
        await page.fill("[aria-label=码的内容]", self.shop.base + path)
        await page.click("[data-sim=scan-go]")
        return page.frame_locator("[data-webview]")


@pytest.fixture(scope="module")
def keys() -> DemoKeys:
    """RSA keys, made once because making them is slow."""
    return shared_keys()


@pytest.fixture
async def face(
    keys: DemoKeys, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> AsyncIterator[Face]:
    """The simulator's pages with a small shop, in safe mode."""
    secrets: dict[str, Any] = keys.for_settings()
    settings = Settings(phones=PEOPLE, templates=TEMPLATES, **secrets)
    shop = FaceShop(settings, keys)
    shop.base = str((await aiohttp_server(shop.app())).make_url("")).rstrip("/")
    settings.app_base_url = shop.base
    app = make_app(settings)
    base = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    shop.sim = app[SIM].base_url = base
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Face(app[SIM], shop, base, browser)
        await browser.close()


def cookies(face: Face, phone: str) -> dict[str, str]:
    return {c["name"]: c["value"] for c in face.sim.world.phones[phone].cookies}


async def test_a_person_follows_writes_and_enters_the_mall_signed_in(face: Face) -> None:
    button = {"type": "view", "name": "进商城", "url": f"{face.shop.base}/m/gift"}
    face.sim.world.menu = {"button": [button]}
    page = await face.phone("lin", following=False)
    await page.click("[data-tab=contacts]")
    await page.fill(".search-field", "山泉")
    await page.click("[data-face=found]")
    await page.click("[data-face=follow]")
    await page.click("[data-menu=进商城]")
    gift = page.frame_locator("[data-webview]").locator("#agent")
    await expect(gift).to_contain_text("MicroMessenger")
    await page.click("[data-face=close-page]")
    await page.click("[data-face=keyboard]")
    await page.fill("textarea.say", "有什么酒？")
    await page.keyboard.press("Enter")
    await page.click("a:has-text('进入商城')")

    lin = face.sim.world.phones["lin"]
    mall = page.frame_locator("[data-webview]")
    await expect(mall.locator("#who")).to_have_text(lin.openid)
    in_front = page.locator(".webview:has([data-webview])")  # the closed sheet is still moving out
    await expect(in_front.locator(".title")).to_have_text("商城")
    assert face.shop.said == ["有什么酒？"]
    assert [m.kind for m in lin.chat] == ["event", "text", "text"]
    assert lin.is_following
    assert cookies(face, "lin") == {"who": lin.openid}
    assert "MicroMessenger/8.0" in face.shop.seen[-1]["User-Agent"]
    await mall.locator("button").click()
    await expect(mall.locator("#sent")).to_be_visible()
    assert face.shop.seen[-1]["Origin"] == face.shop.base
    assert face.shop.seen[-1]["Referer"] == f"{face.shop.base}/m/"


async def test_two_phones_keep_their_cookies_apart(face: Face) -> None:
    lin, wang = await face.phone("lin"), await face.phone("wang")
    people = face.sim.world.phones
    mall = await face.open_link(lin, "/m/")
    await expect(mall.locator("#who")).to_have_text(people["lin"].openid)
    assert cookies(face, "wang") == {}
    mall = await face.open_link(wang, "/m/")
    await expect(mall.locator("#who")).to_have_text(people["wang"].openid)
    assert cookies(face, "lin") == {"who": people["lin"].openid}
    assert cookies(face, "wang") == {"who": people["wang"].openid}
    assert await lin.context.cookies() == []
    assert face.shop.seen[0]["User-Agent"] != face.shop.seen[-1]["User-Agent"]


@pytest.mark.parametrize(
    ("choice", "said", "state", "left_fen"),
    [
        ("pay-ok", "get_brand_wcpay_request:ok", "SUCCESS", 5_000_000 - 29_800),
        ("pay-cancel", "get_brand_wcpay_request:cancel", "NOTPAY", 5_000_000),
    ],
)
async def test_the_payment_sheet_resolves(
    face: Face, choice: str, said: str, state: str, left_fen: int
) -> None:
    page = await face.phone("lin")
    mall = await face.open_link(page, "/m/")
    await expect(mall.locator("#who")).to_be_visible()
    await page.click("[data-face=close-page]")
    shop = await face.open_link(page, "/m/pay")
    await expect(shop.locator("#said")).to_have_text("config:ok")
    await shop.locator("#pay").click()
    await expect(page.locator(".sum")).to_have_text("¥298.00")
    await page.click(f"[data-sim={choice}]")
    await expect(shop.locator("#said")).to_have_text(said)
    [order] = face.sim.world.orders.values()
    assert order.state == state
    assert face.sim.world.phones["lin"].wallet_fen == left_fen


async def test_the_payment_sheet_is_drawn_into_a_page_without_a_phone_around_it(
    face: Face,
) -> None:
    page = await open_page(face.browser, 1280, 720)
    origin = f"http://lin.localhost:{urlsplit(face.base).port}"
    await page.goto(f"{origin}/m/")
    await page.goto(f"{origin}/m/pay")
    await expect(page.locator("#said")).to_have_text("config:ok")
    await page.click("#pay")
    await page.click("[data-sim=pay-ok]")
    await expect(page.locator("#said")).to_have_text("get_brand_wcpay_request:ok")
    await page.goto(f"{origin}/m/gift")
    assert await page.evaluate("navigator.userAgent") == await page.inner_text("#agent")


async def test_a_page_asks_for_notices_and_opens_a_transfer(face: Face) -> None:
    page = await face.phone("lin")
    mall = await face.open_link(page, "/m/")
    await expect(mall.locator("#who")).to_be_visible()
    await page.click("[data-face=close-page]")
    shop = await face.open_link(page, "/m/notice")
    await expect(shop.locator(".ask")).to_have_css("color", "rgb(1, 2, 3)")
    await shop.locator(".ask").click()
    await expect(page.get_by_text("订单发货通知")).to_be_visible()
    await page.click("[data-sim=subscribe-accept]")
    await expect(shop.locator("#said")).to_have_text("accept")
    lin = face.sim.world.phones["lin"]
    assert lin.notices == {"T1": 1}
    await shop.locator("#take").click()
    await page.click("[data-sim=transfer-ok]")
    await expect(shop.locator("#said")).to_have_text("requestMerchantTransfer:ok")
    assert face.sim.world.transfers["FACET1"].state == "SUCCESS"
    assert lin.wallet_fen == 5_000_000 + 1234


async def test_a_page_shared_to_moments_is_opened_by_another(face: Face) -> None:
    lin, wang = await face.phone("lin"), await face.phone("wang")
    shop = await face.open_link(lin, "/m/pay")
    await expect(shop.locator("#said")).to_have_text("config:ok")
    await lin.click("[data-face=page-more]")
    await lin.click("[data-sim=share-moments]")
    await lin.fill("[aria-label=这一刻的想法]", "真不错")
    await lin.click("[data-sim=moments-post]")

    await wang.click("[data-tab=discover]")
    await wang.click("[data-face=moments]")
    await wang.click(".post-link")
    gift = wang.frame_locator("[data-webview]")
    await expect(gift.locator("#agent")).to_contain_text("MicroMessenger")
    [moment] = face.sim.world.moments
    assert (moment.phone, moment.title, moment.text) == ("lin", "请你喝一杯", "真不错")
    assert moment.link == f"{face.shop.base}/m/gift"
    assert moment.opened_by == ["wang"]


async def test_a_poster_in_moments_has_its_code_read(face: Face) -> None:
    picture = io.BytesIO()
    segno.make(f"{face.shop.base}/m/gift").save(picture, kind="png", scale=6, border=4)
    async with ClientSession() as session:
        form = FormData({"text": "扫一扫"})
        form.add_field("media", picture.getvalue(), filename="poster.png")
        url = f"{face.base}/_sim/phones/lin/moments"
        async with session.post(url, data=form) as answer:
            assert answer.status == 201, await answer.text()
    wang = await face.phone("wang")
    await wang.click("[data-tab=discover]")
    await wang.click("[data-face=moments]")
    await wang.click(".post-picture")
    await wang.click("[data-face=decode]")
    gift = wang.frame_locator("[data-webview]")
    await expect(gift.locator("#agent")).to_contain_text("MicroMessenger")
    assert face.sim.world.moments[0].opened_by == ["wang"]


async def test_the_simulator_s_desk_shows_every_phone_and_moves_the_clock(face: Face) -> None:
    page = await open_page(face.browser, 1280, 900)
    await page.goto(face.base)
    for person in PEOPLE:
        phone = page.frame_locator(f"iframe[data-phone={person['id']}]")
        await expect(phone.locator(".root .title")).to_have_text("微信")
    await page.click("[data-advance='691200']")
    await expect(page.locator("#now")).to_contain_text("+8 天")
    assert face.sim.world.clock_offset_s == 691_200
    await page.click("#add-open")
    await page.fill("#add [name=name]", "老周")
    await page.fill("#add [name=id]", "zhou")
    await page.click("#add .go")
    zhou = page.frame_locator("iframe[data-phone=zhou]")
    await expect(zhou.locator(".root .title")).to_have_text("微信")
    assert face.sim.world.phones["zhou"].wallet_fen == 5_000_000


async def test_an_open_phone_gets_messages_after_the_simulator_restarts(face: Face) -> None:
    """It once reopened its stream too early and took new messages for old ones."""
    page = await face.phone("lin")
    lin = face.sim.world.phones["lin"]
    for n in range(3):
        face.sim.hub.publish("lin", "typing", on=bool(n % 2))
    await expect(page.locator("html[data-ready=yes]")).to_be_attached()
    await page.route("**/events*", lambda route: route.abort())
    face.sim.hub.close()
    face.sim.hub = Hub()
    await page.wait_for_timeout(500)  # the first request fails
    await page.unroute("**/events*")
    await page.wait_for_timeout(2500)
    chat.deliver(face.sim, lin, "custom", "text", {"content": "新酒到店"})
    await page.locator("[data-chat=account]").first.click()
    await expect(page.get_by_text("新酒到店").last).to_be_visible()
    assert await page.get_by_text("新酒到店").count() >= 1
