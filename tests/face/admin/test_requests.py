"""个人信息请求 at the desk: recorded for somebody who phoned; open orders refunded in one step."""

from __future__ import annotations

import pytest

from domain import adults
from models import Refund, RightsRequest
from tests.face.desk import Desk, hire, who_did
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import paid_order, placed_order
from tests.harness.markup import count_of, facts_of, texts_of, values_of

PHONED = {
    "kind": "deletion", "text": "请把我的账号删掉", "channel": "phone", "checked": "facts",
    "note": "答对了最近两单的日期和商品",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _people(db: object) -> None:
    for login, role in (("cai", "finance"), ("zhang", "service")):
        hire(login, role)


@pytest.mark.row("L4")
async def test_who_phones_gets_a_request_of_their_own(desk: Desk) -> None:
    yu = make_member("小雨")
    desk.sign_in("zhang")
    page = (await desk.get(f"/admin/members/{yu}"))[1]
    form = f"/admin/members/{yu}/requests"
    assert form in values_of(page, ".card a.btn", "href")
    status, shown = await desk.post(form, **(PHONED | {"checked": "document", "note": ""}))
    assert status == 422
    assert texts_of(shown, "#e-note")
    assert values_of(shown, "option[selected]", "value")
    assert (await desk.post(form, **PHONED))[1] == "/admin/requests"
    no = RightsRequest.get().request_no
    shown = (await desk.get(f"/admin/requests/{no}"))[1]
    facts = facts_of(shown)
    assert facts["来自"] == "客服代提（电话）"
    assert facts["身份核对"] == "答对了只有本人知道的订单信息：答对了最近两单的日期和商品"
    assert who_did("request.behalf") == "staff:zhang"


@pytest.mark.row("L4")
async def test_one_step_refunds_all_that_has_not_left(desk: Desk) -> None:
    yu = make_member("小雨")
    bought = [paid_order(yu, product=make_product(f"酒{n}")) for n in range(3)]
    placed_order(yu)
    await desk.post(f"/admin/members/{yu}/requests", **PHONED)
    url = f"/admin/requests/{RightsRequest.get().request_no}"
    shown = (await desk.get(url))[1]
    assert count_of(shown, "tbody tr") == 4
    wanted = values_of(shown, f"form[action='{url}/refunds'] input[name=order]", "value")
    assert wanted == [f"{each.order_no}:{each.payable_fen}" for each in bought]
    look = (await desk.post(f"{url}/refunds", order=wanted, _idem="k" * 20))[1]
    total = sum(each.payable_fen for each in bought)
    assert texts_of(look, ".second-sum") == [f"3 单将退款 ¥{total / 100:.2f}"]
    assert Refund.select().count() == 0
    for _ in range(2):
        await desk.post(f"{url}/refunds", order=wanted, _idem="k" * 20, _seen=str(total))
        assert await desk.said() == f"3 单退款 ¥{total / 100:.2f} 已发起"
    assert Refund.select().count() == 3
    await desk.post(f"{url}/refunds", order=wanted, _idem="s" * 20, _seen=str(total))
    assert "3 单未完成" in await desk.said()
    assert Refund.select().count() == 3
    shown = (await desk.get(url))[1]
    assert count_of(shown, f"form[action='{url}/refunds']") == 0
    assert "已退款 3 笔" in "".join(texts_of(shown, ".card-head .cap"))


async def test_customer_service_only_proposes(desk: Desk) -> None:
    bought = paid_order(make_member("小雨"))
    desk.sign_in("zhang")
    await desk.post(f"/admin/members/{bought.member_id}/requests", **PHONED)
    url = f"/admin/requests/{RightsRequest.get().request_no}/refunds"
    row, fen = f"{bought.order_no}:{bought.payable_fen}", str(bought.payable_fen)
    await desk.post(url, order=row, _seen=fen)
    assert await desk.said() == "1 单已提交审批"
    assert Refund.select().count() == 0
    desk.sign_in("cai")
    assert (await desk.get(f"/admin/members/{bought.member_id}/requests"))[0] == 403


@pytest.mark.parametrize("row", ["", "ORD1", "ORD1:x", "ORD1:１２", "ORD1:" + "9" * 13])
async def test_a_bent_list_of_orders_refunds_nothing(desk: Desk, row: str) -> None:
    bought = paid_order(make_member("小雨"))
    await desk.post(f"/admin/members/{bought.member_id}/requests", **PHONED)
    url = f"/admin/requests/{RightsRequest.get().request_no}"
    assert (await desk.post(f"{url}/refunds", order=row, _seen="0"))[1] == url
    assert "未完成" in await desk.said()
    assert Refund.select().count() == 0


@pytest.mark.row("B7")
async def test_held_orders_have_a_view_that_says_why(desk: Desk) -> None:
    bought = paid_order(make_member("小雨"))
    paid_order(make_member("阿慧"))
    adults.doubt_by_staff(bought.member_id, "像孩子")
    shown = (await desk.get("/admin/orders?view=held"))[1]
    assert count_of(shown, "tbody tr") == 1
    assert "年龄待核验" in texts_of(shown, "tbody .badge")
