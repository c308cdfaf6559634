"""法律文本: drafts of legal documents, their publication, and the company's details."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import legal
from kernel import clock
from models import AuditEntry, LegalVersion
from tests.face.desk import Desk, hire
from tests.harness.markup import errors_of, fields_of, lines_of, table_of, texts_of, words_of

URL = "/admin/legal/terms"
NEW = "# 谁在卖\n{legal_name}，{ship_within_hours} 小时内发货。"
PUBLISH = {"edition": "1", "what_changed": "写清了发货时间", "_typed": "发布"}


@pytest.fixture(autouse=True)
def first_versions(db: Any) -> None:
    """The texts that come with the shop."""
    legal.keep_first_versions()


def numbers() -> list[int]:
    """The published versions of the terms, newest first."""
    return [each.number for each in legal.document("terms").versions]


@pytest.mark.row("L1")
async def test_a_document_is_drafted_previewed_and_published(desk: Desk) -> None:
    _, page = await desk.get(URL)
    assert "{ship_within_hours} 发货时限（小时）" in [row[0] for row in table_of(page)]
    _, shown = await desk.post(URL, body=NEW, version="0", look="1")
    assert "，48 小时内发货。" in words_of(shown, "section.section")
    assert legal.desk("terms").draft.edition == 0
    assert (await desk.post(URL, body=NEW, version="0"))[1] == URL
    _, page = await desk.get(URL)
    assert "{ship_within_hours}" in lines_of(page, "ins")
    assert numbers() == [1]
    assert (await desk.post(f"{URL}/publish", **PUBLISH))[1] == URL
    assert await desk.said() == "购物须知第 2 版已发布"
    assert numbers() == [2, 1]
    assert [row.action for row in AuditEntry.select()][-2:] == ["legal.draft", "legal.publish"]
    _, log = await desk.get("/admin/audit?kind=legal")
    assert table_of(log)[0][2] == "发布文本"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("发货 {ship_hours}", "没有变量 {ship_hours}，请从右侧的列表中选用"),
        ("好\n{发货", "第 2 行的花括号不是变量"), ("  ", "请填写此项"),
        ("一" * 20_001, "最多 20000 个字"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("look", ["", "1"])
async def test_a_bad_text_is_kept_in_the_form_with_the_reason_beside_it(
    desk: Desk, body: str, told: str, look: str
) -> None:
    status, page = await desk.post(URL, body=body, version="0", look=look)
    assert status == 422
    assert told in errors_of(page)["body"]
    assert fields_of(page, URL)["body"].strip() == body.strip()
    assert LegalVersion.select().where(LegalVersion.number == 0).count() == 0


async def test_of_two_editors_neither_loses_text(desk: Desk) -> None:
    await desk.post(URL, body=NEW, version="0")
    status, page = await desk.post(URL, body="我写的另一段", version="0", _was="{}")
    assert (status, fields_of(page, URL)["body"]) == (422, "我写的另一段")
    assert legal.desk("terms").draft.body == NEW


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"_typed": "发"}, "发布"), ({"edition": "9"}, "草稿刚被别人改过"),
        ({"what_changed": ""}, "请填写此项"), ({"effective_on": "2020-01-01"}, "不能早于今天"),
        ({"effective_on": "明天"}, "请填写正确的日期"),
    ],
)  # fmt: skip
async def test_a_refused_publication_says_why(
    desk: Desk, change: dict[str, str], told: str
) -> None:
    await desk.post(URL, body=NEW, version="0")
    await desk.post(f"{URL}/publish", **(PUBLISH | change))
    assert told in await desk.said()
    assert numbers() == [1]


@pytest.mark.row("A6")
async def test_distribution_rules_are_announced_before_they_take_effect(desk: Desk) -> None:
    url = "/admin/legal/distribution"
    await desk.post(url, body=NEW, version="0")
    await desk.post(f"{url}/publish", **PUBLISH)
    assert "须提前 7 天公示" in await desk.said()
    day = (clock.business_day(clock.now()) + timedelta(days=7)).isoformat()
    await desk.post(f"{url}/publish", **PUBLISH, effective_on=day)
    assert legal.version_in_force("distribution").number == 1
    _, page = await desk.get("/admin/legal")
    assert f"第 2 版 {day} 起" in [row[2] for row in table_of(page)]


async def test_a_draft_is_discarded(desk: Desk) -> None:
    await desk.post(URL, body=NEW, version="0")
    await desk.post(f"{URL}/discard")
    assert (await desk.said(), legal.desk("terms").draft.edition) == ("草稿已放弃", 0)


async def test_a_changed_figure_is_named_beside_the_text_that_has_it(desk: Desk) -> None:
    await desk.post("/admin/settings/service", version="0", ship_within_hours="31",
                    free_return_days="7", send_back_days="7", question_answer_hours="24",
                    complaint_answer_hours="72", application_answer_days="3")  # fmt: skip
    _, page = await desk.get(URL)
    assert "发货时限（小时）在发布后从 48 改成了 31" in lines_of(page, ".notice-warn")


async def test_who_may_only_see_documents_can_t_change_them(desk: Desk) -> None:
    hire("lisa", "finance")
    await desk.post(URL, body=NEW, version="0")
    desk.sign_in("lisa")
    _, page = await desk.get(URL)
    assert not {"保存草稿", "发布草稿"} & set(texts_of(page, "button"))
    for path in (URL, f"{URL}/publish", f"{URL}/discard"):
        assert (await desk.post(path, body="别的", version="1", **PUBLISH))[0] == 403
    assert (legal.desk("terms").draft.body, numbers()) == (NEW, [1])


COMPANY = {
    "version": "0", "legal_name": "山泉坊酒业有限公司", "licence_no": "91510500MA0000000X",
    "food_permit": "JY15105000000001", "icp": "蜀ICP备20230001号",
    "address": "泸州市酒城大道 1 号",
    "complaint_phone": "0830-1234567", "service_hours": "8:30-20:00", "email": "hi@example.com",
    "more_licences": "排污许可 1 号\n\n 道路运输 2 号 ",
}  # fmt: skip


@pytest.mark.row("L1")
async def test_the_company_s_details_are_saved(desk: Desk) -> None:
    _, page = await desk.get("/admin/legal/business")
    assert fields_of(page, "/admin/settings/business")["legal_name"] == "山泉坊酒业有限公司"
    done = await desk.post("/admin/settings/business", **COMPANY)
    assert done == (303, "/admin/legal/business#g-business")
    kept = legal.business_form()
    assert kept.more_licences == ("排污许可 1 号", "道路运输 2 号")
    assert (kept.complaint_phone, kept.email) == ("0830-1234567", "hi@example.com")
    typed = COMPANY | {"version": "1", "food_permit_until": "明年", "complaint_phone": "打给小王"}
    status, page = await desk.post("/admin/settings/business", **typed)
    assert status == 422
    assert "请填写正确的日期" in errors_of(page)["food_permit_until"]
    assert fields_of(page, "/admin/settings/business")["complaint_phone"] == "打给小王"


@pytest.mark.row("L1")
async def test_today_warns_of_a_permit_that_expires(desk: Desk) -> None:
    day = (clock.business_day(clock.now()) + timedelta(days=20)).isoformat()
    await desk.post("/admin/settings/business", **COMPANY, food_permit_until=day)
    _, page = await desk.get("/admin/")
    assert f"食品经营许可证 {day} 到期" in lines_of(page, ".notice")
    clock.set_offset(timedelta(days=21))
    desk.sign_in("boss")
    _, page = await desk.get("/admin/")
    assert "许可过期不得销售" in lines_of(page, ".notice")
