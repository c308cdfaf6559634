"""Parallel refunds and decisions: ceilings hold, and a proposal is decided once."""

from __future__ import annotations

from functools import partial
from typing import Any

from domain import aftersales, approvals, settings
from domain.approvals import used_today
from domain.settings import StaffCeilings
from kernel import context
from models import Proposal, Refund
from tests.factories.orders import Bought, paid_order
from tests.factories.staff import make_staff
from tests.race.crowd import at_once, outcomes


def _people() -> None:
    for role in ("owner", "finance", "service"):
        make_staff(role, [role])


def _refund(bought: Bought, actor: str, *, may_act: bool) -> Any:
    context.actor.set(actor)
    made = aftersales.refund_by_hand(bought.order_no, (), "客户要求", may_act=may_act)
    return made["proposal_id"]


def _decide(proposal_id: int, actor: str) -> str:
    context.actor.set(actor)
    return approvals.decide_proposal(proposal_id, actor, is_approved=True)


async def test_parallel_refunds_of_one_person_keep_to_the_daily_number(store: Any) -> None:
    """Of twenty parallel refunds five are made, and fifteen become proposals."""
    _people()
    settings.change(StaffCeilings, {"refunds_person_day": 5})
    bought = [paid_order() for _ in range(20)]
    answers = await at_once(
        store, [partial(_refund, each, "staff:finance", may_act=True) for each in bought]
    )
    assert outcomes(answers) == {"ok": 20}
    assert sum(answer is None for answer in answers) == 5
    assert Refund.select().count() == 5
    assert Proposal.select().where(Proposal.cause == "person_day").count() == 15
    assert used_today("refund", "staff:finance").times == 5


async def test_parallel_refunds_of_many_people_keep_to_the_shop_s_daily_sum(store: Any) -> None:
    """The ceiling is a sum: refunds that fit are made, the others become proposals."""
    _people()
    bought = [paid_order() for _ in range(12)]
    settings.change(StaffCeilings, {"refund_fen_shop_day": 4 * bought[0].payable_fen + 1})
    answers = await at_once(
        store,
        [
            partial(_refund, each, f"staff:finance{n}", may_act=True)
            for n, each in enumerate(bought)
        ],
    )
    assert outcomes(answers) == {"ok": 12}
    assert Refund.select().count() == 4
    assert used_today("refund", "shop").fen == 4 * bought[0].payable_fen


async def test_a_proposal_that_ten_decide_at_once_is_carried_out_once(store: Any) -> None:
    _people()
    proposal = await store.write(_refund, paid_order(), "staff:service", may_act=False)
    deciders = ["staff:owner", "staff:finance"] * 5
    answers = await at_once(store, [partial(_decide, proposal, who) for who in deciders])
    assert outcomes(answers) == {"ok": 1, "proposal_decided": 9}
    assert Refund.select().count() == 1


async def test_the_same_proposed_by_ten_at_once_is_one_proposal(store: Any) -> None:
    _people()
    bought = paid_order()
    answers = await at_once(
        store, [partial(_refund, bought, f"staff:service{n}", may_act=False) for n in range(10)]
    )
    assert outcomes(answers) == {"ok": 1, "proposal_open": 9}
    assert Proposal.select().count() == 1


async def test_a_decision_beside_a_refund_by_hand_pays_once(store: Any) -> None:
    """The owner refunds the order while finance approves its proposal."""
    _people()
    bought = paid_order()
    proposal = await store.write(_refund, bought, "staff:service", may_act=False)
    answers = await at_once(
        store,
        [
            partial(_decide, proposal, "staff:finance"),
            partial(_refund, bought, "staff:owner", may_act=True),
        ],
    )
    assert set(outcomes(answers)) <= {"ok", "nothing_left_to_claim"}
    assert Refund.select().count() == 1
    assert Refund.get().amount_fen == bought.payable_fen


async def test_refunds_and_proposals_at_once_cause_no_deadlock(store: Any) -> None:
    """On MariaDB, inserts beside rows that other transactions waited for caused deadlocks."""
    _people()
    settings.change(StaffCeilings, {"refunds_person_day": 2})
    bought = [paid_order() for _ in range(20)]
    answers = await at_once(
        store,
        [
            partial(_refund, each, f"staff:{'abcde'[n % 5]}", may_act=n % 4 != 3)
            for n, each in enumerate(bought)
        ],
    )
    assert outcomes(answers) == {"ok": 20}
    assert Refund.select().count() == 10
    assert Proposal.select().where(Proposal.cause == "no_right").count() == 5
