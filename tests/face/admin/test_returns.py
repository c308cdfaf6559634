"""The merchant's page of a return: whose fault, who bears the freight, what happens when."""

from __future__ import annotations

from datetime import timedelta

from domain import aftersales, settings
from domain.aftersales import CaseForm
from kernel import clock
from models import AfterSale, Parcel, Proposal, Refund
from tests.face.desk import Desk
from tests.factories.orders import Bought, received_order

REAL = "YT8837204615093"


def _returning(number: str = REAL, reason: str = "quality") -> tuple[Bought, int]:
    bought = received_order()
    made = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "return", ((bought.line_ids[0], 1),), reason)
    )
    aftersales.approve_case(made["case_id"])
    aftersales.send_back(made["case_no"], bought.member_id, "圆通速递", number)
    return bought, made["case_id"]


def _ten_days_later(case_id: int) -> None:
    clock.set_offset(clock.offset() + timedelta(days=10, minutes=1))
    assert aftersales.apply_timeout(case_id)


async def test_the_page_says_whose_fault_it_is_and_what_happens(desk: Desk) -> None:
    _, case = _returning()
    _, page = await desk.get(f"/admin/aftersales/{case}")
    for told in ("商家责任", "商家承担", "提醒店主核实收货，不会自动退款"):
        assert told in page
    assert "视为已收到" not in page
    assert "单号存疑" not in page
    _, case = _returning("YT8837204615094", "not_wanted")
    _, page = await desk.get(f"/admin/aftersales/{case}")
    assert "买家原因（非商家责任）" in page
    assert "买家承担" in page


async def test_doubtful_numbers_are_shown_with_what_they_belong_to(desk: Desk) -> None:
    bought, first = _returning()
    sent = Parcel.get(Parcel.order == bought.order_id).tracking_no
    _, second = _returning()
    _, page = await desk.get(f"/admin/aftersales/{second}")
    assert "退货单号存疑" in page
    assert f'href="/admin/aftersales/{first}"' in page
    assert "（另一买家）" in page
    _, third = _returning(sent)
    _, page = await desk.get(f"/admin/aftersales/{third}")
    assert "这是本店发出的包裹单号" in page
    assert f'href="/admin/orders/{bought.order_no}"' in page
    _, fourth = _returning("SF1111111111")
    _, page = await desk.get(f"/admin/aftersales/{fourth}")
    assert "单号不像真实的快递单号" in page


async def test_a_parcel_that_nobody_confirmed_waits_on_today_for_a_decision(desk: Desk) -> None:
    _, case = _returning()
    _, page = await desk.get("/admin/")
    assert "退货逾期未确认" not in page
    _ten_days_later(case)
    desk.sign_in("boss")  # the session of ten days ago is over
    _, page = await desk.get("/admin/")
    assert "有 1 单退货逾期未确认收货" in page
    _, page = await desk.get("/admin/aftersales?view=unconfirmed")
    assert f'href="/admin/aftersales/{case}"' in page
    url = f"/admin/aftersales/{case}"
    _, page = await desk.get(url)
    assert "再次提醒店主，不会自动退款" in page
    await desk.post(f"{url}/reject", reason="", _typed="驳回")
    assert AfterSale.get_by_id(case).state == "unconfirmed"
    await desk.post(f"{url}/reject", reason="没有收到包裹", _typed="驳回")
    assert AfterSale.get_by_id(case).state == "rejected"
    assert Refund.select().count() == 0


async def test_received_after_all_is_paid_at_the_sum_shown(desk: Desk) -> None:
    _, case = _returning()
    _ten_days_later(case)
    desk.sign_in("boss")  # the session of ten days ago is over
    await desk.post_seen(f"/admin/aftersales/{case}/received", restock="1")
    assert AfterSale.get_by_id(case).state == "refunding"
    assert [r.amount_fen for r in Refund.select()] == [AfterSale.get_by_id(case).goods_fen]


async def test_a_request_for_approval_showed_the_reason_s_code(desk: Desk) -> None:
    """The case and the approval said 'quality' where the reason belongs."""
    settings.change(settings.StaffCeilings, {"refund_single_fen": 1})
    _, case = _returning()
    await desk.post_seen(f"/admin/aftersales/{case}/received", restock="1")
    number = Proposal.get().id
    for path in (f"/admin/aftersales/{case}", "/admin/approvals", f"/admin/approvals/{number}"):
        _, page = await desk.get(path)
        assert ("质量问题" in page, "quality" in page) == (True, False), path
