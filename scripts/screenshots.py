"""Plays a short story in a demo shop and takes a screenshot of every page: ``make screenshots``.

Pictures are written to ``var/shots``; ``--readme`` also writes the smaller ones of the READMEs.
Shop, simulator and story are those of the tests; no external system is called.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import logging
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from admin.menu import PAGES  # noqa: E402
from app.demo import PHONES, prepare  # noqa: E402
from app.production import DEMO_PASSWORD  # noqa: E402
from app.seed import OWNER_LOGIN  # noqa: E402
from domain import aftersales, catalog, distribution, payouts, push  # noqa: E402
from domain.push import CampaignForm  # noqa: E402
from domain.staff import demo_code  # noqa: E402
from kernel import context  # noqa: E402
from tests.databases import fresh  # noqa: E402
from tests.harness import story  # noqa: E402
from tests.harness.world import AGENT, Phone, World, open_world  # noqa: E402

SHOTS = ROOT / "var" / "shots"
README = ROOT / "docs" / "pictures"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
MALL = {
    "home": "/m/", "offers": "/m/offers", "shelf": "/m/category",
    "search_empty": "/m/search?q=威士忌", "cart": "/m/cart",
    "me": "/m/me", "profile": "/m/me/profile", "addresses": "/m/addresses",
    "address": "/m/addresses/new", "orders": "/m/orders", "complaint": "/m/complaint",
    "terms": "/legal/terms", "privacy": "/legal/privacy", "licences": "/legal/licences",
}  # fmt: skip
DISTRIBUTOR = {
    "distributor": "/m/d/", "d_entries": "/m/d/entries", "d_customers": "/m/d/customers",
    "d_goods": "/m/d/goods", "d_poster": "/m/d/poster", "d_withdraw": "/m/d/withdraw",
    "d_withdrawals": "/m/d/withdrawals", "d_why": "/m/d/why", "d_order_why": "/m/d/order-why",
    "distribution_terms": "/legal/distribution",
}  # fmt: skip
ADMIN = {page.key.replace("/", "_") or "today": page.key for page in PAGES} | {
    "product": "products/1", "story": "products/1/story", "offer": "offers/1",
    "offer_goods": "offers/new", "offer_form": "offers/new?p=1",
    "compose": "push/new", "campaign": "push/1",
    "ship_sheet": "orders/ship-sheet", "count_sheet": "stock/count-sheet",
    "product_sheet": "products/sheet", "sku_stock": "stock/1",
    "answer": "answers/dispatch", "answer_new": "answers/new",
    "approval": "approvals/1", "system_events": "audit/system", "member": "members/1",
    "tax": "tax", "payroll": "payroll", "me": "me",
}  # fmt: skip
WIDTHS = {1280: "", 390: "_390"}
MALL_SIZES = {(375, 812): "", (1280, 900): "_1280"}
LARGE = ("home", "product", "cart", "checkout", "pay", "result", "order_paid", "orders", "me")
WANTED_BY_README = {
    "phone_chat": "chat",
    "product": "product",
    "phone_pay": "pay",
    "distributor": "distributor",
    "admin_today": "admin_today",
    "desk": "desk",
}


def browser_path() -> str | None:
    """The path of the system's Chromium; with None playwright uses its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


async def play(world: World) -> dict[str, str]:
    """Create a distributor, orders in several states, a withdrawal, a ticket, a draft campaign.

    Returns order numbers by state.
    """
    await prepare(world.runtime)
    hui, lin, wang = [await world.phone(name) for name in ("hui", "lin", "wang")]
    await hui.follow()
    await story.become_distributor(hui, "阿慧的酒柜")
    await story.follow_by_poster(lin, hui)
    await lin.say("订阅")
    orders = {"received": await story.buy(lin, "陈酿")}
    await story.ship(world, orders["received"])
    await story.receive(lin, orders["received"])
    await world.move(days=8)
    await story.withdraw(hui, "30.00")
    await story.follow_by_poster(wang, hui)
    orders["shipped"] = await story.buy(wang, "小泉", 2)
    await story.ship(world, orders["shipped"])
    orders["paid"] = await story.buy(lin, "桂花")
    orders["waiting"] = (await story.checkout(lin, "坛藏")).url.split("/m/pay/")[1].split("?")[0]
    await lin.say("商品 礼盒")
    await hui.say("佣金")
    await wang.say("人工")
    form = CampaignForm(
        "桂花露酒上新", "service", {"text": "桂花露酒上新，欢迎品鉴。"}, {"kind": "all"}
    )
    await world.runtime.store.write(push.draft_campaign, form, "staff:operator")
    await world.runtime.store.write(_ask_for_refund, orders["paid"])
    page = await lin.open("/m/search?q=手工酒杯")
    page = await lin.open(page.links("/m/p/")[0])
    await lin.submit(page.form("/m/cart"), qty="2", to="cart")
    return orders


