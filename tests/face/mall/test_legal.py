"""Legal documents: their pages, their versions, and the consent to a new version."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution, legal, payouts, settings
from domain.settings import service
from kernel import clock, context
from models import Consent, Distributor, LegalVersion, Member, Order, OrderLog
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.distribution import ID_NUMBER, earn, ready_for_payouts
from tests.factories.members import make_address
from tests.harness.markup import (
    count_of,
    is_nowhere,
    texts_of,
    values_of,
    words_of,
)

NEW = "# 谁在卖\n由<b>{shop_name}</b>销售，{ship_within_hours} 小时内发货。"


def publish(kind: legal.Kind, body: str = NEW, *, asks: bool = True) -> int:
    """Publish a version that is in force now, without the period of announcement."""
    with context.acting("staff:boss"):
        edition = legal.desk(kind).draft.edition
        legal.save_draft(kind, body, edition)
        number = max(legal.desk(kind).versions[0].number + 1, 2)
        LegalVersion.update(
            number=number, state="published", what_changed="写清了发货时间", asks_again=asks,
            facts={}, effective_at=clock.now(), published_at=clock.now(),
            published_by="staff:boss",
        ).where((LegalVersion.kind == kind) & (LegalVersion.number == 0)).execute()  # fmt: skip
    return number


@pytest.fixture(autouse=True)
def first_versions(db: Any) -> None:
    """The first version of each document, as the start of the shop creates it."""
    legal.keep_first_versions()


@pytest.mark.row("L1")
async def test_an_opened_outer_box_can_be_returned_by_the_terms(lin: Shopper) -> None:
    """A broken cap or seal ends the right to return; an opened outer box doesn't."""
    page = await lin.get("/legal/terms")
    assert "为查看商品而拆开外包装，不影响退货。" in texts_of(page.text, "article li")
    assert is_nowhere(page.text, "包装完好")
    assert texts_of(page.text, "article .note") == [
        f"第 1 版 · {clock.business_day(clock.now())} 起生效"
    ]


@pytest.mark.row("L1")
@pytest.mark.parametrize("kind", legal.KINDS)
async def test_every_document_is_open_to_everybody(mall: Any, kind: str) -> None:
    answer = await mall.get(f"/legal/{kind}")
    page = await answer.text()
    assert (answer.status, count_of(page, "h1")) == (200, 1)
    assert "{" not in words_of(page, "article")


async def test_every_version_stays_readable_with_what_changed(lin: Shopper) -> None:
    assert publish("terms", asks=False) == 2
    now = await lin.get("/legal/terms")
    assert words_of(now.text, "article p:not(.note)").startswith("由<b>")
    notes = texts_of(now.text, ".weui-cell__desc")
    assert [note.endswith("写清了发货时间") for note in notes].count(True) == 1
    assert is_nowhere(now.text, "谁可以买")
    before = await lin.get("/legal/terms?v=1")
    assert words_of(before.text, ".notice p").startswith("第 1 版是以往的版本")
    assert "谁可以买" in texts_of(before.text, "article h2")
    changed = await lin.get("/legal/terms/changes?from=1&to=2")
    assert any("小时内发货。" in line for line in texts_of(changed.text, "ins"))
    gone = texts_of(changed.text, "del")
    assert any("· 为查看商品而拆开外包装" in line for line in gone)
    assert not any("**" in line or line.startswith("#") for line in gone)


@pytest.mark.parametrize("query", ["?v=9", "?v=-1", "?v=x", "/changes?from=1&to=9", "?v=９"])
async def test_an_unknown_version_is_not_found(lin: Shopper, query: str) -> None:
    page = await lin.get(f"/legal/terms{query}")
    assert page.status == 404
    assert words_of(page.text, ".result .note").startswith("没有这一版")


@pytest.mark.row("L4")
async def test_an_order_stores_the_version_of_the_terms_that_its_page_showed(lin: Shopper) -> None:
    make_address(lin.member_id or 0)
    sku = make_product(is_liquor=False).sku_id
    fields = (await lin.get(f"/m/checkout?sku={sku}&qty=1")).fields("/m/checkout")
    assert "agree" not in dict(fields)
    assert (await lin.post("/m/checkout", fields)).status == 303
    assert [(row.purpose, row.version) for row in Consent.select()] == [("terms", "1")]
    assert OrderLog.get().facts["terms_version"] == 1


