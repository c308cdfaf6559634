"""审批 on the pages: one person proposes, another decides, so that nobody alone moves money."""

from __future__ import annotations

from typing import Any

import pytest

from domain import aftersales, distribution, push, settings
from domain.aftersales import CaseForm
from domain.push import CampaignForm
from domain.push.approving import register_kind
from domain.settings import StaffCeilings
from models import AuditEntry, Binding, OutboxRow, Proposal, PushCampaign, Refund
from tests.face.desk import PASSWORD, Desk, asks_for_code, hire, who_did
from tests.factories.distribution import make_customer, make_distributor
from tests.factories.members import make_member
from tests.factories.orders import paid_order
from tests.harness.markup import count_of, facts_of, lines_of, texts_of, words_of


@pytest.fixture(autouse=True)
def _people(desk: Desk) -> None:
    """One person of each role, besides the owner."""
    register_kind()
    for login, role in (("cai", "finance"), ("lisa", "operator"), ("zhang", "service")):
        hire(login, role)


async def refund(desk: Desk, order_no: str, key: str = "one-time-key-0001") -> tuple[int, str]:
    """Ask to refund a whole order: the form, then its confirmation."""
    return await desk.post_seen(
        f"/admin/orders/{order_no}/refund", scope="all", reason="客户要求", _typed="退款",
        _idem=key,
    )  # fmt: skip


async def decide(desk: Desk, decision: str = "approve", **more: Any) -> tuple[int, str]:
    """Decide the latest proposal."""
    latest = Proposal.select().order_by(Proposal.id.desc()).get().id
    return await desk.post(f"/admin/approvals/{latest}/decide", decision=decision, **more)


def latest() -> Any:
    """The latest proposal's row."""
    return Proposal.select().order_by(Proposal.id.desc()).get()


# ---------- what an operator alone can't do ----------


async def test_an_operator_with_a_password_rebinds_nobody_and_refunds_nothing(desk: Desk) -> None:
    """A password alone once was enough to rebind a customer and to refund four orders."""
    hui, accomplice = make_distributor("阿慧"), make_distributor("同伙")
    customer = make_customer(hui)
    orders = [paid_order(customer) for _ in range(4)]
    found = distribution.distributor(accomplice)
    assert found is not None
    move = {"code": found.referral_code, "reason": "客户要求", "_typed": "改绑"}

    desk.use("x" * 43)
    status, page = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert (status, count_of(page, "input[name=ticket]")) == (200, 1)
    for path in (f"members/{customer}/upline", f"orders/{orders[0].order_no}/refund"):
        status, place = await desk.post(f"/admin/{path}", **move)
        assert (status, place[:14]) == (303, "/admin/sign-in")

    desk.sign_in("lisa", fresh=False)  # signed in, but without a recent code
    status, page = await desk.post(f"/admin/members/{customer}/upline", **move)
    assert (status, asks_for_code(page)) == (403, True)

    desk.sign_in("lisa")  # with the code it is only a proposal
    await desk.post(f"/admin/members/{customer}/upline", **move)
    for n, bought in enumerate(orders):
        await refund(desk, bought.order_no, f"one-time-key-{n:04d}")
    assert Binding.get(Binding.member == customer).p1_id == hui
    assert Refund.select().count() == 0
    assert [p.state for p in Proposal.select()] == ["open"] * 5
    for each in Proposal.select():
        status, page = await desk.post(f"/admin/approvals/{each.id}/decide", decision="approve")
        assert status == 303
        assert "不能决定自己提交的申请" in await desk.said()
    hire("wuwu", "operator")  # operators may not decide about money
    desk.sign_in("wuwu")
    for each in Proposal.select():
        await desk.post(f"/admin/approvals/{each.id}/decide", decision="approve")
        assert "没有此项权限" in await desk.said()
    assert Refund.select().count() == 0
    assert Binding.get(Binding.member == customer).p1_id == hui


# ---------- proposing and deciding ----------


