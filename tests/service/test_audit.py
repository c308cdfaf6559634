"""The audit log of people's acts, and the separate log of system events."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.jobs import housekeeping
from domain import audit, ledger, payments, payouts
from domain.audit.system import KEPT
from domain.payments.service import settle
from kernel import clock, context
from models import AuditEntry, SystemEvent
from tests.factories.orders import begin, paid_order, paid_result, placed_order

PEOPLE = ("staff:lisa", "member:7", "operator:root")
MACHINES = (
    "system", "seed", "restore", "wechat", "wechatpay", "visitor", "openid:abc123",
    "outbox:payments.refund", "periodic:orders.close", "somebody", "staff:", "staff: ", ":7",
)  # fmt: skip


def lines(found: list[audit.AuditLine]) -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in found]


@pytest.mark.parametrize("actor", PEOPLE)
def test_a_persons_act_stands_in_the_log(db: Any, actor: str) -> None:
    audit.record("order.note", "order", 3, after={"note": "急"}, actor=actor)
    (line,) = audit.history("order", 3)
    assert (line.actor, line.after) == (actor, {"note": "急"})
    assert audit.system_history() == []


@pytest.mark.parametrize("actor", MACHINES)
def test_the_audit_log_refuses_actors_that_are_not_people(db: Any, actor: str) -> None:
    with pytest.raises(audit.NotAPerson, match=r"order\.note"):
        audit.record("order.note", "order", 3, actor=actor)
    with context.acting(actor), pytest.raises(audit.NotAPerson):
        audit.record("order.note", "order", 3)
    assert AuditEntry.select().count() == SystemEvent.select().count() == 0


def test_an_event_names_the_part_that_acted_and_its_request(db: Any) -> None:
    with context.acting("periodic:orders.close"):
        audit.record_event("refund.abnormal", "refund", 9, facts={"why": "NOT_ENOUGH"})
    (event,) = audit.system_history("refund", 9)
    assert (event.actor, event.before, event.after) == (
        "periodic:orders.close", None, {"why": "NOT_ENOUGH"},
    )  # fmt: skip
    assert SystemEvent.get().request_id == context.request_id.get()
    assert audit.history() == []


def test_a_system_event_during_a_request_does_not_name_the_person(db: Any) -> None:
    with context.acting("member:7"):
        audit.record_event("payment.mismatch", "payment", 1, facts={"field": "mchid"})
    assert lines(audit.system_history()) == [("system", "payment.mismatch")]


def test_a_step_is_logged_by_the_kind_of_its_actor(db: Any) -> None:
    said = {"before": {"state": "on"}, "after": {"state": "off"}}
    audit.record_either("payouts.stop", "brakes", "all", **said, actor="staff:lisa")
    audit.record_either("payouts.stop", "brakes", "all", **said, actor="system")
    (act,), (event,) = audit.history(), audit.system_history()
    assert (act.actor, event.actor) == ("staff:lisa", "system")
    assert (act.before, act.after) == (event.before, event.after) == tuple(said.values())


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, None), (None, {"a": 1}), ({"a": 0}, None), ({"a": 0}, {"a": 1}), ("old", "new"),
     (None, ["x"]), ([1], [2])],
)  # fmt: skip
def test_values_before_and_after_are_stored_unchanged(db: Any, before: Any, after: Any) -> None:
    audit.record_either("x", "order", 1, before=before, after=after, actor="system")
    (event,) = audit.system_history()
    assert (event.before, event.after) == (before, after)


def test_a_timeline_has_acts_and_events_in_order_of_time(db: Any) -> None:
    for minute, actor in enumerate(("staff:lisa", "periodic:x", "staff:amy", "wechat")):
        clock.set_offset(timedelta(minutes=minute))
        audit.record_either(f"step{minute}", "order", 5, actor=actor)
        audit.record_either("else", "order", 6, actor=actor)
    assert lines(audit.timeline("order", 5)) == [
        ("system", "step3"), ("staff:amy", "step2"), ("system", "step1"), ("staff:lisa", "step0"),
    ]  # fmt: skip
    assert [a for _, a in lines(audit.timeline("order", 5, limit=2))] == ["step3", "step2"]


def test_events_are_listed_by_thing_by_kind_and_in_pages(db: Any) -> None:
    for n in range(5):
        audit.record_event("refund.abnormal", "refund", n)
        audit.record_event("commission.void", "order", n)
    assert [e.target_id for e in audit.system_history("refund")] == ["4", "3", "2", "1", "0"]
    assert lines(audit.system_history("order", 2)) == [("system", "commission.void")]
    first = audit.system_history(action="refund.abnormal", limit=2)
    rest = audit.system_history(action="refund.abnormal", before_id=first[-1].id)
    assert [e.target_id for e in [*first, *rest]] == ["4", "3", "2", "1", "0"]
    assert audit.system_history("refund", action="commission.void") == []


def test_events_are_deleted_after_three_years_in_batches_and_acts_never(db: Any) -> None:
    for _ in range(3):
        audit.record_event("refund.abnormal", "refund", 1)
    audit.record("order.note", "order", 1)
    clock.set_offset(KEPT - timedelta(minutes=1))
    audit.record_event("refund.abnormal", "refund", 2)
    assert audit.delete_old_events() == 0
    clock.set_offset(KEPT + timedelta(minutes=1))
    assert [audit.delete_old_events(2) for _ in range(3)] == [2, 1, 0]
    assert [e.target_id for e in audit.system_history()] == ["2"]
    assert len(audit.history()) == 1


def test_system_rows_that_a_former_release_writes_are_moved_to_events(db: Any) -> None:
    """At an upgrade or a downgrade both releases run, and the former writes such rows."""
    for n, actor in enumerate(
        ("system", "staff:lisa", "periodic:cases.due", "visitor", "outbox:x")
    ):
        AuditEntry.insert(
            actor=actor, action="refund.begin", target_type="payment", target_id=str(n),
            before={"n": n}, after={"cause": "case"}, ip="192.0.2.1", request_id=f"r{n}",
            at=clock.now(),
        ).execute()  # fmt: skip
    assert [audit.move_system_acts(3), audit.move_system_acts(3), audit.move_system_acts(3)] == [
        3,
        1,
        0,
    ]
    assert [e.actor for e in audit.history()] == ["staff:lisa"]
    found = audit.system_history()
    assert [e.actor for e in found] == ["outbox:x", "visitor", "periodic:cases.due", "system"]
    assert (found[0].before, found[0].after) == ({"n": 4}, {"cause": "case"})
    assert {(e.ip, e.request_id) for e in SystemEvent.select()} == {
        ("192.0.2.1", f"r{n}") for n in (0, 2, 3, 4)
    }


async def test_the_nightly_job_cleans_up_events(store: Any) -> None:
    runtime: Any = SimpleNamespace(store=store)
    (job,) = [each for each in housekeeping(runtime) if each.name == "housekeeping.events"]
    await store.write(audit.record_event, "refund.abnormal", "refund", 1)
    clock.set_offset(KEPT + timedelta(minutes=1))
    assert await job.run() == {"forgotten": 1, "moved": 0}


def test_a_stop_by_the_ledger_check_is_an_event_and_its_lift_an_act(db: Any) -> None:
    found = ledger.Diagnosis(1, 1, [ledger.BookFault("sides_differ")])
    payouts.record_ledger_check(found)
    payouts.resume_payouts("staff:finance")
    assert lines(audit.timeline("brakes", "all")) == [
        ("staff:finance", "payouts.resume"), ("system", "payouts.stop"),
    ]  # fmt: skip
    assert lines(audit.history()) == [("staff:finance", "payouts.resume")]


def test_an_automatic_refund_is_an_event_not_an_act(db: Any, wired: None) -> None:
    """The refund may begin in a request of the buyer, who did not ask for it."""
    bought = placed_order()
    first, second = begin(bought), begin(bought, "native")
    with context.acting(f"member:{bought.member_id}"):
        assert settle(paid_result(first, bought.payable_fen)) == "booked"
        assert settle(paid_result(second, bought.payable_fen)) == "booked"
    assert lines(audit.system_history()) == [
        ("system", "refund.begin"), ("system", "order.payment_returned"),
    ]  # fmt: skip
    assert lines(audit.timeline("order", bought.order_id)) == [
        ("system", "order.payment_returned")
    ]
    assert [line for line in audit.history() if line.action.startswith(("refund", "order"))] == []


def test_a_refund_is_logged_by_who_began_it(db: Any, wired: None) -> None:
    """A buyer or a member of staff begins a refund; after a timeout the system does."""
    for actor in ("member:7", "staff:lisa", "periodic:cases.due"):
        bought = paid_order()
        with context.acting(actor):
            payments.begin_refund(bought.payment_id, 100, "case")
    assert [e.actor for e in audit.history("payment")] == ["staff:lisa", "member:7"]
    assert [e.actor for e in audit.system_history("payment")] == ["periodic:cases.due"]