@pytest.mark.row("L4")
async def test_new_terms_are_agreed_to_at_the_next_order(lin: Shopper) -> None:
    make_address(lin.member_id or 0)
    sku = make_product(is_liquor=False).sku_id
    before = (await lin.get(f"/m/checkout?sku={sku}&qty=1")).fields("/m/checkout")
    publish("terms")
    stale = await lin.post("/m/checkout", before, agree="1", note="放门卫")
    assert stale.status == 422
    assert words_of(stale.text, "#e-agree").startswith("内容有更新（第 2 版）")
    assert "写清了发货时间" in texts_of(stale.text, "#order .note")
    fields = stale.fields("/m/checkout")
    assert dict(fields)["note"] == "放门卫"
    assert (await lin.post("/m/checkout", fields)).status == 422
    assert Order.select().count() == 0
    assert (await lin.post("/m/checkout", fields, agree="1")).status == 303
    assert [row.version for row in Consent.select()] == ["2"]
    again = await lin.get(f"/m/checkout?sku={sku}&qty=1")
    assert count_of(again.text, "#order") == 1
    assert count_of(again.text, "[name=agree]") == 0


@pytest.mark.row("L4", "A6")
async def test_new_rules_are_agreed_to_before_the_next_withdrawal(
    lin: Shopper,
) -> None:
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    payouts.save_identity(member_id, "林小雨", ID_NUMBER)
    earn(member_id, 3000)
    ready_for_payouts()
    assert "terms_not_accepted" not in codes(member_id)
    publish("distribution")
    assert "terms_not_accepted" in codes(member_id)
    assert (await lin.get("/m/d/withdraw")).location == "/m/d/settings"
    page = await lin.get("/m/d/settings")
    assert "写清了发货时间" in texts_of(page.text, "form .note")
    refused = await lin.post("/m/d/settings", page.fields("/m/d/settings"), display_name="林掌柜")
    assert refused.status == 422
    assert dict(refused.fields("/m/d/settings"))["display_name"] == "林掌柜"
    assert Distributor.get().terms_version == "1"
    done = await lin.post("/m/d/settings", page.fields("/m/d/settings"), agree="1")
    assert (done.status, Distributor.get().terms_version) == (303, "2")
    assert "terms_not_accepted" not in codes(member_id)


def codes(member_id: int) -> set[str]:
    """The reasons for which a withdrawal would be refused now."""
    return {each.code for each in distribution.withdrawal_preview(member_id, 3000).problems}


async def test_saving_a_name_is_no_consent_to_new_rules(lin: Shopper) -> None:
    """Saving the name once agreed to the version in force, even without a tick."""
    member_id = lin.member_id or 0
    distribution.apply_as_distributor(member_id, "小林推荐", "individual", "1")
    publish("distribution", asks=False)
    fields = (await lin.get("/m/d/settings")).fields("/m/d/settings")
    assert (await lin.post("/m/d/settings", fields, display_name="林掌柜")).status == 303
    row = Distributor.get()
    assert (row.display_name, row.terms_version) == ("林掌柜", "1")