def _ask_for_refund(order_no: str) -> None:
    context.actor.set("staff:service")
    aftersales.refund_by_hand(order_no, (), "客户拍错了规格", may_act=False)


async def company(phone: Phone) -> None:
    """A company applies as a distributor and gives its name and registration number."""
    page = await phone.open("/m/d/")
    form = page.form("/m/d/apply")
    await phone.submit(form, display_name="老周商行", payee_type="company", agree="1")
    page = await phone.open("/m/d/identity")
    form = page.form("/m/d/identity")
    await phone.submit(form, name="泉州老周商行", number="91350100M000100Y43")


def _newest_payee() -> int:
    """The member id of the newest distributor, which is the company."""
    return distribution.list_distributors(limit=1)[0].distributor.member_id


async def _hand_in(world: World, member_id: int) -> None:
    """Upload a product's picture as the business licence."""
    runtime = world.runtime
    shown = await runtime.store.read(catalog.product_page, 1)
    jpeg = await runtime.pictures.largest(shown.pictures[0].id)
    assert jpeg is not None
    context.actor.set(f"member:{member_id}")
    await payouts.submit_document(runtime.store, runtime.documents, member_id, jpeg)


def _frozen_with_an_appeal(member_id: int) -> None:
    payouts.freeze_payee(member_id, "staff:finance", "三笔订单收货地址相同，疑似刷单")
    payouts.appeal_against_freeze(
        member_id, "三位都是同一家公司的同事，可以提供聊天记录和签收照片。"
    )


class Camera:
    """Takes screenshots and collects the pages' errors in ``complaints``."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self.complaints: list[str] = []

    @contextlib.asynccontextmanager
    async def context(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """A separate browser context."""
        context = await self._browser.new_context(device_scale_factor=2, **options)
        yield context
        await context.close()

    async def shoot(self, page: Page, url: str, name: str, *, whole: bool = True) -> None:
        """Open a page and take a screenshot; records script errors, status and overflow."""
        notes: list[str] = []
        page.on("pageerror", lambda error: notes.append(str(error)))
        page.on("console", lambda m: notes.append(m.text) if m.type == "error" else None)
        answer = await page.goto(url)
        await page.wait_for_load_state("networkidle")
        if answer is not None and answer.status >= 400:
            notes.append(f"status {answer.status}")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        if await page.evaluate(wide):
            notes.append("wider than the screen")
        await self.keep(page, name, whole=whole)
        self.complaints += [f"{name}: {note}" for note in notes]

    async def keep(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Take a screenshot of an open page."""
        await page.screenshot(path=self._folder / f"{name}.png", full_page=whole)


async def mall(camera: Camera, world: World, phone: Phone, pages: dict[str, str]) -> None:
    """Take pages of the mall at 375 and 1280 px with a phone's cookies."""
    for (width, height), suffix in MALL_SIZES.items():
        options = {"viewport": {"width": width, "height": height}, "locale": "zh-CN"}
        async with camera.context(user_agent=AGENT, **options) as context:
            await context.add_cookies(
                [{"name": c.key, "value": c.value, "url": world.app_url}
                 for c in phone.session.cookie_jar]
            )  # fmt: skip
            page = await context.new_page()
            for name, path in pages.items():
                await camera.shoot(page, world.app_url + path, name + suffix)


async def large(camera: Camera, world: World, phone: Phone, pages: dict[str, str]) -> None:
    """Take the pages on which people choose and pay in large type."""
    page = await phone.open("/m/")
    await phone.submit(page.form("/m/care"), care="1")
    await mall(camera, world, phone, {f"{name}_large": pages[name] for name in LARGE})
    page = await phone.open("/m/")
    await phone.submit(page.form("/m/care"), care="0")


async def merchant(camera: Camera, world: World, orders: dict[str, str]) -> None:
    """Take every page of the merchant's menu at 1280 and 390 px, signed in as the owner."""
    base = f"{world.app_url}/admin/"
    found = await world.runtime.store.read(_newest_payee)
    pages = ADMIN | {"distributor_frozen": f"distributors/{found}"}
    pages |= {f"order_{name}": f"orders/{number}" for name, number in orders.items()}
    options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"}
    async with camera.context(**options) as context:
        page = await context.new_page()
        await camera.shoot(page, base, "admin_sign_in")
        await sign_in(page, world)
        for width, suffix in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": 900})
            for name, path in pages.items():
                await camera.shoot(page, base + path, f"admin_{name}{suffix}")


async def sign_in(page: Page, world: World) -> None:
    """Sign in with login, password and one-time code."""
    await page.fill("[name=login]", OWNER_LOGIN)
    await page.fill("[name=password]", DEMO_PASSWORD)
    await page.click("button.btn-primary")
    code = await world.runtime.store.read(demo_code, OWNER_LOGIN)
    await page.fill("[name=code]", code)
    await page.click("button.btn-primary")
    await page.wait_for_load_state("networkidle")