@pytest.mark.row("G4")
async def test_service_asks_for_a_refund_and_finance_decides(desk: Desk) -> None:
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}"
    desk.sign_in("zhang")
    _, page = await desk.get(url)
    assert {"申请整单退款", "申请退款"} <= set(texts_of(page, "button"))
    assert await refund(desk, bought.order_no) == (303, url)
    assert await desk.said() == "已提交审批，需另一位同事同意后执行"
    _, page = await desk.get(url)
    assert words_of(page, ".notice-warn").startswith("退款申请待审批（Zhang，")
    desk.sign_in("cai")
    _, page = await desk.get("/admin/")
    assert "待我审批 1" in texts_of(page, ".figure")
    assert "审批 1 项待办" in texts_of(page, "nav.nav a")
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert facts_of(page)["金额"] == f"¥{bought.payable_fen / 100:.2f}"
    assert "同意并执行" in texts_of(page, "button")
    await decide(desk)
    assert await desk.said() == "已通过并执行"
    assert Refund.get().amount_fen == bought.payable_fen
    assert who_did("proposal.open") == "staff:zhang"
    assert who_did("proposal.decide") == "staff:cai"


async def test_who_asked_reads_the_reason_of_a_refusal(desk: Desk) -> None:
    bought = paid_order()
    desk.sign_in("zhang")
    await refund(desk, bought.order_no)
    desk.sign_in("cai")
    await decide(desk, "refuse", reason="")
    assert "请填写" in await desk.said()
    await decide(desk, "refuse", reason="已超过期限")
    desk.sign_in("zhang")
    _, page = await desk.get("/admin/approvals?view=mine")
    assert texts_of(page, "tbody .badge") == ["已拒绝"]
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert facts_of(page)["意见"] == "已超过期限"
    assert Refund.select().count() == 0


async def test_a_page_shows_the_latest_decided_proposal_only(desk: Desk) -> None:
    """The template's loop used ``loop.first`` in its own condition, which failed."""
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}"
    for key in ("one-time-key-0001", "one-time-key-0002"):
        desk.sign_in("zhang")
        await refund(desk, bought.order_no, key)
        desk.sign_in("cai")
        await decide(desk, "refuse", reason="已超过期限")
        status, page = await desk.get(url)
        told = [text for text in texts_of(page, ".notice") if text.startswith("退款申请")]
        assert (status, [text[:13] for text in told]) == (200, ["退款申请已拒绝（Zhang"])


async def test_a_stale_proposal_says_why_it_was_not_carried_out(desk: Desk) -> None:
    bought = paid_order()
    desk.sign_in("zhang")
    await refund(desk, bought.order_no)
    aftersales.merchant_refund(bought.order_no, (), "已电话沟通")
    desk.sign_in("cai")
    await decide(desk)
    assert "没有执行" in await desk.said()
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert "提交申请后情况已变化" in words_of(page, ".notice-bad")
    assert Refund.select().count() == 1


async def test_a_second_approval_does_nothing(desk: Desk) -> None:
    bought = paid_order()
    desk.sign_in("zhang")
    await refund(desk, bought.order_no)
    desk.sign_in("cai")
    await decide(desk)
    desk.sign_in("boss")
    await decide(desk)
    assert "这项申请已有结果" in await desk.said()
    assert Refund.select().count() == 1


async def test_the_decision_asks_for_the_code(desk: Desk) -> None:
    bought = paid_order()
    desk.sign_in("zhang")
    await refund(desk, bought.order_no)
    desk.sign_in("cai", fresh=False)
    status, page = await decide(desk)
    assert (status, asks_for_code(page)) == (403, True)
    assert Refund.select().count() == 0


async def test_only_who_proposed_withdraws_a_proposal(desk: Desk) -> None:
    desk.sign_in("zhang")
    await refund(desk, paid_order().order_no)
    url = f"/admin/approvals/{latest().id}"
    desk.sign_in("lisa")
    await desk.post(f"{url}/withdraw")
    assert latest().state == "open"
    desk.sign_in("zhang")
    _, page = await desk.get(url)
    assert "撤回申请" in texts_of(page, "button")
    assert "同意并执行" not in words_of(page)
    await desk.post(f"{url}/withdraw")
    assert latest().state == "withdrawn"


