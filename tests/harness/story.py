"""主流程: the steps of the main flow, as people take them in chat and pages."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from domain import distribution, orders
from domain.orders import ShipForm
from tests.harness.markup import script_data_of
from tests.harness.world import Page, Phone, World

ADDRESS = {
    "name": "林小雨", "phone": "13800138000", "province": "四川省", "city": "泸州市",
    "district": "江阳区", "detail": "酒城大道 1 号",
}  # fmt: skip
LAW = "我已阅读并知晓：多级分销有被认定为传销并受处罚的风险，由本人决定开启并承担责任。"
ID_NUMBER = "110101199003078232"  # invented; the check digit is valid


async def become_distributor(phone: Phone, name: str) -> None:
    """Apply free of charge, by the link in the chat's answer."""
    answer = await phone.say("申请分销")
    assert "/m/d/" in answer, answer
    page = await phone.open("/m/d/")
    page = await phone.submit(page.form("/m/d/apply"), display_name=name, agree="1")
    assert "可提现" in page.words()


async def poster_text(phone: Phone) -> str:
    """Ask the chat for a poster, wait for it, and return the text of its QR code."""
    picture = await phone.ask("海报")
    for _ in range(100):
        if picture.get("kind") == "image":
            break
        await asyncio.sleep(0.1)
        # a text for Moments follows the picture, so the picture is not always the last message
        pictures = [m for m in await phone.messages() if m["kind"] == "image"]
        picture = pictures[-1] if pictures else picture
    assert picture.get("kind") == "image", picture
    address = phone.world.sim_url + picture["body"]["url"]
    read = await phone.world.sim("POST", "/decode", {"url": address})
    assert len(read["texts"]) == 1, read
    return str(read["texts"][0])


async def follow_by_poster(phone: Phone, friend: Phone) -> dict[str, Any]:
    """Scan a friend's poster; a person who does not follow yet follows by it."""
    text = await poster_text(friend)
    body = {"content": text, "follow": True}
    found: dict[str, Any] = await phone.world.sim("POST", f"/phones/{phone.id}/scan", body)
    return found


async def checkout(phone: Phone, words: str = "陈酿", quantity: int = 1) -> Page:
    """Search, choose, give address and confirm the age, place the order; opens the pay page."""
    page = await phone.open(f"/m/search?q={words}")
    page = await phone.open(page.links("/m/p/")[0])
    page = await phone.submit(page.form("/m/cart"), qty=str(quantity), to="buy")
    form = page.form("/m/checkout")
    filled = ADDRESS if "name" in form.fields else {}
    page = await phone.submit(form, **filled, adult="1")
    assert "/m/pay/" in page.url, (page.url, page.status, page.words())
    return page


def till(page: Page) -> dict[str, Any]:
    """The parameters that the pay page hands to WeChat."""
    data: dict[str, Any] = script_data_of(page.text, "pay")
    return data


async def buy(phone: Phone, words: str = "陈酿", quantity: int = 1) -> str:
    """Buy and pay; returns the order number."""
    page = await checkout(phone, words, quantity)
    paid = await phone.pay(params=till(page)["params"])
    assert paid["result"] == "ok", paid
    await phone.world.settle()
    number = page.url.split("/m/pay/")[1].split("?")[0]
    page = await phone.open(f"/m/pay/{number}/result")
    assert "付款成功" in page.words()
    return number


async def ship(world: World, order_no: str) -> None:
    """The merchant ships the whole order."""
    store = world.runtime.store
    rows = await store.read(orders.list_orders, orders.OrderFilter(words=order_no))
    (row,) = [r for r in rows if r.order_no == order_no]
    await store.write(orders.ship_parcel, row.id, ShipForm("顺丰速运", f"SF{row.id:012d}"))
    await world.settle()


async def receive(phone: Phone, order_no: str) -> None:
    """Confirm receipt on the order's page."""
    page = await phone.open(f"/m/orders/{order_no}")
    page = await phone.submit(page.form("/receive"))
    assert page.status == 200, page.words()


async def withdraw(phone: Phone, yuan: str) -> str:
    """Withdraw and confirm in WeChat; returns the bill's number."""
    page = await phone.open("/m/d/withdraw")
    if "/identity" in page.url:
        form = page.form("/m/d/identity")
        page = await phone.submit(form, name="阿慧", number=ID_NUMBER)
    page = await phone.submit(page.form("/m/d/withdraw"), amount=yuan)
    page = await phone.submit(page.form("/m/d/withdraw/confirm"))
    assert "/m/d/withdrawals/" in page.url, (page.url, page.words())
    await phone.world.settle()
    page = await phone.open(page.url)
    shown = page.words()
    number = re.search(r"WD\d{6}[0-9A-Z]{16}", shown)
    assert number, shown
    assert "待您确认" in shown
    body = {"decision": "confirm"}
    path = f"/phones/{phone.id}/transfers/{number.group()}"
    await phone.world.sim("POST", path, body)
    await phone.world.settle()
    page = await phone.open(page.url)
    assert "已到账" in page.words()
    return number.group()


async def sign_levels(world: World, levels: int) -> None:
    """The owner signs the levels switch (层级签署)."""
    await world.runtime.store.write(distribution.sign_levels, levels, "王店主", LAW, "staff:owner")