async def desk(camera: Camera, world: World) -> None:
    """Take the simulator's overview of phones and one phone's chat."""
    async with camera.context(viewport={"width": 1760, "height": 940}) as context:
        page = await context.new_page()
        await page.goto(world.sim_url)
        for frame in ("lin", "hui"):
            inside = page.frame_locator(f"iframe[data-phone={frame}]")
            await inside.locator("[data-chat=account]").first.click()
        await page.wait_for_timeout(1500)
        await camera.keep(page, "desk")
    async with camera.context(viewport={"width": 375, "height": 812}) as context:
        page = await context.new_page()
        await page.goto(f"{world.sim_url}/phone/hui")
        await page.wait_for_selector("html[data-ready=yes]")
        await page.locator("[data-chat=account]").first.click()
        await page.wait_for_timeout(1500)
        await camera.keep(page, "phone_chat")


async def paying(camera: Camera, world: World, order_no: str) -> None:
    """Take the payment page with WeChat's dialog over it."""
    async with camera.context(viewport={"width": 375, "height": 812}) as context:
        page = await context.new_page()
        await page.goto(f"{world.sim_url}/phone/lin")
        await page.wait_for_selector("html[data-ready=yes]")
        await page.click("[data-face=scan]")
        await page.fill("[aria-label=码的内容]", f"{world.app_url}/m/pay/{order_no}")
        await page.click("[data-sim=scan-go]")
        await page.frame_locator("[data-webview]").locator("[data-pay]").click()
        await page.wait_for_timeout(1500)
        await camera.keep(page, "phone_pay")


async def photograph(folder: Path) -> list[str]:
    """Take all screenshots; returns the complaints."""
    with tempfile.TemporaryDirectory() as temporary:
        url = f"sqlite:///{temporary}/shots.sqlite3"
        fresh(url)
        async with open_world(Path(temporary), url, phones=PHONES) as world:
            orders = await play(world)
            async with async_playwright() as playwright:
                path = browser_path()
                browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
                camera = Camera(browser, folder)
                await everything(camera, world, orders)
                await browser.close()
            return camera.complaints


async def everything(camera: Camera, world: World, orders: dict[str, str]) -> None:
    """Take the pages of all faces."""
    lin, hui = await world.phone("lin"), await world.phone("hui")
    first = (await lin.open("/m/")).links("/m/p/")[0]
    pages = MALL | {"product": first, "checkout": f"{first}#sku"}
    pages |= {f"order_{state}": f"/m/orders/{number}" for state, number in orders.items()}
    pages["pay"] = f"/m/pay/{orders['waiting']}"
    pages["result"] = f"/m/pay/{orders['paid']}/result"
    pages["checkout"] = "/m/checkout"
    await mall(camera, world, lin, {k: v for k, v in pages.items() if k != "order_shipped"})
    await large(camera, world, lin, pages)
    wang = await world.phone("wang")
    await mall(camera, world, wang, {"order_shipped": pages["order_shipped"]})
    await mall(camera, world, hui, DISTRIBUTOR)
    zhou = await world.phone("zhou")
    await zhou.open("/m/d/")
    await mall(camera, world, zhou, {"d_apply": "/m/d/"})
    await company(zhou)
    await mall(camera, world, zhou, {"d_identity": "/m/d/identity"})
    member_id = await world.runtime.store.read(_newest_payee)
    await _hand_in(world, member_id)
    await world.runtime.store.write(_frozen_with_an_appeal, member_id)
    await mall(camera, world, zhou, {"d_freeze": "/m/d/freeze", "d_frozen": "/m/d/"})
    await desk(camera, world)
    await paying(camera, world, orders["waiting"])
    await merchant(camera, world, orders)


def write_readme_pictures(folder: Path) -> None:
    """Write reduced versions of the screenshots that the READMEs show."""
    README.mkdir(parents=True, exist_ok=True)
    for source, name in WANTED_BY_README.items():
        with Image.open(folder / f"{source}.png") as picture:
            wide = 1100 if picture.width > 1000 else 420
            tall = min(picture.height, picture.width * 2)
            cut = picture.crop((0, 0, picture.width, tall)).convert("RGB")
            cut.thumbnail((wide, wide * 2))
            out = io.BytesIO()
            cut.quantize(192).save(out, "PNG", optimize=True)
            (README / f"{name}.png").write_bytes(out.getvalue())


def main() -> int:
    """Take the screenshots; status 1 if there are complaints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true", help="also write docs/pictures")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    SHOTS.mkdir(parents=True, exist_ok=True)
    complaints = asyncio.run(photograph(SHOTS))
    if options.readme:
        write_readme_pictures(SHOTS)
    known = re.compile(r"status 404|favicon")
    complaints = [c for c in complaints if not known.search(c)]
    sys.stdout.write("\n".join([*complaints, f"pictures are in {SHOTS.relative_to(ROOT)}"]) + "\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
