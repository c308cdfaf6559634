"""Approval by a second person of refunds, rebindings and sends: proposals, decisions, ceilings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.wiring import subscribe_all
from domain import after_restore_hold, aftersales, approvals, distribution, push, settings, staff
from domain.aftersales import CaseForm
from domain.approvals import Use, count_against_ceilings, used_today
from domain.approvals.ceilings import PROPOSALS_A_DAY
from domain.settings import StaffCeilings
from kernel import clock, context
from kernel.errors import Conflict, DomainError, Forbidden, Invalid, LimitReached, NotFound
from models import (
    AfterSale,
    AuditEntry,
    Binding,
    OutboxRow,
    Proposal,
    PushCampaign,
    Refund,
    StaffDay,
)
from tests.factories.distribution import make_customer, make_distributor
from tests.factories.orders import Bought, paid_order
from tests.factories.staff import make_staff
from tests.service.test_push_campaigns import form, make_fan

OPERATOR, SERVICE, FINANCE, OWNER = (
    f"staff:{name}" for name in ("operator", "service", "finance", "owner")
)


@pytest.fixture(autouse=True)
def _people(db: Any) -> Any:
    """Wire the whole shop and make a member of staff for each role."""
    subscribe_all()
    for role in ("owner", "finance", "operator", "service"):
        make_staff(role, [role])
    before = context.actor.set("operator:test")
    yield
    context.actor.reset(before)


def _act(actor: str) -> None:
    context.actor.set(actor)


def _limit(**values: int) -> None:
    before = context.actor.get()
    _act("operator:test")
    settings.change(StaffCeilings, values)
    _act(before)


def _refund(bought: Bought, actor: str, *, may_act: bool, **more: Any) -> int | None:
    _act(actor)
    made = aftersales.refund_by_hand(bought.order_no, (), "客户要求", may_act=may_act, **more)
    found: int | None = made["proposal_id"]
    return found


def _decide(proposal_id: int | None, actor: str, *, yes: bool = True, reason: str = "") -> str:
    assert proposal_id is not None
    _act(actor)
    return approvals.decide_proposal(proposal_id, actor, is_approved=yes, reason=reason)


def _refused(proposal_id: int | None, actor: str, **more: Any) -> str:
    with pytest.raises(DomainError) as caught:
        _decide(proposal_id, actor, **more)
    return caught.value.code


# ---------- a refund from its proposal to its end ----------


def test_a_proposed_refund_moves_nothing_until_another_decides(db: Any) -> None:
    bought = paid_order()
    proposal = _refund(bought, SERVICE, may_act=False)
    assert Refund.select().count() == 0
    found = approvals.proposal_detail(proposal or 0)
    assert (found.state, found.cause, found.proposed_by) == ("open", "no_right", SERVICE)
    told = OutboxRow.select().where(OutboxRow.kind == "notify.owner").get().payload
    assert told["purpose"] == "proposal_opened"
    assert told["facts"] == {
        "code": "refund", "who": "Service", "reason": "客户要求", "fen": bought.payable_fen,
    }  # fmt: skip
    assert _decide(proposal, FINANCE) == "approved"
    assert Refund.get().amount_fen == bought.payable_fen
    decided = approvals.proposal_detail(proposal or 0)
    assert (decided.decided_by, decided.result["fen"]) == (FINANCE, bought.payable_fen)
    actions = [row.action for row in AuditEntry.select().where(
        AuditEntry.target_type == "proposal").order_by(AuditEntry.id)]  # fmt: skip
    assert actions == ["proposal.open", "proposal.decide"]


def test_nobody_decides_what_they_proposed(db: Any) -> None:
    """Not even the owner, and not with every right."""
    proposal = _refund(paid_order(), OWNER, may_act=False)
    assert _refused(proposal, OWNER) == "same_person"
    assert _refused(proposal, OWNER, yes=False, reason="不退") == "same_person"
    assert approvals.proposal_detail(proposal or 0).is_open


@pytest.mark.parametrize("actor", [OPERATOR, SERVICE, "staff:nobody", "member:1", "system"])
def test_a_decision_needs_the_right_of_the_proposal_s_kind(db: Any, actor: str) -> None:
    proposal = _refund(paid_order(), "staff:another", may_act=False)
    with pytest.raises(Forbidden):
        _decide(proposal, actor)
    assert approvals.proposal_detail(proposal or 0).is_open
    assert Refund.select().count() == 0


def test_a_right_that_was_taken_away_no_longer_allows_a_decision(db: Any) -> None:
    """Rights are read at the decision, not when the page was rendered."""
    proposal = _refund(paid_order(), SERVICE, may_act=False)
    staff.set_roles(staff.list_staff()[1].id, ["service"])
    assert _refused(proposal, FINANCE) == "right_missing"


def test_a_proposal_is_decided_once(db: Any) -> None:
    proposal = _refund(paid_order(), SERVICE, may_act=False)
    _decide(proposal, FINANCE)
    assert _refused(proposal, OWNER) == "proposal_decided"
    assert _refused(proposal, FINANCE, yes=False, reason="改主意") == "proposal_decided"
    assert Refund.select().count() == 1


def test_a_refusal_needs_a_reason_and_allows_a_new_proposal(db: Any) -> None:
    bought = paid_order()
    proposal = _refund(bought, SERVICE, may_act=False)
    assert _refused(proposal, FINANCE, yes=False, reason=" ") == "reason_missing"
    assert _decide(proposal, FINANCE, yes=False, reason="已过期限") == "refused"
    assert approvals.proposal_detail(proposal or 0).decision_reason == "已过期限"
    assert Refund.select().count() == 0
    assert _refund(bought, SERVICE, may_act=False) is not None


def test_a_subject_has_one_open_proposal_at_a_time(db: Any) -> None:
    bought = paid_order()
    _refund(bought, SERVICE, may_act=False)
    with pytest.raises(Conflict, match="proposal_open"):
        _refund(bought, OPERATOR, may_act=False)
    assert Proposal.select().count() == 1


def test_a_proposal_without_a_reason_is_refused(db: Any) -> None:
    _act(SERVICE)
    with pytest.raises(Invalid, match="reason_missing"):
        aftersales.refund_by_hand(paid_order().order_no, (), " ", may_act=False)
    assert Proposal.select().count() == 0


def test_only_the_proposer_withdraws_a_proposal(db: Any) -> None:
    bought = paid_order()
    proposal = _refund(bought, SERVICE, may_act=False) or 0
    with pytest.raises(NotFound):
        approvals.withdraw_proposal(proposal, FINANCE)
    approvals.withdraw_proposal(proposal, SERVICE)
    assert _refused(proposal, FINANCE) == "proposal_decided"
    assert approvals.proposal_detail(proposal).state == "withdrawn"


def test_a_proposal_that_nobody_decided_in_time_expires(db: Any) -> None:
    bought = paid_order()
    proposal = _refund(bought, SERVICE, may_act=False)
    clock.set_offset(timedelta(days=3, seconds=1))
    assert _refused(proposal, FINANCE) == "proposal_expired"
    assert approvals.proposal_detail(proposal or 0).state == "expired"
    assert approvals.count_to_decide(FINANCE, staff.rights_held(FINANCE)) == 0
    assert approvals.expire_proposals() == 1
    assert approvals.expire_proposals() == 0
    assert _refused(proposal, FINANCE) == "proposal_decided"
    assert _refund(bought, SERVICE, may_act=False) is not None


# ---------- the facts changed after the proposal ----------


def test_a_refund_fails_when_the_order_was_refunded_meanwhile(db: Any) -> None:
    """Otherwise goodwill of ¥5 that somebody already paid would be paid a second time."""
    bought = paid_order(quantity=2)
    line = bought.line_ids[0]
    _act(SERVICE)
    made = aftersales.refund_by_hand(bought.order_no, [(line, 0)], "补偿", 500, may_act=False)
    assert approvals.proposal_detail(made["proposal_id"]).kind == "goodwill"
    aftersales.merchant_refund(bought.order_no, [(line, 0)], "补偿", 500)
    assert _decide(made["proposal_id"], FINANCE) == "failed"
    found = approvals.proposal_detail(made["proposal_id"])
    assert found.result["code"] == "proposal_stale"
    assert Refund.select().count() == 1


def test_an_answer_to_a_case_that_moved_on_fails(db: Any) -> None:
    bought = paid_order()
    _act("member:1")
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    _act(OPERATOR)
    made = aftersales.answer_case(case["case_id"], "approve", may_act=False)
    assert AfterSale.get().state == "requested"
    aftersales.withdraw_case(case["case_no"], bought.member_id)
    assert _decide(made["proposal_id"], FINANCE) == "failed"
    assert Refund.select().count() == 0


def test_an_approved_answer_pays_the_case_back(db: Any) -> None:
    bought = paid_order()
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    _act(OPERATOR)
    made = aftersales.answer_case(case["case_id"], "approve", may_act=False)
    assert _decide(made["proposal_id"], FINANCE) == "approved"
    assert Refund.select().count() == 1


def test_a_draft_that_was_changed_after_it_was_proposed_is_not_sent(db: Any) -> None:
    """Otherwise a harmless text could be approved and another one sent."""
    make_fan()
    campaign = push.draft_campaign(form("service"), OPERATOR)
    made = push.send_or_propose(campaign, OPERATOR, may_act=False)
    push.edit_campaign(campaign, form("service", title="换了内容"), OPERATOR)
    assert _decide(made["proposal_id"], OWNER) == "failed"
    assert approvals.proposal_detail(made["proposal_id"]).result["code"] == "proposal_stale"
    assert PushCampaign.get_by_id(campaign).state == "draft"


def test_a_rebinding_fails_when_the_customer_moved_meanwhile(db: Any) -> None:
    hui, zhou, wang = make_distributor("阿慧"), make_distributor("老周"), make_distributor("小王")
    customer = make_customer(hui)
    code = _code_of(zhou)
    _act(SERVICE)
    made = distribution.move_or_propose(customer, code, "客户要求", may_act=False)
    distribution.move_upline(customer, wang, OWNER, "另有原因")
    assert _decide(made["proposal_id"], FINANCE) == "failed"
    assert Binding.get(Binding.member == customer).p1_id == wang


def test_an_approved_rebinding_moves_the_customer(db: Any) -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    customer = make_customer(hui)
    _act(SERVICE)
    made = distribution.move_or_propose(customer, _code_of(zhou), "客户要求", may_act=False)
    assert Binding.get(Binding.member == customer).p1_id == hui
    assert _decide(made["proposal_id"], FINANCE) == "approved"
    assert Binding.get(Binding.member == customer).p1_id == zhou


def test_a_rebinding_to_a_suspended_target_changes_nothing(db: Any) -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    customer = make_customer(hui)
    _act(SERVICE)
    made = distribution.move_or_propose(customer, _code_of(zhou), "客户要求", may_act=False)
    distribution.suspend_distributor(zhou, OWNER, "刷单")
    assert _decide(made["proposal_id"], FINANCE) == "failed"
    assert approvals.proposal_detail(made["proposal_id"]).result["code"] == "binding_refused"
    assert Binding.get(Binding.member == customer).p1_id == hui
    assert StaffDay.select().where(StaffDay.kind == "rebinding").count() == 0


def _code_of(member_id: int) -> str:
    found = distribution.distributor(member_id)
    assert found is not None
    return str(found.referral_code)


# ---------- ceilings ----------


def test_a_refund_above_the_single_limit_waits_for_a_second_person(db: Any) -> None:
    _limit(refund_single_fen=20_000)
    bought = paid_order()
    assert bought.payable_fen > 20_000
    proposal = _refund(bought, FINANCE, may_act=True)
    assert approvals.proposal_detail(proposal or 0).cause == "single"
    assert Refund.select().count() == 0
    assert _decide(proposal, OWNER) == "approved"
    assert Refund.select().count() == 1


def test_exactly_the_limit_goes_through_alone(db: Any) -> None:
    bought = paid_order()
    _limit(refund_single_fen=bought.payable_fen)
    assert _refund(bought, FINANCE, may_act=True) is None


def test_counts_and_sums_of_a_day_are_limited_by_person_and_for_the_shop(db: Any) -> None:
    _limit(refunds_person_day=2, refunds_shop_day=3)
    bought = [paid_order() for _ in range(6)]
    made = [_refund(each, FINANCE, may_act=True) for each in bought[:3]]
    assert made[:2] == [None, None]
    assert approvals.proposal_detail(made[2] or 0).cause == "person_day"
    assert _refund(bought[3], OWNER, may_act=True) is None
    other = _refund(bought[4], OWNER, may_act=True)
    assert approvals.proposal_detail(other or 0).cause == "shop_day"
    assert used_today("refund", FINANCE) == Use("refund", 2, 2 * bought[0].payable_fen)
    assert used_today("refund", "shop").times == 3
    clock.set_offset(timedelta(days=1))
    assert _refund(bought[5], FINANCE, may_act=True) is None


def test_the_ceiling_of_a_day_s_sum_applies_before_that_of_the_count(db: Any) -> None:
    bought = [paid_order() for _ in range(3)]
    _limit(refund_fen_person_day=2 * bought[0].payable_fen)
    assert [_refund(each, FINANCE, may_act=True) is None for each in bought] == [True, True, False]


def test_an_approved_refund_may_exceed_the_ceilings_and_counts_for_the_shop(db: Any) -> None:
    _limit(refunds_person_day=0, refunds_shop_day=1)
    first = _refund(paid_order(), FINANCE, may_act=True)
    second = _refund(paid_order(), FINANCE, may_act=True)
    assert [_decide(each, OWNER) for each in (first, second)] == ["approved", "approved"]
    assert used_today("refund", "shop").times == 2
    assert used_today("refund", OWNER).times == 0
    _limit(refunds_person_day=5)
    third = _refund(paid_order(), FINANCE, may_act=True)
    assert approvals.proposal_detail(third or 0).cause == "shop_day"


def test_many_small_goodwills_of_one_line_end_at_the_ceiling(db: Any) -> None:
    _limit(refund_fen_person_day=1_000)
    bought = paid_order()
    line = bought.line_ids[0]
    _act(FINANCE)
    made = [
        aftersales.refund_by_hand(bought.order_no, [(line, 0)], "补偿", 400, may_act=True)
        for _ in range(3)
    ]
    assert [each["proposal_id"] is None for each in made] == [True, True, False]


def test_an_answered_case_counts_as_a_refund_by_hand(db: Any) -> None:
    """Otherwise the ceiling could be bypassed through after-sales cases."""
    _limit(refunds_person_day=0)
    bought = paid_order()
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    _act(FINANCE)
    made = aftersales.answer_case(case["case_id"], "approve", may_act=True)
    assert approvals.proposal_detail(made["proposal_id"]).cause == "person_day"
    assert AfterSale.get().state == "requested"
    with pytest.raises(LimitReached, match="second_person"):
        aftersales.approve_case(case["case_id"])


def test_automatic_refunds_count_towards_no_ceiling(db: Any) -> None:
    _limit(refunds_person_day=0, refunds_shop_day=0)
    bought = paid_order()
    case = aftersales.request_case(
        CaseForm(bought.member_id, bought.order_no, "refund_only",
                 ((bought.line_ids[0], 1),), "not_wanted")
    )  # fmt: skip
    clock.set_offset(timedelta(hours=49))
    assert aftersales.apply_timeout(case["case_id"])
    assert Refund.select().count() == 1
    count_against_ceilings(Use("refund", 1, 1), "system")
    assert StaffDay.select().count() == 0


def test_rebindings_of_a_day_end_at_the_ceiling(db: Any) -> None:
    _limit(rebindings_person_day=2)
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    code = _code_of(zhou)
    customers = [make_customer(hui, f"客户{n}") for n in range(3)]
    _act(FINANCE)
    made = [distribution.move_or_propose(c, code, "调整", may_act=True) for c in customers]
    assert [each["proposal_id"] is None for each in made] == [True, True, False]
    assert Binding.select().where(Binding.p1 == zhou).count() == 2


def test_recipients_of_a_day_end_at_the_ceiling(db: Any) -> None:
    """The ceiling counts recipients: with one left, a campaign to three is not sent."""
    for n in range(3):
        make_fan(f"粉丝{n}")
    _limit(sends_person_day=4)
    campaigns = [push.draft_campaign(form("service"), OPERATOR) for _ in range(2)]
    made = [push.send_or_propose(each, OPERATOR) for each in campaigns]
    assert made[0]["proposal_id"] is None
    assert PushCampaign.get_by_id(campaigns[1]).state == "draft"
    assert _refused(made[1]["proposal_id"], OPERATOR) == "same_person"
    assert _decide(made[1]["proposal_id"], OWNER) == "approved"
    assert PushCampaign.get_by_id(campaigns[1]).state == "sending"
    assert used_today("send", "shop").times == 6


def test_a_send_with_more_recipients_than_were_proposed_is_not_sent(db: Any) -> None:
    """The approval is for the number of recipients in the proposal."""
    make_fan()
    campaign = push.draft_campaign(form("service"), OPERATOR)
    made = push.send_or_propose(campaign, OPERATOR, may_act=False)
    for n in range(11):
        make_fan(f"粉丝{n}")
    assert _decide(made["proposal_id"], OWNER) == "failed"
    assert PushCampaign.get_by_id(campaign).state == "draft"


def test_proposals_of_one_person_are_limited(db: Any) -> None:
    """Each proposal sends the owner a notice in WeChat, also one that was withdrawn before."""
    bought = paid_order()
    for _ in range(PROPOSALS_A_DAY):
        approvals.withdraw_proposal(_refund(bought, SERVICE, may_act=False) or 0, SERVICE)
    with pytest.raises(LimitReached, match="proposals_many"):
        _refund(bought, SERVICE, may_act=False)
    assert _refund(bought, OPERATOR, may_act=False) is not None
    clock.set_offset(timedelta(days=1))
    assert _refund(paid_order(), SERVICE, may_act=False) is not None


def test_nothing_is_approved_while_the_shop_is_held_after_a_restore(db: Any) -> None:
    """The refused approval leaves the proposal open."""
    proposal = _refund(paid_order(), SERVICE, may_act=False)
    after_restore_hold.begin_hold("restore", clock.now())
    assert _refused(proposal, FINANCE) == "held_after_restore"
    assert approvals.proposal_detail(proposal or 0).is_open
    assert _decide(proposal, FINANCE, yes=False, reason="等核对") == "refused"


def test_the_list_of_deciders_excludes_the_proposer(db: Any) -> None:
    assert staff.holders_of("orders.refund") == ["Owner", "Finance"]
    assert staff.holders_of("orders.refund", except_actor=FINANCE) == ["Owner"]


# ---------- counts of open proposals ----------


def test_open_proposals_are_counted_for_those_who_may_decide_them(db: Any) -> None:
    _refund(paid_order(), SERVICE, may_act=False)
    _refund(paid_order(), FINANCE, may_act=False)
    counts = {
        who: approvals.count_to_decide(who, staff.rights_held(who))
        for who in (OWNER, FINANCE, OPERATOR, SERVICE)
    }
    assert counts == {OWNER: 2, FINANCE: 1, OPERATOR: 0, SERVICE: 0}
    assert len(approvals.list_proposals("open", OWNER)) == 2
    assert [p.proposed_by for p in approvals.list_proposals("mine", FINANCE)] == [FINANCE]
    assert approvals.list_proposals("decided", OWNER) == []


def test_every_kind_names_a_right_that_somebody_holds(db: Any) -> None:
    assert approvals.all_kinds() == ["case", "goodwill", "rebinding", "refund", "send"]
    for role in ("owner", "finance"):
        held = staff.rights_of([role])
        assert {"case", "goodwill", "rebinding", "refund"} <= set(approvals.kinds_for(held))
    assert approvals.kinds_for(staff.rights_of(["service"])) == []
