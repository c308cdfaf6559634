"""Gifts on the merchant's pages: what waits for an address, a packing sheet without a price."""

from __future__ import annotations

from typing import Any

import pytest

from domain.gifts import GiftForm
from domain.orders.erasing import PERSONAL
from domain.personal_data.portrait import portrait
from kernel.erasure import Person
from models import Order
from tests.face.desk import Desk
from tests.face.sheets import fetch
from tests.factories.catalog import make_product
from tests.factories.gifts import paid_gift, take
from tests.harness.markup import is_nowhere, words_of

pytestmark = pytest.mark.row("B13")


async def test_the_desk_lists_gifts_that_wait_for_an_address(desk: Desk) -> None:
    waiting, taken = paid_gift(wish=GiftForm("阿慧")), paid_gift()
    take(taken)
    _, page = await desk.get("/admin/orders?view=gifts")
    shown = words_of(page, "main")
    assert waiting.order_no in shown
    assert taken.order_no not in shown
    assert "起等地址" in shown
    assert "到期退款" in shown
    _, to_ship = await desk.get("/admin/orders?view=to_ship")
    assert taken.order_no in words_of(to_ship, "main")
    assert waiting.order_no not in words_of(to_ship, "main")
    _, one = await desk.get(f"/admin/orders/{waiting.order_no}")
    assert "署名 阿慧" in words_of(one)
    assert "还没有地址" in words_of(one)


async def test_the_packing_sheet_marks_gifts_and_has_no_price(desk: Desk) -> None:
    bought = paid_gift(product=make_product(price_fen=73519, stock=10))
    take(bought)
    status, rows = await fetch(desk, "/admin/orders/ship-sheet/file")
    assert status == 200
    said = " ".join(str(cell) for row in rows for cell in row)
    assert "【礼物，不放价格单】" in said
    assert "文三路" in said
    assert is_nowhere(said, "735.19", "73519")


def test_the_friends_address_goes_with_the_friend_and_not_with_the_buyer(
    db: Any, wired: None
) -> None:
    bought = paid_gift(product=make_product(price_fen=73519, stock=10))
    friend = take(bought)
    assert "文三路" in str(portrait(friend)["gifts"])
    assert "文三路" not in str(portrait(bought.member_id))
    assert "73519" not in str(portrait(friend))
    for rule in PERSONAL.rows:
        rule.run(Person(bought.member_id))
    assert Order.get_by_id(bought.order_id).sealed_address
    for rule in PERSONAL.rows:
        rule.run(Person(friend))
    row = Order.get_by_id(bought.order_id)
    assert (row.sealed_address, row.masked_address, row.receiver) == ("", "", None)
