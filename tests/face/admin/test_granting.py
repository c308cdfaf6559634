"""免确认收款 on the merchant's pages: who has it, and which payouts used it."""

from __future__ import annotations

from admin import words
from domain import distribution, payouts
from domain.payments.ports import GrantResult, GrantState
from domain.payouts import grants
from models import PayoutBill
from tests.face.desk import Desk
from tests.factories.distribution import earn, make_distributor, ready_for_payouts
from tests.factories.transfers import TERMS
from tests.harness.markup import facts_of, lines_of, table_of


def agreed(member_id: int) -> GrantResult:
    """WeChat's result after the person was asked and agreed."""
    grants.make_grant(member_id, TERMS)
    made = payouts.grant_of(member_id)
    assert made is not None
    return GrantResult(
        GrantState.TAKING_EFFECT, made.out_authorization_no, authorization_id="2012022504101"
    )


async def test_the_desk_sees_who_is_paid_without_confirming(desk: Desk) -> None:
    member_id = make_distributor()
    ready_for_payouts()
    url = f"/admin/distributors/{member_id}"
    _, before = await desk.get(url)
    assert facts_of(before)["免确认收款"] == "未开启"
    payouts.receive_grant(agreed(member_id))
    _, after = await desk.get(url)
    assert facts_of(after)["免确认收款"].startswith("已开启（")
    grants.end_grant_of_member(member_id, TERMS, f"member:{member_id}")
    _, ended = await desk.get(url)
    assert facts_of(ended)["免确认收款"].startswith("已关闭（")
    _, log = await desk.get("/admin/audit")
    assert "关闭免确认收款" in [row[2] for row in table_of(log)]
    assert "开启免确认收款" not in [row[2] for row in table_of(log)]  # an event of WeChat's
    _, events = await desk.get("/admin/audit/system")
    assert "开启免确认收款" in [row[1] for row in table_of(events)]


async def test_a_payout_names_its_way(desk: Desk) -> None:
    member_id = make_distributor()
    earn(member_id, 10_000)
    ready_for_payouts()
    made = distribution.request_withdrawal(member_id, 10_000)["withdrawal_id"]
    desk.sign_in("boss")  # days have passed
    url = f"/admin/withdrawals/{made}"
    _, shown = await desk.get(url)
    assert facts_of(shown)["方式"] == "微信零钱"
    PayoutBill.update(channel="granted").execute()
    assert facts_of((await desk.get(url))[1])["方式"] == "微信零钱（免确认）"
    assert "微信零钱（免确认）" in lines_of((await desk.get("/admin/withdrawals"))[1], "tbody td")


def test_a_step_that_fell_back_has_its_reason_in_words() -> None:
    said = words.step_why("confirm_instead", {"code": "INVALID_REQUEST"})
    assert said.startswith("免确认付款被拒，改为由对方确认：")
    assert "INVALID" not in said
    assert words.step_why("waits", {"code": "unforeseen"}) == "微信答复异常，请核对"
