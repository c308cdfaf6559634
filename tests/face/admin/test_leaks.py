"""信息泄露 and 影响评估 at the desk."""

from __future__ import annotations

import pytest

from admin.words import IMPACT_PART, IMPACT_PURPOSE, IMPACT_RECIPIENT
from domain import impact
from models import ImpactReport, Leak, LeakPerson, Member
from tests.face.desk import Desk
from tests.factories.members import make_member
from tests.harness.markup import facts_of, texts_of, words_of

SAID = {
    "what": "收货人姓名和电话", "cause": "旧导出文件外发", "harm": "可能接到诈骗电话",
    "measures": "已收回文件", "advice": "不要向来电转账", "contact": "林经理 0830-1234567",
}  # fmt: skip


@pytest.mark.row("L4")
async def test_a_leak_is_recorded_told_and_closed(desk: Desk) -> None:
    yu = make_member("小雨")
    await desk.post("/admin/leaks/new", **SAID)
    url = f"/admin/leaks/{Leak.get().id}"
    await desk.post(f"{url}/people", who="listed", numbers=Member.get_by_id(yu).public_no)
    assert facts_of((await desk.get(url))[1])["合计"] == "1 人"
    await desk.post(f"{url}/announce", version="1", _typed="告知")
    LeakPerson.update(state="not_reached", fault="no_way").execute()
    shown = (await desk.get(url))[1]
    assert "没有微信允许的发送方式" in words_of(shown, "td small")
    await desk.post(f"{url}/people/{LeakPerson.get().id}", note="电话告知")
    await desk.post(f"{url}/close", proof="已修复", _typed="结案")
    assert Leak.get().state == "open"
    await desk.post(f"{url}/authority", proof="受理编号 1")
    await desk.post(f"{url}/close", proof="已修复", _typed="结案")
    assert Leak.get().state == "closed"
    assert (await desk.get("/admin/leaks?view=closed"))[0] == 200


@pytest.mark.row("L4")
async def test_an_assessment_is_kept_and_sent_as_a_file(desk: Desk) -> None:
    assert "未评估" in texts_of((await desk.get("/admin/impact"))[1], "tbody .badge")
    text = "实名后才能付款给分销商，依法代扣个税"
    await desk.post(
        "/admin/impact/identity", purpose=text, necessity=text, effect=text, measures=text,
        risk="high", review_on="2027-06-01",
    )  # fmt: skip
    assert ImpactReport.get().number == 1
    status, file = await desk.get("/admin/impact/identity/1/file")
    assert status == 200
    assert text in texts_of(file, "p")
    assert "订单" in texts_of(file, "td")
    assert (await desk.get("/admin/impact/nothing"))[0] in (404, 422)


def test_every_part_of_the_registers_has_its_name(db: object) -> None:
    known = impact.registers()
    parts = {each["package"] for each in known["held"]}
    assert parts <= set(IMPACT_PART)
    assert set(known["purposes"]) == set(IMPACT_PURPOSE)
    assert set(known["recipients"]) <= set(IMPACT_RECIPIENT)