@pytest.mark.row("A6")
async def test_future_rules_are_announced_to_distributors(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", "1")
    publish("distribution")
    later = clock.day_start(clock.business_day(clock.now())).replace(year=2040)
    LegalVersion.update(effective_at=later).where(LegalVersion.number == 2).execute()
    center = await lin.see("/m/d/")
    assert words_of(center.text, ".notice p").startswith("分销规则将于 2040-")
    shown = await lin.get("/legal/distribution")
    assert words_of(shown.text, ".notice p").startswith("第 2 版将于 2040-")
    assert "没有发展人数的奖励" in words_of(shown.text, "article")


@pytest.mark.row("L4")
async def test_after_the_consent_to_a_new_privacy_policy_the_member_goes_on(lin: Shopper) -> None:
    path = "/m/agree/privacy?next=%2Fm%2Fme"
    assert (await lin.get(path)).location == "/m/me"
    publish("privacy")
    page = await lin.get(path)
    assert "写清了发货时间" in texts_of(page.text, "form .note")
    fields = page.fields("/m/agree/privacy")
    refused = await lin.post("/m/agree/privacy", fields)
    assert (refused.status, Consent.select().count()) == (422, 0)
    done = await lin.post("/m/agree/privacy", fields, agree="1")
    assert (done.status, done.location) == (303, "/m/me")
    assert [(row.purpose, row.version) for row in Consent.select()] == [("privacy", "2")]
    out = await lin.post("/m/agree/privacy", fields, agree="1", next="https://evil.example/")
    assert out.location == "/m/"


@pytest.mark.row("L1")
async def test_the_footer_of_every_page_has_the_company_of_the_settings(lin: Shopper) -> None:
    values = {
        "legal_name": "新名酒业", "food_permit": "JY1", "food_permit_until": "2040-01-02",
        "complaint_phone": "0830-7654321", "address": "酒城大道 1 号",
        "police_no": "川公网安备 9 号",
    }  # fmt: skip
    with context.acting("staff:boss"):
        settings.change(legal.Business, values)
    settings.forget_cache()
    for path in ("/m/", "/m/cart", "/legal/terms", "/m/orders", "/m/nowhere"):
        (foot,) = texts_of((await lin.get(path)).text, "footer")
        for said in (
            "新名酒业",
            "食品经营许可证 JY1",
            "0830-7654321",
            "酒城大道 1 号",
            "川公网安备",
        ):
            assert said in foot, (path, said)
    for path in ("/m/me/profile", "/m/addresses/new", "/m/complaint"):  # a form stays in view
        page = (await lin.get(path)).text
        (foot,) = texts_of(page, "footer")
        assert "未满 18 周岁禁止购酒" in foot
        assert "新名酒业" not in foot
        assert "/legal/licences" in values_of(page, "footer a", "href")
    licences = texts_of((await lin.get("/legal/licences")).text, "article li")
    assert "食品经营许可证 JY1，有效期至 2040-01-02" in licences


async def test_the_footer_reads_each_group_of_settings_once(
    lin: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_FRESH_SECONDS", 60)
    settings.forget_cache()
    read: list[str] = []
    fresh = service.fresh
    monkeypatch.setattr(service, "fresh", lambda group: (read.append(group.KEY), fresh(group))[1])
    for _ in range(5):
        await lin.get("/legal/licences")
    assert sorted(set(read)) == sorted(read)
    assert "business" in read


@pytest.mark.row("L4")
async def test_each_purpose_is_switched_by_itself(lin: Shopper, wang: Shopper) -> None:
    page = await lin.get("/m/me/privacy")
    assert texts_of(page.text, "section.card h2")[:3] == [
        "接收优惠与活动消息", "使用我的昵称与头像", "个性化推荐",
    ]  # fmt: skip
    for purpose, answer in (("marketing", "yes"), ("no_profiling", "no"), ("profile", "no")):
        done = await lin.post("/m/me/consents", purpose=purpose, answer=answer)
        assert (done.status, done.location) == (303, "/m/me/privacy")
    row, other = Member.get_by_id(lin.member_id), Member.get_by_id(wang.member_id)
    assert (row.push_agreed_at is None, row.nickname) == (False, None)
    assert (other.push_agreed_at, other.nickname) == (None, "小王")
    page = await lin.get("/m/me/privacy")
    today = f"（{clock.business_day(clock.now())}，隐私政策第 1 版）"
    shown = "".join(texts_of(page.text, ".row .note"))
    assert (f"已开启{today}" in shown, shown.count(f"已关闭{today}")) == (True, 2)


@pytest.mark.parametrize(
    "fields", [{"purpose": "location", "answer": "yes"}, {"purpose": "marketing"}, {}]
)
async def test_an_unknown_purpose_is_refused(lin: Shopper, fields: dict[str, str]) -> None:
    before = legal.purposes_of(lin.member_id or 0)
    assert (await lin.post("/m/me/consents", **fields)).status == 422
    assert legal.purposes_of(lin.member_id or 0) == before
