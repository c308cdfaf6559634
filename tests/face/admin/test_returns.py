"""The merchant's page of a return: responsibility, freight, doubtful numbers, time limits."""

from __future__ import annotations

from datetime import timedelta

from domain import aftersales, settings
from domain.aftersales import CaseForm
from kernel import clock
from models import AfterSale, Parcel, Proposal, Refund
from tests.face.desk import Desk
from tests.factories.orders import Bought, received_order
from tests.harness.markup import (
    facts_of,
    is_nowhere,
    lines_of,
    values_of,
    words_of,
)

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


async def test_the_page_says_who_is_responsible_and_what_happens(desk: Desk) -> None:
    _, case = _returning()
    _, page = await desk.get(f"/admin/aftersales/{case}")
    facts = facts_of(page)
    assert (facts["责任"], facts["退货运费"]) == ("商家责任", "商家承担")
    assert facts["逾期未处理"] == "提醒店主核实收货，不会自动退款"
    assert "视为已收到" not in words_of(page)
    assert "单号存疑" not in words_of(page)
    _, case = _returning("YT8837204615094", "not_wanted")
    _, page = await desk.get(f"/admin/aftersales/{case}")
    facts = facts_of(page)
    assert (facts["责任"], facts["退货运费"]) == ("买家原因（非商家责任）", "买家承担")


async def test_doubtful_numbers_are_shown_with_the_case_or_order_they_belong_to(
    desk: Desk,
) -> None:
    bought, first = _returning()
    sent = Parcel.get(Parcel.order == bought.order_id).tracking_no
    _, second = _returning()
    _, page = await desk.get(f"/admin/aftersales/{second}")
    warning = words_of(page, ".notice-bad")
    assert warning.startswith("退货单号存疑")
    assert "（另一买家）" in warning
    assert values_of(page, ".notice-bad a", "href") == [f"/admin/aftersales/{first}"]
    _, third = _returning(sent)
    _, page = await desk.get(f"/admin/aftersales/{third}")
    assert "这是本店发出的包裹单号" in words_of(page, ".notice-bad")
    assert values_of(page, ".notice-bad a", "href") == [f"/admin/orders/{bought.order_no}"]
    _, fourth = _returning("SF1111111111")
    _, page = await desk.get(f"/admin/aftersales/{fourth}")
    assert "单号不像真实的快递单号" in words_of(page, ".notice-bad")


async def test_an_unconfirmed_parcel_is_shown_on_today(desk: Desk) -> None:
    _, case = _returning()
    _, page = await desk.get("/admin/")
    assert "退货逾期未确认" not in words_of(page)
    _ten_days_later(case)
    desk.sign_in("boss")  # the session has expired
    _, page = await desk.get("/admin/")
    assert "有 1 单退货逾期未确认收货" in lines_of(page, ".notice-warn")
    _, page = await desk.get("/admin/aftersales?view=unconfirmed")
    assert f"/admin/aftersales/{case}" in values_of(page, "tbody a", "href")
    url = f"/admin/aftersales/{case}"
    _, page = await desk.get(url)
    assert facts_of(page)["逾期未处理"] == "再次提醒店主，不会自动退款"
    await desk.post(f"{url}/reject", reason="", _typed="驳回")
    assert AfterSale.get_by_id(case).state == "unconfirmed"
    await desk.post(f"{url}/reject", reason="没有收到包裹", _typed="驳回")
    assert AfterSale.get_by_id(case).state == "rejected"
    assert Refund.select().count() == 0


async def test_a_late_confirmation_refunds_the_amount_shown(desk: Desk) -> None:
    _, case = _returning()
    _ten_days_later(case)
    desk.sign_in("boss")  # the session has expired
    await desk.post_seen(f"/admin/aftersales/{case}/received", restock="1")
    assert AfterSale.get_by_id(case).state == "refunding"
    assert [r.amount_fen for r in Refund.select()] == [AfterSale.get_by_id(case).goods_fen]


async def test_a_request_for_approval_shows_the_reason_in_words(desk: Desk) -> None:
    """The case and the approval showed the reason's code, 'quality'."""
    settings.change(settings.StaffCeilings, {"refund_single_fen": 1})
    _, case = _returning()
    await desk.post_seen(f"/admin/aftersales/{case}/received", restock="1")
    number = Proposal.get().id
    for path in (f"/admin/aftersales/{case}", "/admin/approvals", f"/admin/approvals/{number}"):
        _, page = await desk.get(path)
        assert "质量问题" in words_of(page, "main"), path
        assert is_nowhere(page, "quality"), path