@pytest.mark.parametrize("who", ["nobody", "member"])
async def test_strangers_decide_nothing(desk: Desk, who: str) -> None:
    from domain.members import sessions
    from kernel.ids import token

    desk.sign_in("zhang")
    await refund(desk, paid_order().order_no)
    cookie = token()
    if who == "member":
        sessions.renew_session(sessions.open_session(cookie, "v"), make_member())
    desk.use(cookie)
    for path in ("decide", "withdraw"):
        status, place = await desk.post(f"/admin/approvals/{latest().id}/{path}")
        assert (status, place[:14]) == (303, "/admin/sign-in")
    assert latest().state == "open"


async def test_a_case_is_answered_by_proposal(desk: Desk) -> None:
    bought = paid_order()
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    url = f"/admin/aftersales/{case['case_id']}"
    desk.sign_in("zhang")
    _, page = await desk.get(url)
    assert "申请同意，退款 ¥298.00" in texts_of(page, "button")
    await desk.post_seen(f"{url}/approve", note="包装破损")
    assert "已提交审批" in await desk.said()
    _, page = await desk.get(url)
    assert "售后处理申请待审批（Zhang，" in lines_of(page, ".notice-warn")
    assert "申请同意" not in words_of(page)  # no second proposal while one waits
    desk.sign_in("boss")
    _, page = await desk.get(url)
    assert "同意，退款 ¥298.00" in texts_of(page, "button")
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert facts_of(page)["处理"] == "同意售后"
    await decide(desk)
    assert Refund.select().count() == 1
    told = AuditEntry.get(AuditEntry.action == "case.approve")
    assert told.actor == "staff:boss"


async def test_a_rebinding_is_asked_for_on_the_member_s_page(desk: Desk) -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    customer = make_customer(hui)
    found = distribution.distributor(zhou)
    assert found is not None
    desk.sign_in("zhang")
    _, page = await desk.get(f"/admin/members/{customer}")
    assert "申请改绑" in texts_of(page, "button")
    form = {"code": found.referral_code, "reason": "推荐码扫错", "_typed": "改绑"}
    await desk.post(f"/admin/members/{customer}/upline", **form)
    _, page = await desk.get(f"/admin/members/{customer}")
    assert words_of(page, ".notice-warn").startswith("改绑申请待审批（Zhang，")
    desk.sign_in("cai")
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    facts = facts_of(page)
    assert (facts["现在的推荐人"], facts["改为"]) == ("阿慧推荐", "老周推荐")
    await decide(desk)
    assert Binding.get(Binding.member == customer).p1_id == zhou


# ---------- limits ----------


async def test_finance_above_the_single_limit_needs_another(desk: Desk) -> None:
    settings.change(StaffCeilings, {"refund_single_fen": 100})
    bought = paid_order()
    desk.sign_in("cai")
    await refund(desk, bought.order_no)
    assert "已提交审批" in await desk.said()
    assert Refund.select().count() == 0
    await decide(desk)
    assert "不能决定自己提交的申请" in await desk.said()
    desk.sign_in("boss")
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert facts_of(page)["需审批"] == "超过单笔上限"
    await decide(desk)
    assert Refund.select().count() == 1


@pytest.mark.parametrize(("fen", "asks"), [(29_800, True), (29_801, False)])
async def test_from_an_amount_on_a_refund_asks_for_the_code(
    desk: Desk, fen: int, asks: bool
) -> None:
    bought = paid_order()
    assert bought.payable_fen == 29_800
    settings.change(StaffCeilings, {"refund_code_from_fen": fen})
    desk.sign_in("cai", fresh=False)
    status, page = await refund(desk, bought.order_no)
    assert (status == 403, asks_for_code(page)) == (asks, asks)
    assert Refund.select().count() == (0 if asks else 1)


