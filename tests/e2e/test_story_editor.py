"""图文详情 in Chromium: typed, pasted, dropped, uploaded at once, saved, and read in the mall."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright
from selectolax.lexbor import LexborHTMLParser

from app.production import DEMO_PASSWORD
from app.seed import OWNER_LOGIN
from domain import catalog
from domain.staff import demo_code
from kernel import rich_text
from tests.e2e.test_loop import world  # noqa: F401
from tests.harness.chromium import CHROMIUM, FLAGS, expect, open_page
from tests.harness.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.row("B3"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here"),
]
DROP = """([data, kind]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], "窖池.png", { type: "image/png" }));
  const page = document.querySelector("[data-page]");
  const at = page.getBoundingClientRect();
  const more = { bubbles: true, cancelable: true, clientX: at.x + 40, clientY: at.y + 20 };
  page.focus();
  page.dispatchEvent(kind === "drop" ? new DragEvent("drop", { dataTransfer: moved, ...more })
    : new ClipboardEvent("paste", { clipboardData: moved, ...more }));
}"""
PASTE = """(html) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  document.querySelector("[data-page]").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def png(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 500), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def desk(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Page]:  # noqa: F811
    """The editor of a product without a rich detail, signed in as the owner."""
    async with async_playwright() as played:
        browser = await played.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        width = getattr(request, "param", 390)
        page = await open_page(browser, width, 844)
        await page.goto(f"{world.app_url}/admin/")
        await page.fill("[name=login]", OWNER_LOGIN)
        await page.fill("[name=password]", DEMO_PASSWORD)
        await page.click("main button, form button")
        await page.fill("[name=code]", demo_code(OWNER_LOGIN))
        await page.click("main button, form button")
        await page.wait_for_url("**/admin/")
        await page.goto(f"{world.app_url}/admin/products/3/story")
        yield page
        await browser.close()


@pytest.mark.parametrize("desk", [390, 1280], indirect=True)
async def test_written_with_every_tool_and_read_in_the_mall(
    world: World,  # noqa: F811
    desk: Page,
) -> None:
    errors: list[str] = []
    desk.on("pageerror", lambda error: errors.append(str(error)))
    paper = desk.locator("[data-page]")
    await expect(desk.locator("textarea[name=story]")).to_be_hidden()
    await paper.click()
    await desk.keyboard.press("Control+A")
    await desk.keyboard.press("Delete")
    await desk.click("[data-do='formatBlock h2']")
    await desk.keyboard.type("酿造")
    await desk.keyboard.press("Enter")
    await desk.click("[data-do=bold]")
    await desk.keyboard.type("九月入窖")
    await desk.evaluate(DROP, [base64.b64encode(png("#a33")).decode(), "drop"])
    await expect(paper.locator("img")).to_have_count(1)
    await desk.evaluate(DROP, [base64.b64encode(png("#3a3")).decode(), "paste"])
    await expect(paper.locator("img")).to_have_count(2)
    await desk.set_input_files(
        "[data-chooser]", [{"name": "瓶.png", "mimeType": "image/png", "buffer": png("#33a")}]
    )
    await expect(paper.locator("img")).to_have_count(3)
    await paper.locator("img").first.click()
    await desk.fill("[data-alt]", "窖池一角")
    await paper.locator("p").last.click()
    await desk.evaluate(
        PASTE,
        "<div onclick='x()'><h1 style='color:red'>瓶型</h1><table><tr><td>单瓶<td>500ml</table>"
        "<script>alert(1)</script><img src='https://elsewhere.example/a.png'></div>",
    )
    await expect(desk.locator("[data-said]")).to_contain_text("1 张别处的图片没有带入")
    await desk.click(".form-foot .btn-primary")
    await expect(desk.locator(".toast")).to_contain_text("图文详情已保存")
    story = await world.runtime.store.read(catalog.story_of, 3)
    lines = rich_text.text_of(story.html).split("\n")
    assert set(lines) == {"酿造", "九月入窖", "窖池一角", "瓶型", "单瓶 500ml"}
    assert lines[0] == "酿造"
    kept = LexborHTMLParser(story.html)
    assert [each.text() for each in kept.css("h2")] == ["酿造", "瓶型"]
    assert [each.text() for each in kept.css("b")] == ["九月入窖"]
    assert [each.text() for each in kept.css("td")] == ["单瓶", "500ml"]
    assert kept.css("[style], [class], script, [onclick]") == []
    assert [each.width for each in story.pictures] == [800] * 3
    await desk.goto(f"{world.app_url}/m/p/3")
    await expect(desk.locator(".story h2").nth(1)).to_have_text("酿造")
    await expect(desk.locator(".story img")).to_have_count(3)
    assert errors == []


async def test_a_refused_picture_is_said_in_its_place_and_the_rest_stays(
    world: World,  # noqa: F811
    desk: Page,
) -> None:
    paper = desk.locator("[data-page]")
    await paper.click()
    await desk.keyboard.type("写了一半")
    await desk.set_input_files(
        "[data-chooser]", [{"name": "坏.png", "mimeType": "image/png", "buffer": b"hello"}]
    )
    await expect(paper.locator(".editor-up")).to_contain_text("“坏.png”没有上传：")
    await expect(paper.locator(".editor-up button")).to_have_count(2)
    await desk.click(".form-foot .btn-primary")
    await expect(desk.locator(".toast")).to_contain_text("图文详情已保存")
    await expect(paper).to_contain_text("写了一半")
    await expect(paper.locator(".editor-up")).to_have_count(0)
    story = await world.runtime.store.read(catalog.story_of, 3)
    assert rich_text.text_of(story.html).count("没有上传") == 0
    assert story.pictures == ()
