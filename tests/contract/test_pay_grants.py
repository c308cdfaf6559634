"""Authorisations (免确认收款授权) against the simulator: requested, agreed to, used, ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.payments.ports import (
    GrantRequest,
    GrantResult,
    GrantState,
    TransferRequest,
    TransferResult,
    TransferState,
)
from kernel import ids
from kernel.errors import Refused, Unknown
from tests.contract.shop import Simulated
from tests.contract.test_pay_simulator import move, transfer_to


def leave(world: Simulated, openid: str) -> GrantRequest:
    return GrantRequest(
        ids.out_number("GA"), openid, "1005", "会员7", world.url("/pay/grant-notify")
    )


async def agreed(world: Simulated, openid: str, phone: str = "lin") -> GrantResult:
    """An authorisation in force, as read from its notification."""
    asked = await world.pay.ask_grant(leave(world, openid))
    number = asked.out_authorization_no
    await world.sim(f"phones/{phone}/grants/{number}", decision="confirm")
    told = (await world.shop.next()).result
    assert isinstance(told, GrantResult)
    return told


def under(world: Simulated, openid: str, grant: GrantResult, fen: int = 5000) -> TransferRequest:
    made = transfer_to(world, openid, fen)
    return replace(made, authorization_id=grant.authorization_id)


async def test_an_authorisation_is_requested_agreed_to_and_notified(world: Simulated) -> None:
    openid = await world.follower("lin")
    request = leave(world, openid)
    number = request.out_authorization_no
    assert (await world.pay.query_grant(number)).state is GrantState.ABSENT
    asked = await world.pay.ask_grant(request)
    again = await world.pay.ask_grant(request)
    waits = await world.pay.query_grant(number)
    assert asked.state is GrantState.WAIT_USER_CONFIRM
    assert asked.package_info == again.package_info == waits.package_info != ""
    assert asked.authorization_id == ""
    params = world.pay.transfer_params(asked.package_info)
    sheet = (await world.sim("phones/lin/js/transfer", **params))["sheet"]
    assert (sheet["kind"], sheet["display_name"]) == ("grant", "会员7")
    await world.sim(f"phones/lin/grants/{number}", decision="confirm")
    told = await world.shop.next()
    found = await world.pay.query_grant(number)
    assert told.event_type == "MCHTRANSFER.AUTHORIZATION.CONFIRMED"
    assert isinstance(told.result, GrantResult)
    assert told.result.mchid == world.pay.mchid
    assert replace(told.result, mchid="") == found
    assert (found.state, found.openid, found.appid, found.scene_id) == (
        GrantState.TAKING_EFFECT, openid, world.pay.appid, "1005",
    )  # fmt: skip
    assert found.authorization_id
    assert found.package_info == ""


async def test_a_transfer_under_an_authorisation_pays_once_without_confirmation(
    world: Simulated,
) -> None:
    openid = await world.follower("lin")
    request = under(world, openid, await agreed(world, openid))
    made = await world.pay.transfer_granted(request)
    again = await world.pay.transfer_granted(request)
    told = (await world.shop.next()).result
    found = await world.pay.query_transfer(request.out_bill_no)
    assert made.state is again.state is found.state is TransferState.SUCCESS
    assert isinstance(told, TransferResult)
    assert (found.amount_fen, found.openid, found.mchid) == (5000, openid, world.pay.mchid)
    with pytest.raises(Refused):
        await world.pay.cancel_transfer(request.out_bill_no)
    book = await world.sim("book", "GET")
    assert [t["amount_fen"] for t in book["transfers"]] == [5000]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_under_an_authorisation_pays_once(world: Simulated, when: str) -> None:
    openid = await world.follower("lin")
    request = under(world, openid, await agreed(world, openid))
    match = {"kind": "pay", "path": "/v3/fund-app", "method": "POST"}
    await world.fault(match=match, when=when, drop=True)
    with pytest.raises(Unknown):
        await world.pay.transfer_granted(request)
    expected = TransferState.ABSENT if when == "before" else TransferState.SUCCESS
    assert (await world.pay.query_transfer(request.out_bill_no)).state is expected
    assert (await world.pay.transfer_granted(request)).state is TransferState.SUCCESS
    assert len((await world.sim("book", "GET"))["transfers"]) == 1


async def test_an_authorisation_ended_by_its_person_pays_nothing_more(world: Simulated) -> None:
    openid = await world.follower("lin")
    grant = await agreed(world, openid)
    number = grant.out_authorization_no
    await world.sim(f"phones/lin/grants/{number}", decision="revoke")
    told = await world.shop.next()
    assert told.event_type == "MCHTRANSFER.AUTHORIZATION.CLOSED"
    found = await world.pay.query_grant(number)
    assert (found.state, found.close_reason) == (GrantState.CLOSED, "USER_CLOSE")
    request = under(world, openid, grant)
    with pytest.raises(Refused):
        await world.pay.transfer_granted(request)
    # the same number can be used for a transfer with confirmation
    made = await world.pay.transfer(request)
    assert made.state is TransferState.WAIT_USER_CONFIRM
    assert len((await world.sim("book", "GET"))["transfers"]) == 1


async def test_a_number_paid_under_an_authorisation_is_not_paid_again(world: Simulated) -> None:
    openid = await world.follower("lin")
    request = under(world, openid, await agreed(world, openid))
    await world.pay.transfer_granted(request)
    found = await world.pay.transfer(request)
    assert found.state is TransferState.SUCCESS
    assert len((await world.sim("book", "GET"))["transfers"]) == 1


async def test_closing_an_authorisation_again_succeeds(world: Simulated) -> None:
    openid = await world.follower("lin")
    number = (await agreed(world, openid)).out_authorization_no
    first = await world.pay.close_grant(number)
    again = await world.pay.close_grant(number)
    assert first.state is again.state is GrantState.CLOSED
    assert (await world.pay.close_grant("GA2611220000")).state is GrantState.ABSENT


async def test_an_unanswered_authorisation_is_closed_after_a_day(world: Simulated) -> None:
    openid = await world.follower("lin")
    asked = await world.pay.ask_grant(leave(world, openid))
    await move(world, hours=25)
    found = await world.pay.query_grant(asked.out_authorization_no)
    assert (found.state, found.close_reason) == (GrantState.CLOSED, "OVERDUE_CLOSE")


async def test_only_the_named_person_can_agree_to_an_authorisation(world: Simulated) -> None:
    openid = await world.follower("lin")
    await world.follower("wang")
    asked = await world.pay.ask_grant(leave(world, openid))
    params = world.pay.transfer_params(asked.package_info)
    assert "sheet" not in await world.sim("phones/wang/js/transfer", **params)
    with pytest.raises(Exception, match="somebody else"):
        await world.sim(f"phones/wang/grants/{asked.out_authorization_no}", decision="confirm")


async def test_more_than_the_ceiling_is_refused_and_moves_nothing(world: Simulated) -> None:
    openid = await world.follower("lin")
    request = under(world, openid, await agreed(world, openid), 60_000)
    with pytest.raises(Refused):
        await world.pay.transfer_granted(request)
    assert (await world.sim("book", "GET"))["transfers"] == []
    with pytest.raises(Refused, match="GRANT_MISSING"):
        await world.pay.transfer_granted(replace(request, authorization_id=""))
