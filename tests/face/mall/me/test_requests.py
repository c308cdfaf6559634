"""我的个人信息: the file, corrections, the deletion; each for its owner alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from domain import legal, members, rights
from domain.legal import purposes
from domain.personal_data import make_file
from gateways.private_files import PrivateFiles
from kernel.web.templates import Renderer
from mall_h5.me.data_page import OwnDataPages
from models import RightsRequest
from tests.face.shoppers import Shopper, signed_in
from tests.factories.distribution import make_customer, make_distributor, make_rule, sell
from tests.factories.members import make_address, make_member
from tests.factories.orders import placed_order
from tests.harness.markup import count_of, is_nowhere, texts_of, words_of

PAGE = "/m/me/requests"
pytestmark = pytest.mark.row("L4")


@pytest.fixture
def yu(mall: Any) -> Shopper:
    """A member in WeChat."""
    return signed_in(mall, make_member("林小雨"))


@pytest.fixture
def pages(test_config: Any) -> OwnDataPages:
    """Draws the page of a file."""
    return OwnDataPages(Renderer(test_config))


async def _ask(who: Shopper, **fields: str) -> Any:
    page = await who.get(PAGE)
    return await who.post(PAGE, page.fields(PAGE), **fields)


async def test_a_correction_gets_a_number_a_day_and_an_answer(yu: Shopper) -> None:
    done = await _ask(yu, kind="correction", text="我的实名写错了，应为林小宇")
    assert done.status == 303
    page = await yu.get(done.location)
    (row,) = RightsRequest.select()
    assert row.request_no in words_of(page.text)
    assert texts_of(page.text, ".said") == ["我的实名写错了，应为林小宇"]
    rights.answer_request(row.request_no, "refused", "请先提交证明。", "staff:lisa")
    page = await yu.get(done.location)
    assert texts_of(page.text, ".said") == ["我的实名写错了，应为林小宇", "请先提交证明。"]


async def test_an_empty_request_keeps_its_kind_and_says_what_is_missing(yu: Shopper) -> None:
    refused = await _ask(yu, kind="objection", text=" ")
    assert refused.status == 422
    assert count_of(refused.text, ".errors li") == 1
    assert count_of(refused.text, "input[value=objection][checked]") == 1
    assert RightsRequest.select().count() == 0
    assert (await _ask(yu, kind="deletion", text="删掉")).status == 422


async def test_a_second_open_request_of_a_kind_is_refused_and_nothing_typed_is_lost(
    yu: Shopper,
) -> None:
    await _ask(yu, kind="correction", text="第一处")
    again = await _ask(yu, kind="correction", text="第二处")
    assert again.status == 422
    assert texts_of(again.text, "#f-text") == ["第二处"]
    assert RightsRequest.select().count() == 1


async def test_the_file_is_made_shown_and_downloaded_by_its_owner_alone(
    yu: Shopper, mall: Any, store: Any, tmp_path: Path, pages: OwnDataPages
) -> None:
    make_address(yu.member_id or 0, name="林小雨")
    asked = await yu.post(f"{PAGE}/file", (await yu.get(PAGE)).fields(f"{PAGE}/file"))
    no = RightsRequest.get().request_no
    assert asked.location == f"{PAGE}/{no}"
    assert "正在生成" in words_of((await yu.get(asked.location)).text)
    assert (await yu.get(f"{PAGE}/{no}/data")).status == 404
    files = PrivateFiles(tmp_path / "exports")
    assert await make_file(store, files, pages, no)
    page = await yu.get(f"{PAGE}/{no}/data")
    assert texts_of(page.text, "#addresses dd")[:3] == [
        "林小雨", "13800138000", "四川省成都市锦江区 春熙路1号",
    ]  # fmt: skip
    raw = await yu.get(f"{PAGE}/{no}/file")
    assert raw.status == 200
    other = signed_in(mall, make_member("阿慧"))
    for path in ("", "/data", "/file"):
        assert (await other.get(f"{PAGE}/{no}{path}")).status == 404
    whole = files.path(rights.file_of(no, yu.member_id or 0))
    assert whole is not None
    with zipfile.ZipFile(io.BytesIO(whole.read_bytes())) as made:
        assert sorted(made.namelist()) == ["data.json", "index.html", "style.css"]
        assert "林小雨" in texts_of(made.read("index.html").decode(), "#profile dd")


async def test_a_deletion_needs_the_box_and_can_be_taken_back(yu: Shopper) -> None:
    page = await yu.get("/m/me/delete")
    fields = page.fields("/m/me/delete")
    refused = await yu.post("/m/me/delete", fields)
    assert refused.status == 422
    assert count_of(refused.text, "#e-understood") == 1
    done = await yu.post("/m/me/delete", fields, understood="1")
    assert done.status == 303
    waiting = await yu.get("/m/me/delete")
    (row,) = RightsRequest.select()
    back = f"{PAGE}/{row.request_no}/take-back"
    assert count_of((await yu.get("/m/me")).text, ".notice-warn") == 1
    await yu.post(back, waiting.fields(back))
    assert RightsRequest.get().state == "withdrawn"
    assert count_of((await yu.get("/m/me")).text, ".notice-warn") == 0


async def test_what_stands_against_a_deletion_is_named_with_the_way_to_it(yu: Shopper) -> None:
    placed_order(yu.member_id)
    page = await yu.get("/m/me/delete")
    assert count_of(page.text, "a[href='/m/orders']") == 1
    assert count_of(page.text, "button[disabled]") == 1
    stopped = await yu.post("/m/me/delete", page.fields("/m/me/delete"), understood="1")
    assert stopped.status == 422
    assert RightsRequest.select().count() == 0


async def test_commission_is_given_up_by_an_own_box_that_is_not_ticked(mall: Any) -> None:
    make_rule(1000)
    hui = signed_in(mall, make_distributor("阿慧"))
    sell(make_customer(hui.member_id or 0))
    page = await hui.get("/m/me/delete")
    assert count_of(page.text, "#f-gives_up") == 1
    assert count_of(page.text, "#f-gives_up[checked]") == 0
    fields = page.fields("/m/me/delete")
    kept = await hui.post("/m/me/delete", fields, understood="1")
    assert kept.status == 422
    assert count_of(kept.text, "#f-understood[checked]") == 1
    assert (await hui.post("/m/me/delete", fields, understood="1", gives_up="1")).status == 303
    assert RightsRequest.get().gives_up


async def test_purposes_and_the_upline_stand_on_one_page(yu: Shopper) -> None:
    old = await yu.get("/m/me/consents")
    assert (old.status, old.location) == (301, "/m/me/privacy")
    page = await yu.get("/m/me/privacy")
    shown = texts_of(page.text, "section.card h2")
    assert shown == [
        "接收优惠与活动消息", "使用我的昵称与头像", "个性化推荐", "推荐人能看到我",
    ]  # fmt: skip


async def test_a_purpose_on_demand_is_shown_once_something_asks_for_it(
    yu: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await yu.post("/m/me/consents", purpose="location", answer="yes")
    assert refused.status == 422
    monkeypatch.setattr(purposes, "_ASKED", set())
    purposes.ask_for("location")
    page = await yu.get("/m/me/privacy")
    assert "使用我的位置" in texts_of(page.text, "section.card h2")
    assert (await yu.post("/m/me/consents", purpose="location", answer="yes")).status == 303
    found = {each.name: each for each in legal.purposes_of(yu.member_id or 0)}
    assert found["location"].is_on
    monkeypatch.setattr(purposes, "_ASKED", set())  # nothing asks any more: still withdrawable
    await yu.post("/m/me/consents", purpose="location", answer="no")
    found = {each.name: each for each in legal.purposes_of(yu.member_id or 0)}
    assert not found["location"].is_on
    assert found["location"].since is not None
    (row,) = members.consent_rows(yu.member_id or 0, "location")
    assert row.version == purposes.TEXT_VERSION


async def test_nothing_of_a_request_is_on_anothers_pages(yu: Shopper, mall: Any) -> None:
    await _ask(yu, kind="objection", text="不要分析我买了什么")
    other = signed_in(mall, make_member("阿慧"))
    assert is_nowhere((await other.get(PAGE)).text, "不要分析我")
