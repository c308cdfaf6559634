"""Plans for the next calls to one address, and calls that continue after their caller hung up."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.contract.sim_shop import Desk
from tests.harness.waiting import PATIENCE

TRANSFERS = "/v3/fund-app/mch-transfer/transfer-bills"
TO_TRANSFERS = {"kind": "pay", "method": "POST", "path_is": TRANSFERS}


def payout(desk: Desk, number: str, fen: int = 4000) -> dict[str, Any]:
    return {
        "appid": desk.settings.appid,
        "out_bill_no": number,
        "transfer_scene_id": "1005",
        "openid": desk.sim.world.phones["lin"].openid,
        "transfer_amount": fen,
        "transfer_remark": "佣金提现",
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": "分销员"},
            {"info_type": "报酬说明", "info_content": "推广佣金"},
        ],
    }


async def plan(desk: Desk, *steps: dict[str, Any], **match: Any) -> None:
    await desk.do("/plans", match=match or TO_TRANSFERS, steps=list(steps))


async def gives_up(call: asyncio.Task[Any]) -> None:
    """Close the connection during the call, as the shop does at a time-out."""
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_held_transfer_takes_effect_after_its_time_out(
    desk: Desk,
) -> None:
    await plan(
        desk,
        {"hold_before_effect": "first"},
        {"effect": False, "answer": {"status": 403, "code": "NOT_ENOUGH", "message": "余额不足"}},
    )
    first = asyncio.create_task(desk.v3("POST", TRANSFERS, payout(desk, "WD1")))
    assert (await desk.do("/holds/first/arrival"))["waiting"] == 1
    assert (await desk.see("/holds"))["waiting"] == {"first": 1}
    await gives_up(first)

    status, answer = await desk.v3("GET", f"{TRANSFERS}/out-bill-no/WD1")
    assert (status, answer["code"]) == (404, "NOT_FOUND")
    status, answer = await desk.v3("POST", TRANSFERS, payout(desk, "WD1"))
    assert (status, answer["code"]) == (403, "NOT_ENOUGH")
    assert desk.sim.world.transfers == {}

    assert (await desk.do("/holds/first/release"))["released"] == 1
    async with asyncio.timeout(PATIENCE):
        while "WD1" not in desk.sim.world.transfers:
            await asyncio.sleep(0.005)
    status, answer = await desk.v3("GET", f"{TRANSFERS}/out-bill-no/WD1")
    assert (status, answer["state"]) == (200, "WAIT_USER_CONFIRM")


async def test_the_first_call_answers_after_the_second_was_refused(desk: Desk) -> None:
    refusal = {"status": 400, "code": "PARAM_ERROR", "message": "参数错误"}
    await plan(desk, {"hold_before_answer": "first"}, {"effect": False, "answer": refusal})
    first = asyncio.create_task(desk.v3("POST", TRANSFERS, payout(desk, "WD2")))
    await desk.do("/holds/first/arrival")
    assert desk.sim.world.transfers["WD2"].state == "WAIT_USER_CONFIRM"
    assert (await desk.v3("POST", TRANSFERS, payout(desk, "WD2")))[0] == 400
    await desk.do("/holds/first/release")
    status, answer = await first
    assert (status, answer["state"]) == (200, "WAIT_USER_CONFIRM")


async def test_the_steps_of_a_plan_apply_to_the_calls_in_order(
    desk: Desk,
) -> None:
    await plan(
        desk,
        {"before_effect_s": 0.01, "before_answer_s": 0.01},
        {},
        {"answer": {"status": 500, "code": "SYSTEM_ERROR", "message": "系统异常"}},
        {"answer": {"status": 202, "body": {"state": "SUCCESS"}}},
        {"answer": {"drop": True}},
    )
    for number, expected in (("P1", 200), ("P2", 200), ("P3", 500), ("P4", 202)):
        status, _ = await desk.v3("POST", TRANSFERS, payout(desk, number))
        assert status == expected
    with pytest.raises(aiohttp.ClientError):
        await desk.v3("POST", TRANSFERS, payout(desk, "P5"))
    assert set(desk.sim.world.transfers) == {"P1", "P2", "P3", "P4", "P5"}
    assert (await desk.v3("POST", TRANSFERS, payout(desk, "P6")))[0] == 200  # no step is left


async def test_a_plan_affects_its_own_path_only(desk: Desk) -> None:
    await desk.v3("POST", TRANSFERS, payout(desk, "WD3"))
    await plan(desk, {"effect": False, "answer": {"status": 429, "code": "FREQUENCY_LIMITED"}})
    status, answer = await desk.v3("POST", f"{TRANSFERS}/out-bill-no/WD3/cancel")
    assert (status, answer["state"]) == (200, "CANCELING")
    assert (await desk.v3("POST", TRANSFERS, payout(desk, "WD4")))[0] == 429


async def test_a_delayed_call_takes_effect_after_its_caller_hung_up(desk: Desk) -> None:
    """Earlier, a call that was only delayed had no effect if its caller hung up."""
    await desk.do("/faults", match=TO_TRANSFERS, action={"delay_s": 0.2})
    call = asyncio.create_task(desk.v3("POST", TRANSFERS, payout(desk, "WD5")))
    async with asyncio.timeout(PATIENCE):
        while not desk.sim.world.faults[0].hits:
            await asyncio.sleep(0.005)
    await gives_up(call)
    assert "WD5" not in desk.sim.world.transfers
    async with asyncio.timeout(PATIENCE):
        while "WD5" not in desk.sim.world.transfers:
            await asyncio.sleep(0.005)
    assert desk.sim.world.transfers["WD5"].state == "WAIT_USER_CONFIRM"


@pytest.mark.parametrize(
    ("match", "steps"),
    [
        (TO_TRANSFERS, []),
        (TO_TRANSFERS, [{"efect": False}]),
        (TO_TRANSFERS, [{"effect": False}]),
        (TO_TRANSFERS, [{"answer": {}}]),
        (TO_TRANSFERS, [{"answer": {"errcode": 40001}}]),
        ({"kind": "notify"}, [{}]),
        ({"kind": "pay", "pfad": "/v3"}, [{}]),
    ],
)
async def test_a_plan_that_would_do_nothing_is_refused(
    desk: Desk, match: dict[str, Any], steps: list[Any]
) -> None:
    status, _ = await desk.ask("POST", "/plans", {"match": match, "steps": steps})
    assert status == 400
