"""Terms of transfers: our start refuses what WeChat would refuse, for each scene."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession

from app.wiring import payout_terms
from gateways.wechatpay import WeChatPay
from gateways.wechatpay.client import PayClient
from kernel.config import ConfigError, parse
from kernel.errors import Refused
from kernel.transfer_scenes import CONTENT_MOST, REMARK_MOST, SCENES, transfer_faults
from simulator.keys import DemoKeys
from tests.contract.conftest import pay_config
from tests.contract.paying import TRANSFER
from tests.contract.sim_shop import Desk
from tests.contract.test_simulator_plans import TRANSFERS, payout
from tests.unit.test_kernel_config import ENV, GOOD

REPORT = {"岗位类型": "推广人员", "报酬说明": "商品推广佣金"}
Terms = dict[str, Any]
WRONG: dict[str, Terms] = {
    "perception of another scene": {"perception": "活动奖励"},
    "perception by its scene's name": {"perception": "佣金报酬"},
    "perception with a blank": {"perception": "劳务报酬 "},
    "no report": {"report": {}},
    "a label missing": {"report": {"岗位类型": "推广人员"}},
    "a label too many": {"report": REPORT | {"奖励说明": "多一项"}},
    "a label misspelt": {"report": {"岗位": "推广人员", "报酬说明": "佣金"}},
    "labels of another scene": {"report": {"活动名称": "拉新", "奖励说明": "佣金"}},
    "an empty content": {"report": REPORT | {"报酬说明": ""}},
    "a long content": {"report": REPORT | {"报酬说明": "佣" * (CONTENT_MOST + 1)}},
    "no remark": {"remark": ""},
    "a long remark": {"remark": "佣" * (REMARK_MOST + 1)},
}


def terms(**changes: Any) -> Terms:
    return {"scene_id": "1005", "remark": "推广佣金", "report": REPORT, "perception": ""} | changes


async def asked(desk: Desk, number: str, chosen: Terms, fen: int = 1000) -> tuple[int, Any]:
    """The same terms in a call to WeChat."""
    body = payout(desk, number, fen) | {
        "transfer_scene_id": chosen["scene_id"],
        "transfer_remark": chosen["remark"],
        "transfer_scene_report_infos": [
            {"info_type": label, "info_content": text} for label, text in chosen["report"].items()
        ],
    }
    if chosen["perception"]:
        body["user_recv_perception"] = chosen["perception"]
    return await desk.v3("POST", TRANSFERS, body)


@pytest.mark.parametrize("scene_id", SCENES)
async def test_every_listed_scene_is_accepted_with_each_of_its_texts(
    desk: Desk, scene_id: str
) -> None:
    scene = SCENES[scene_id]
    report = dict.fromkeys(scene.labels, "文" * CONTENT_MOST)
    for number, perception in enumerate(("", *scene.perceptions)):
        chosen = terms(scene_id=scene_id, report=report, perception=perception)
        assert transfer_faults(**chosen) == []
        status, answer = await asked(desk, f"S{number}", chosen)
        assert status == 200, answer


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_term_is_found_by_our_check_and_refused_by_wechat(
    desk: Desk, name: str
) -> None:
    chosen = terms(**WRONG[name])
    assert [each.key for each in transfer_faults(**chosen)]
    status, answer = await asked(desk, "W1", chosen)
    assert (status, answer["code"] in ("PARAM_ERROR", "INVALID_REQUEST")) == (400, True)
    assert desk.sim.world.transfers == {}


@pytest.mark.parametrize(
    ("fen", "scene_id", "status"),
    [(9, "1005", 400), (10, "1005", 200), (20_000, "1000", 200), (20_001, "1000", 400)],
)
async def test_the_limits_of_amounts_depend_on_the_scene(
    desk: Desk, fen: int, scene_id: str, status: int
) -> None:
    labels = SCENES[scene_id].labels
    chosen = terms(scene_id=scene_id, report=dict.fromkeys(labels, "说明"))
    found, answer = await asked(desk, "A1", chosen, fen)
    assert found == status
    if status == 400:
        assert answer["code"] == "INVALID_REQUEST"


def test_our_check_refuses_invisible_characters() -> None:
    for text in ("佣\n金", "佣\u202e金", " 佣金", "佣\u0000金"):
        assert transfer_faults(**terms(remark=text))
        assert transfer_faults(**terms(report=REPORT | {"报酬说明": text}))


def test_only_lengths_are_checked_for_a_scene_that_is_not_listed() -> None:
    assert transfer_faults(**terms(scene_id="1099", report={"某项": "文"}, perception="文")) == []
    assert transfer_faults(**terms(scene_id="1099", report={"某" * 16: "文"}))


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ('  transfer_perception: "现金奖励"', "劳务报酬"),
        ('  transfer_scene_id: "1000"', "活动名称"),
        ('  transfer_scene_id: "佣金"', "transfer_scene_id"),
        ("  transfer_remark: " + "佣" * 33, "transfer_remark"),
        ("  transfer_report: {岗位类型: 推广人员}", "报酬说明"),
    ],
)
def test_a_wrong_term_stops_the_start_with_the_allowed_values(lines: str, word: str) -> None:
    text = GOOD.replace("keys/public.pem", '"-----BEGIN PUBLIC KEY-----"')
    parse(text, "config.yaml", ENV)
    with pytest.raises(ConfigError) as caught:
        parse(text.replace("pay:\n", f"pay:\n{lines}\n"), "config.yaml", ENV)
    assert word in str(caught.value)
    assert "config.yaml:" in str(caught.value)


def test_payouts_use_the_configured_terms(keys: DemoKeys) -> None:
    report = {"岗位类型": "团长", "报酬说明": "拼团推广"}
    pay = {"transfer_remark": "团长佣金", "transfer_report": report}
    pay |= {"transfer_perception": "劳务报酬"}
    configured = pay_config("http://127.0.0.1", keys, **pay)
    config = SimpleNamespace(pay=configured, public_url="https://shop.example")
    made = payout_terms(SimpleNamespace(config=config))  # type: ignore[arg-type]
    assert (made.remark, dict(made.report_infos)) == ("团长佣金", report)
    assert made.scene_id == "1005"
    assert made.perception == "劳务报酬"


async def test_a_transfer_sends_the_configured_perception(
    desk: Desk, session: ClientSession
) -> None:
    config = pay_config(desk.base, desk.keys, transfer_perception="报销款")
    openid = desk.sim.world.phones["lin"].openid
    cases = ((None, "报销款"), ("", None), ("企业补贴", "企业补贴"))
    for number, (asked, words) in enumerate(cases):
        request = replace(
            TRANSFER, out_bill_no=f"WD{number}", openid=openid, user_recv_perception=asked
        )
        await WeChatPay(config, session).transfer(request)
        sent = desk.sim.world.transfers[request.out_bill_no].request
        assert sent.get("user_recv_perception") == words


@pytest.mark.parametrize("is_granted", [False, True])
async def test_a_repeated_request_is_unchanged_by_a_new_configuration(
    desk: Desk, session: ClientSession, is_granted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeChat refuses a known number with another body, or pays twice."""
    bodies: list[tuple[str, str]] = []
    send = PayClient.call

    async def heard(self: PayClient, method: str, path: str, **call: Any) -> Any:
        if call.get("json"):
            bodies.append((path, json.dumps(call["json"], ensure_ascii=False)))
        return await send(self, method, path, **call)

    monkeypatch.setattr(PayClient, "call", heard)
    openid = desk.sim.world.phones["lin"].openid
    request = replace(
        TRANSFER, openid=openid, user_recv_perception="劳务报酬", authorization_id="A1"
    )
    for perception in ("", "报销款"):
        pay = WeChatPay(pay_config(desk.base, desk.keys, transfer_perception=perception), session)
        with suppress(Refused):  # the simulator does not know this authorisation
            await (pay.transfer_granted if is_granted else pay.transfer)(request)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert '"user_recv_perception": "劳务报酬"' in bodies[0][1]
