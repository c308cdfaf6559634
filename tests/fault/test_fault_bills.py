"""WeChat's bills can't be fetched for days, or only one of a day's two bills can.

No day is skipped, and a day counts as equal only after both bills were read. Meanwhile the pages
show which days are missing.
"""

from __future__ import annotations

import pytest

from domain import reconcile
from models import BillDay, BillLine
from tests.fault import people
from tests.harness import story
from tests.harness.merchant import Merchant, told
from tests.harness.world import World

BILLS = "/v3/bill"
PAGE = "/admin/reconcile"


async def _states(world: World) -> list[str]:
    found = await world.runtime.store.read(reconcile.list_days, world.runtime.pay.mchid)
    return [each.state for each in found]


async def test_seven_missing_days_of_bills_are_read_within_an_hour_after_the_fault(
    world: World,
) -> None:
    """Every download fails, in different ways. Afterwards all seven days are read in one hour."""
    lin = await world.phone("lin")
    owner = await Merchant(world).sign_in()
    await world.move_to_noon()
    for action in ({"status": 500}, {"drop": True}, {"garbage": True, "when": "after"}):
        await people.fault(world, {"kind": "pay", "path": BILLS}, action, None)
    orders = []
    for _ in range(7):
        orders.append(await story.buy(lin))
        await world.move(days=1)
    assert await _states(world) == ["missing"] * 7
    await told(owner, PAGE, "有 7 天的账单还没有核对", never=["没有差异"])
    await told(owner, "/admin/", "有 7 天的微信账单还没有核对")
    assert not await world.runtime.store.read(BillLine.select().exists)
    await people.clear(world)
    await world.move(hours=1)
    assert await _states(world) == ["clean"] * 7
    await told(owner, PAGE, "没有差异", never=["还没有核对"])
    rows = await world.runtime.store.read(list, BillLine.select())
    assert [row.state for row in rows] == ["matched"] * len(orders)
    await people.agreed(world)


@pytest.mark.parametrize("half", ["fundflowbill", "tradebill"])
async def test_a_day_with_one_bill_is_shown_as_unread_until_the_other_is_fetched(
    world: World, half: str
) -> None:
    lin = await world.phone("lin")
    owner = await Merchant(world).sign_in()
    await world.move_to_noon()
    await story.buy(lin)
    await people.fault(world, {"kind": "pay", "path": f"{BILLS}/{half}"}, {"status": 500}, None)
    await world.move(days=1)
    assert await _states(world) == ["missing"]
    day = (await world.runtime.store.read(reconcile.unread_days, world.runtime.pay.mchid))[0]
    text = await told(owner, f"{PAGE}/days/{day}", "还没有核对完", "微信系统出错", "已读")
    assert "没有差异" not in text
    await people.clear(world)
    page = await owner.page(f"{PAGE}/days/{day}")
    await owner.submit(page.form("/read"))
    await world.settle()
    await told(owner, f"{PAGE}/days/{day}", "两份账单都读了", never=["还没有核对完"])
    reads = await world.runtime.store.read(list, BillDay.select())
    assert {(row.bill, row.state) for row in reads} == {("trade", "read"), ("fund", "read")}
    await people.agreed(world)
