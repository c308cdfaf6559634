"""年龄核验 on the merchant's pages: marked, decided and refunded by who may."""

from __future__ import annotations

import pytest

from domain import adults
from models import AgeDoubt, Refund
from tests.face.desk import Desk, hire, who_did
from tests.factories.orders import paid_order
from tests.harness.markup import count_of, facts_of, lines_of, texts_of, values_of


@pytest.fixture(autouse=True)
def _people(db: object) -> None:
    for login, role in (("cai", "finance"), ("lisa", "operator"), ("zhang", "service")):
        hire(login, role)


@pytest.mark.row("L2")
async def test_service_marks_a_buyer_and_the_order_waits(desk: Desk) -> None:
    order = paid_order()
    desk.sign_in("zhang")
    await desk.post(f"/admin/orders/{order.order_no}/age", reason="")
    assert AgeDoubt.select().count() == 0  # a reason is needed
    await desk.post(f"/admin/orders/{order.order_no}/age", reason="电话里像孩子")
    doubt = AgeDoubt.get()
    assert (doubt.member_id, doubt.order_no, doubt.reason) == (
        order.member_id, order.order_no, "电话里像孩子")  # fmt: skip
    assert who_did("age.doubt") == "staff:zhang"
    desk.sign_in("boss")
    shown = (await desk.get(f"/admin/orders/{order.order_no}"))[1]
    assert f"/admin/ages/{doubt.id}" in values_of(shown, ".notice a", "href")
    assert count_of(shown, f"form[action='/admin/orders/{order.order_no}/ship']") == 0
    await desk.post(
        f"/admin/orders/{order.order_no}/ship", company="顺丰", tracking_no="SF1234567890",
        _idem="k" * 20, **{f"n{order.line_ids[0]}": "1"},
    )  # fmt: skip
    assert order.row.state == "paid"


@pytest.mark.row("L2")
async def test_a_document_that_was_seen_clears(desk: Desk) -> None:
    order = paid_order()
    await desk.post(f"/admin/members/{order.member_id}/age", reason="存疑")
    url = f"/admin/ages/{AgeDoubt.get().id}"
    assert texts_of((await desk.get("/admin/ages"))[1], "tbody .badge") == ["待核验"]
    await desk.post(f"{url}/clear", reason="自提时看过身份证", _typed="已核验")
    assert not adults.is_held(order.member_id)
    shown = (await desk.get(url))[1]
    assert facts_of(shown)["依据"] == "自提时看过身份证"
    assert facts_of(shown)["结果"] == "员工看过证件"
    assert lines_of((await desk.get("/admin/ages?view=cleared"))[1], "tbody tr")


@pytest.mark.row("L2")
async def test_a_refused_buyer_is_refunded_from_the_doubt_s_page(desk: Desk) -> None:
    order = paid_order()
    await desk.post(f"/admin/members/{order.member_id}/age", reason="存疑")
    url = f"/admin/ages/{AgeDoubt.get().id}"
    await desk.post(f"{url}/refuse", reason="本人承认未成年")
    shown = (await desk.get(url))[1]
    refund = f"/admin/orders/{order.order_no}/refund"
    assert count_of(shown, f"form[action='{refund}']") == 1
    await desk.post_seen(
        refund, scope="all", reason="年龄存疑未通过核验", told="依法不能售酒", _typed="退款",
        _idem="r" * 20,
    )  # fmt: skip
    assert Refund.select().count() == 1
    assert "没有要退的订单" in texts_of((await desk.get(url))[1], ".empty h2")


async def test_who_may_not_decide_changes_nothing(desk: Desk) -> None:
    order = paid_order()
    await desk.post(f"/admin/members/{order.member_id}/age", reason="存疑")
    url = f"/admin/ages/{AgeDoubt.get().id}"
    for login in ("zhang", "cai"):
        desk.sign_in(login)
        assert (await desk.post(f"{url}/clear", reason="看过", _typed="已核验"))[0] == 403
        assert (await desk.post(f"{url}/refuse", reason="不卖"))[0] == 403
        assert (await desk.get(url))[0] == 200
    assert AgeDoubt.get().state == "waiting"
    desk.sign_in("cai")
    assert (await desk.post(f"/admin/orders/{order.order_no}/age", reason="存疑"))[0] == 403