async def test_a_large_answer_to_a_case_asks_for_the_code(desk: Desk) -> None:
    bought = paid_order()
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    desk.sign_in("cai", fresh=False)
    status, page = await desk.post_seen(f"/admin/aftersales/{case['case_id']}/approve", note="")
    assert (status, asks_for_code(page)) == (403, True)
    assert Refund.select().count() == 0


@pytest.mark.row("G4")
async def test_a_send_above_the_ceiling_waits_for_another(desk: Desk) -> None:
    from domain import members
    from tests.face.shop_with_data import _openid
    from tests.factories.members import APPID

    settings.change(StaffCeilings, {"sends_person_day": 0})
    fan = make_member("小王")
    members.agree_to_promotions(fan)
    members.record_message(APPID, _openid(fan))
    draft = push.draft_campaign(
        CampaignForm("上新", "service", {"text": "新酒到店"}, {"kind": "all"}), "staff:lisa"
    )
    desk.sign_in("lisa")
    await desk.post(f"/admin/push/{draft}/start", _typed="发送")
    assert "已提交审批" in await desk.said()
    assert PushCampaign.get_by_id(draft).state == "draft"
    _, page = await desk.get(f"/admin/push/{draft}")
    assert words_of(page, ".notice-warn").startswith("群发申请待审批（Lisa，")
    desk.sign_in("boss")
    _, page = await desk.get(f"/admin/approvals/{latest().id}")
    assert facts_of(page)["收件人"] == "1 人"
    await decide(desk)
    assert PushCampaign.get_by_id(draft).state == "sending"


async def test_only_the_owner_changes_the_ceilings_and_only_with_a_code(desk: Desk) -> None:
    values = {
        "refund_code_from_fen": "50", "refund_single_fen": "300.5", "refunds_person_day": "4",
        "refund_fen_person_day": "1000", "refunds_shop_day": "40", "refund_fen_shop_day": "9000",
        "rebindings_person_day": "1", "rebindings_shop_day": "2", "sends_person_day": "10",
        "sends_shop_day": "20", "proposal_days": "2", "version": "0",
    }  # fmt: skip
    for login in ("cai", "lisa", "zhang"):
        desk.sign_in(login)
        assert (await desk.get("/admin/settings/ceilings"))[0] == 200
        assert (await desk.post("/admin/settings/ceilings", **values))[0] == 403
    desk.sign_in("boss", fresh=False)
    assert (await desk.post("/admin/settings/ceilings", **values))[0] == 403
    desk.sign_in("boss")
    assert (await desk.post("/admin/settings/ceilings", **values))[0] == 303
    told = OutboxRow.get(OutboxRow.kind == "notify.owner").payload
    assert told == {"purpose": "limits_changed", "facts": {"who": "Boss", "code": "ceilings"}}
    kept = settings.fresh(StaffCeilings)
    assert (kept.refund_single_fen, kept.rebindings_person_day) == (30_050, 1)


async def test_the_owner_is_notified_when_finance_changes_the_payout_limits(desk: Desk) -> None:
    """Finance could raise the amount from which a second person is needed, then pay alone."""
    values = {
        "second_person_from_fen": "999999", "per_hour_fen": "999999", "per_day_fen": "999999",
        "per_person_day_fen": "999999", "commission_share_bp": "50", "granted_bill_fen": "200",
        "granted_person_day_fen": "500", "version": "0",
    }  # fmt: skip
    desk.sign_in("cai")
    assert (await desk.post("/admin/settings/brakes", **values))[0] == 303
    told = [row.payload for row in OutboxRow.select().where(OutboxRow.kind == "notify.owner")]
    assert told == [{"purpose": "limits_changed", "facts": {"who": "Cai", "code": "brakes"}}]
    await desk.post("/admin/settings/brakes", **values | {"version": "1"})
    assert OutboxRow.select().where(OutboxRow.kind == "notify.owner").count() == 1
