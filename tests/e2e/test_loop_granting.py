"""免确认收款 with a simulated WeChat: agreed to once, used for a payout, ended in WeChat."""

from __future__ import annotations

from typing import Any

from domain import ledger
from models import PayoutBill, PayoutGrant
from tests.e2e.test_loop import world  # noqa: F401
from tests.harness import story
from tests.harness.markup import texts_of
from tests.harness.world import Phone, World


async def _ready(world: World) -> Phone:  # noqa: F811
    """Make 阿慧 a distributor with commission and one confirmed payout."""
    hui, lin = await world.phone("hui"), await world.phone("lin")
    await hui.follow()
    await story.become_distributor(hui, "阿慧")
    await story.follow_by_poster(lin, hui)
    order_no = await story.buy(lin, "陈酿")
    await story.ship(world, order_no)
    await story.receive(lin, order_no)
    await world.move(days=8)
    await story.withdraw(hui, "5.00")
    return hui


async def _withdrawn(phone: Phone, yuan: str) -> str:
    """Request a withdrawal; returns the title of its state."""
    page = await phone.open("/m/d/withdraw")
    page = await phone.submit(page.form("/m/d/withdraw"), amount=yuan)
    page = await phone.submit(page.form("/m/d/withdraw/confirm"))
    await phone.world.settle()
    (title,) = texts_of((await phone.open(page.url)).text, ".state h1")
    return title


async def _decide(phone: Phone, decision: str) -> None:
    found = await phone.world.sim("GET", f"/phones/{phone.id}/payments")
    number = found["grants"][-1]["out_authorization_no"]
    path = f"/phones/{phone.id}/grants/{number}"
    await phone.world.sim("POST", path, {"decision": decision})
    await phone.world.settle()


async def _seen(world: World) -> tuple[list[Any], list[Any]]:  # noqa: F811
    def rows() -> tuple[list[Any], list[Any]]:
        bills = PayoutBill.select().order_by(PayoutBill.id)
        return [(b.channel, b.state) for b in bills], [g.state for g in PayoutGrant.select()]

    return await world.runtime.store.read(rows)


async def test_a_payout_after_the_consent_needs_no_confirmation(world: World) -> None:  # noqa: F811
    hui = await _ready(world)
    page = await hui.open("/m/d/withdraw")
    assert texts_of(page.text, "#grant h2") == ["免确认收款：未开启"]
    sheet = await hui.submit(page.form("/m/d/grant"))
    assert sheet.url.endswith("/m/pay/grant")
    assert "去开启" in await hui.say("免确认")
    await _decide(hui, "confirm")  # its notification reaches the shop
    assert (await _seen(world))[1] == ["active"]
    assert "免确认收款已开启" in (await hui.messages())[-1]["body"]["content"]
    assert await _withdrawn(hui, "6.00") == "已到账"
    assert "查看或关闭" in await hui.say("免确认收款")
    await _decide(hui, "revoke")
    assert await _withdrawn(hui, "7.00") == "待您确认"
    assert await _seen(world) == (
        [("wechat", "paid"), ("granted", "paid"), ("wechat", "awaiting_user")], ["closed"],
    )  # fmt: skip
    assert (await world.runtime.store.read(ledger.check_fully)).is_clean
