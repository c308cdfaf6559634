"""Standing authorisations (payouts without confirmation): conditions, ceilings, endings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import distribution, ledger, payouts, settings
from domain.gate import Problem, enter_gate
from domain.payments.ports import GrantResult, GrantState, Notification, TransferState
from domain.payouts import grants
from kernel import clock
from kernel.errors import Conflict, LimitReached, Refused, Retryable, Unknown
from models import OutboxRow, PayoutBill, PayoutGrant, SystemEvent
from tests.factories.distribution import (
    balances,
    earn,
    make_distributor,
    pass_time,
    ready_for_payouts,
    wallet,
)
from tests.factories.transfers import TERMS, FakeTransfers, bill_of, forget_leases

CLOSED, AGREED = GrantState.CLOSED, GrantState.TAKING_EFFECT


async def _granted(store: Any, pay: FakeTransfers, member_id: int) -> None:
    """Make an active grant: the person agreed, and a query told us."""
    await _ask(store, pay, member_id)
    pay.grant_becomes(AGREED)
    pass_time(minutes=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    found = payouts.grant_of(member_id)
    assert found is not None
    assert found.state == "active"


async def _ask(store: Any, pay: Any, member_id: int) -> Any:
    return await payouts.request_grant(store, pay, TERMS, member_id)


def _approved(fen: int = 10_000, times: int = 1) -> tuple[int, list[int]]:
    lin = make_distributor()
    earn(lin, fen * times)
    pass_time(days=2)
    ready_for_payouts()
    settings.change(settings.Distribution, {"review_from_fen": 200_000})
    made = [distribution.request_withdrawal(lin, fen) for _ in range(times)]
    return lin, [int(each["withdrawal_id"]) for each in made]


async def _send(store: Any, pay: FakeTransfers, wd: int) -> Any:
    return await payouts.send_bill(store, pay, TERMS, bill_of(wd))  # type: ignore[arg-type]


async def _poll(store: Any, pay: FakeTransfers) -> None:
    pass_time(hours=1)
    forget_leases()
    await payouts.query_due_bills(store, pay)  # type: ignore[arg-type]


def _bill(wd: int) -> Any:
    return PayoutBill.get_by_id(bill_of(wd))


async def test_a_payee_who_agreed_is_paid_without_a_tap(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    assert await _send(store, pay, wd) is None
    assert distribution.withdrawal_detail(wd, lin).state == "paid"
    assert (_bill(wd).channel, len(pay.granted), pay.requests) == ("granted", 1, [])
    assert balances(lin) == wallet()
    assert ledger.check_fully().is_clean


async def test_without_an_authorisation_a_bill_has_to_be_confirmed(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)  # requested, but not agreed to
    await _send(store, pay, wd)
    assert (_bill(wd).state, _bill(wd).channel, pay.granted) == ("awaiting_user", "wechat", [])


@pytest.mark.parametrize("limit", ["granted_bill_fen", "granted_person_day_fen"])
async def test_a_bill_above_the_ceilings_has_to_be_confirmed(store: Any, limit: str) -> None:
    lin, (first, second) = _approved(times=2)
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    most = 10_000 if limit == "granted_person_day_fen" else 9_999
    settings.change(settings.PayoutBrakes, {limit: most})
    await _send(store, pay, first)
    await _send(store, pay, second)
    shown = [_bill(first).channel, _bill(second).channel]
    day = limit == "granted_person_day_fen"
    assert shown == (["granted", "wechat"] if day else ["wechat", "wechat"])
    assert _bill(second).state == "awaiting_user"


async def test_the_daily_ceiling_counts_unconfirmed_payouts_only(store: Any) -> None:
    lin, (first, second) = _approved(times=2)
    pay = FakeTransfers()
    await _send(store, pay, first)  # needs a confirmation, so it doesn't count
    await _granted(store, pay, lin)
    settings.change(settings.PayoutBrakes, {"granted_person_day_fen": 10_000})
    await _send(store, pay, second)
    assert _bill(second).channel == "granted"


async def test_all_checks_of_the_gate_apply_to_unconfirmed_payouts(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    payouts.stop_payouts("staff:1", "核对")
    assert (await _send(store, pay, wd)).code == "payouts_stopped"
    payouts.resume_payouts("staff:1")
    payouts.freeze_payee(lin, "staff:1", "核对")
    assert (await _send(store, pay, wd)).code == "payee_frozen"
    payouts.lift_freeze(lin, "staff:1", "已核对")
    settings.change(settings.PayoutBrakes, {"per_person_day_fen": 1})
    assert (await _send(store, pay, wd)).code == "ceiling_per_person_day"
    assert (pay.granted, pay.requests) == ([], [])


async def test_an_unconfirmed_payout_cannot_be_cancelled(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.after = [Unknown("timeout")]
    await _send(store, pay, wd)
    assert _bill(wd).state == "paying"
    forget_leases()
    passed = enter_gate("cancel", bill_of(wd), "staff:1")
    assert isinstance(passed, Problem)
    assert passed.code == "not_cancellable"
    with pytest.raises(Conflict, match="transfer_under_way"):
        await payouts.cancel_bill(store, pay, bill_of(wd), "staff:1")  # type: ignore[arg-type]
    assert _bill(wd).state == "paid"
    assert distribution.withdrawal_detail(wd, lin).state == "paid"
    assert len(pay.granted) == 1


async def test_an_unconfirmed_payout_alive_at_wechat_after_its_end_here_raises_an_alarm(
    store: Any,
) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.after = [Unknown("timeout")]
    await _send(store, pay, wd)
    pay.becomes(TransferState.FAIL, "ACCOUNT_FROZEN")
    await _poll(store, pay)
    assert balances(lin) == wallet(available=10_000)
    pay.becomes(TransferState.PROCESSING)
    (alive,) = pay.bills.values()
    assert payouts.receive_transfer(alive) == "alive"
    forget_leases()
    await payouts.cancel_transfer_of_ended_bill(store, pay, bill_of(wd))  # type: ignore[arg-type]
    assert [b.state for b in pay.bills.values()] == [TransferState.PROCESSING]
    assert [r for r in OutboxRow.select() if r.payload.get("purpose") == "transfer_alive"]


async def test_if_the_authorisation_ended_the_same_bill_is_sent_for_confirmation(
    store: Any,
) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.grant_becomes(CLOSED, close_reason="USER_CLOSE")
    pay.query_faults = [Unknown("timeout")]  # WeChat doesn't answer the query before the call
    await _send(store, pay, wd)
    assert (len(pay.granted), len(pay.requests)) == (1, 1)
    bill, found = _bill(wd), payouts.grant_of(lin)
    assert found is not None
    assert (found.state, found.end_reason) == ("closed", "USER_CLOSE")
    assert (bill.state, bill.channel, "authorization_id" in bill.request) == (
        "awaiting_user", "wechat", False,
    )  # fmt: skip
    assert {r.out_bill_no for r in (*pay.granted, *pay.requests)} == {bill.out_bill_no}
    assert [r.payload["purpose"] for r in OutboxRow.select() if "purpose" in r.payload].count(
        "grant_closed"
    ) == 1
    pay.becomes(TransferState.SUCCESS)
    await _poll(store, pay)
    assert distribution.withdrawal_detail(wd, lin).state == "paid"


async def test_an_authorisation_that_ended_unnoticed_is_not_used(store: Any) -> None:
    """The notification is late, but WeChat is queried before the first call."""
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.grant_becomes(CLOSED, close_reason="USER_CLOSE")
    await _send(store, pay, wd)
    assert (pay.granted, len(pay.requests)) == ([], 1)
    assert (_bill(wd).state, _bill(wd).channel) == ("awaiting_user", "wechat")
    assert PayoutGrant.get().state == "closed"


async def test_a_refusal_is_not_final_while_an_earlier_call_is_open(store: Any) -> None:
    """The first call, without an answer, may still arrive: the other channel would pay twice."""
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.granted_faults = [Unknown("timeout")]
    await _send(store, pay, wd)
    pay.grant_becomes(CLOSED)
    await _poll(store, pay)  # the second call is refused, the first one is still open
    bill = _bill(wd)
    assert (bill.state, bill.channel, pay.requests) == ("paying", "granted", [])
    assert bill.uncertain_at is not None
    assert len(pay.granted) == 2
    assert pay.granted[0] == pay.granted[1]
    assert balances(lin) == wallet(withdrawing=10_000)


async def test_an_empty_balance_at_wechat_keeps_the_bill_and_its_channel(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.granted_faults = [Retryable("NOT_ENOUGH")]
    await _send(store, pay, wd)
    assert (_bill(wd).state, _bill(wd).channel, pay.requests) == ("paying", "granted", [])
    await _poll(store, pay)
    assert distribution.withdrawal_detail(wd, lin).state == "paid"


async def test_a_bill_refused_by_both_channels_is_returned(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.granted_faults = [Refused("INVALID_REQUEST")]
    pay.faults = [Refused("PARAM_ERROR")]
    await _send(store, pay, wd)
    assert distribution.withdrawal_detail(wd, lin).state == "returned"
    assert balances(lin) == wallet(available=10_000)


async def test_an_impossible_state_is_reported_once_and_not_paid_again(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.after = [Unknown("timeout")]
    await _send(store, pay, wd)
    pay.becomes(TransferState.WAIT_USER_CONFIRM)
    await _poll(store, pay)
    await _poll(store, pay)
    assert (_bill(wd).state, len(pay.granted), pay.requests) == ("paying", 1, [])
    told = [r for r in OutboxRow.select() if r.payload.get("purpose") == "transfer_differs"]
    assert len(told) == 1


# --- asking, agreeing, ending


async def test_two_requests_share_one_number(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    first = await _ask(store, pay, lin)
    again = await _ask(store, pay, lin)
    assert first.id == again.id
    assert (first.state, first.package_info, len(pay.grant_requests)) == ("asked", "sheet", 1)


async def test_a_request_without_an_answer_is_repeated_under_its_number(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    pay.grant_faults = [Unknown("timeout")]
    first = await _ask(store, pay, lin)
    assert (first.state, first.package_info) == ("asked", None)
    pass_time(minutes=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    found = payouts.grant_of(lin)
    assert found is not None
    assert (found.package_info, len({r.out_authorization_no for r in pay.grant_requests})) == (
        "sheet", 1,
    )  # fmt: skip
    assert pay.grant_requests[0] == pay.grant_requests[1]


async def test_after_a_refused_request_another_may_be_made(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    pay.grant_faults = [Refused("NO_AUTH")]
    first = await _ask(store, pay, lin)
    assert (first.state, first.end_reason) == ("refused", "NO_AUTH")
    second = await _ask(store, pay, lin)
    assert (second.state, second.out_authorization_no != first.out_authorization_no) == (
        "asked", True,
    )  # fmt: skip


async def test_requests_of_a_day_are_limited(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    for _ in range(5):
        await _ask(store, pay, lin)
        await payouts.close_grant(store, pay, TERMS, lin, f"member:{lin}")  # type: ignore[arg-type]
    with pytest.raises(LimitReached, match="grant_too_often"):
        await _ask(store, pay, lin)
    assert len(pay.grant_requests) == 5
    pass_time(days=1)
    assert (await _ask(store, pay, lin)).state == "asked"


async def test_an_unanswered_request_expires(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)
    pay.grant_becomes(CLOSED, close_reason="OVERDUE_CLOSE")
    pass_time(days=1, hours=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    found = payouts.grant_of(lin)
    assert found is not None
    assert (found.state, found.end_reason) == ("expired", "OVERDUE_CLOSE")
    assert PayoutGrant.get().next_query_at is None


async def test_a_grant_closed_here_is_not_used_even_if_wechat_does_not_answer(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.grant_faults = [Unknown("timeout")]
    await payouts.close_grant(store, pay, TERMS, lin, f"member:{lin}")  # type: ignore[arg-type]
    await _send(store, pay, wd)
    assert (pay.granted, _bill(wd).state) == ([], "awaiting_user")
    number = PayoutGrant.get().out_authorization_no
    assert pay.grants[number].state is AGREED
    pass_time(minutes=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    assert pay.grants[number].state is CLOSED
    assert PayoutGrant.get().next_query_at is None
    with pytest.raises(Conflict, match="grant_absent"):
        await payouts.close_grant(store, pay, TERMS, lin, f"member:{lin}")  # type: ignore[arg-type]


async def test_a_grant_agreed_to_after_its_end_here_is_closed_at_wechat(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)
    pay.grant_faults = [Unknown("timeout")]
    await payouts.close_grant(store, pay, TERMS, lin, f"member:{lin}")  # type: ignore[arg-type]
    pay.grant_becomes(AGREED)
    (late,) = pay.grants.values()
    assert payouts.receive_grant(late) == "alive"
    pass_time(minutes=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    assert [g.state for g in pay.grants.values()] == [CLOSED]
    assert PayoutGrant.get().state == "closed"


@pytest.mark.parametrize(
    ("field", "value"),
    [("openid", "o-else"), ("mchid", "1900000009"), ("appid", "wxelse"), ("scene_id", "1000")],
)
async def test_an_answer_about_another_person_activates_nothing(
    store: Any, field: str, value: str
) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)
    pay.grant_becomes(AGREED, **{field: value})
    (wrong,) = pay.grants.values()
    assert payouts.receive_grant(wrong) == "differs"
    assert PayoutGrant.get().state == "asked"
    assert SystemEvent.select().where(SystemEvent.action == "grant.differs").count() == 1


async def test_a_notification_is_booked_once(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)
    pay.grant_becomes(AGREED)
    (result,) = pay.grants.values()
    notice = Notification("N1", "MCHTRANSFER.AUTHORIZATION.CONFIRMED", clock.now(), "{}", result)
    assert payouts.receive_grant_notice(notice) == "active"
    assert payouts.receive_grant_notice(notice) == "same"
    unknown = GrantResult(AGREED, "GA0")
    assert payouts.receive_grant(unknown) == "unknown"


async def test_a_payee_who_cannot_be_paid_so_cannot_request_it(store: Any) -> None:
    pay = FakeTransfers()
    lin, _ = _approved()
    payouts.freeze_payee(lin, "staff:1", "核对")
    with pytest.raises(Conflict, match="payee_frozen"):
        await _ask(store, pay, lin)
    employee = make_distributor("小陈", payee_type="employee")
    with pytest.raises(Conflict, match="grant_not_offered"):
        await _ask(store, pay, employee)
    payouts.lift_freeze(lin, "staff:1", "已核对")
    settings.change(settings.PayoutBrakes, {"granted_bill_fen": 0})
    with pytest.raises(Conflict, match="grant_not_offered"):
        await _ask(store, pay, lin)
    assert pay.grant_requests == []


async def test_a_grant_does_not_apply_to_another_account_of_the_person(store: Any) -> None:
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    PayoutGrant.update(openid="o-former").execute()
    await _send(store, pay, wd)
    assert (pay.granted, _bill(wd).channel) == ([], "wechat")


async def test_an_active_grant_is_queried_daily(store: Any) -> None:
    """The person may end it in WeChat, and the notification may be lost."""
    lin, _ = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    pay.grant_becomes(CLOSED, close_reason="USER_CLOSE")
    pass_time(hours=1)
    assert await payouts.query_due_grants(store, pay) == 0  # type: ignore[arg-type]
    pass_time(days=1)
    assert await payouts.query_due_grants(store, pay) == 1  # type: ignore[arg-type]
    found = payouts.grant_of(lin)
    assert found is not None
    assert found.state == "closed"
    assert found.ended_at is not None
    assert found.ended_at - clock.now() < timedelta(seconds=1)


async def test_a_change_of_payee_type_ends_the_grant(store: Any) -> None:
    """The person agreed to another kind of payment: they are told, and it is closed at WeChat."""
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    payouts.set_payee_type(lin, "sole_trader", "staff:1")
    found = payouts.grant_of(lin)
    assert found is not None
    assert (found.state, found.end_reason, found.ended_by) == ("closed", "payee_type", "staff:1")
    told = [row.payload for row in OutboxRow.select().where(OutboxRow.kind == "notify.member")]
    assert [each["facts"]["cause"] for each in told if each["purpose"] == "grant_closed"] == [
        "payee_type"
    ]
    assert await _send(store, pay, wd) == Problem("payee_changed")
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    assert [g.state for g in pay.grants.values()] == [CLOSED]
    payouts.set_payee_type(lin, "individual", "staff:1")
    reopened = payouts.grant_of(lin)
    assert reopened is not None
    assert reopened.state == "closed"


async def test_a_change_of_payee_type_ends_a_mere_request_without_a_notice(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _ask(store, pay, lin)
    payouts.set_payee_type(lin, "sole_trader", "staff:1")
    pay.grant_becomes(AGREED)
    (late,) = pay.grants.values()
    assert payouts.receive_grant(late) == "alive"
    pass_time(minutes=1)
    await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    assert [g.state for g in pay.grants.values()] == [CLOSED]
    told = OutboxRow.select().where(OutboxRow.kind == "notify.member")
    assert "grant_closed" not in [row.payload["purpose"] for row in told]


async def test_setting_the_same_payee_type_keeps_the_grant(store: Any) -> None:
    lin, _ = _approved()
    pay = FakeTransfers()
    await _granted(store, pay, lin)
    payouts.set_payee_type(lin, "individual", "staff:1")
    found = payouts.grant_of(lin)
    assert found is not None
    assert found.state == "active"


@pytest.mark.parametrize("how", ["confirmed", "granted"])
async def test_a_repeated_call_has_the_reason_of_the_first_one(store: Any, how: str) -> None:
    """A reason that was configured in between applies to new calls only."""
    lin, (wd,) = _approved()
    pay = FakeTransfers()
    first = replace(TERMS, perception="劳务报酬")
    if how == "granted":
        pay.grant_faults = [Unknown("timeout")]
        grant_id = (await payouts.request_grant(store, pay, first, lin)).id  # type: ignore[arg-type]
        asked = grants.stored_grant_request(grant_id)
        assert asked is not None
        assert asked.user_recv_perception == "劳务报酬"
        pass_time(minutes=1)
        await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
        assert pay.grant_requests == [asked, asked]
        pay.grant_becomes(AGREED)
        pass_time(minutes=1)
        await payouts.query_due_grants(store, pay)  # type: ignore[arg-type]
    pay.faults, pay.granted_faults = [Unknown("timeout")], [Unknown("timeout")]
    await payouts.send_bill(store, pay, first, bill_of(wd))  # type: ignore[arg-type]
    await _poll(store, pay)
    sent = [*pay.granted, *pay.requests]
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert sent[1].user_recv_perception == "劳务报酬"
