"""What others read is judged where it is typed; who has the right lets a text pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import catalog, public_texts
from kernel import clock
from kernel.clock import SHANGHAI
from models import (
    AuditEntry,
    Category,
    ClaimEvidence,
    Distributor,
    Grade,
    OfferRow,
    Product,
    PushCampaign,
    Setting,
    Sku,
    TextRuling,
)
from tests.face.desk import Desk, hire
from tests.factories.catalog import make_category, make_product
from tests.factories.members import make_member

pytestmark = pytest.mark.row("L3")
BAD = "国家级佳酿"
WHY = "“国家级”：绝对化用语，广告法不允许"
PRODUCT = {
    "title": "桂花露酒", "subtitle": "微甜", "strength": "18%vol", "tags": "送礼",
    "description": "桂花", "usage": "", "is_liquor": "1", "position": "3", "price": "128.5",
    "stock": "40", "spec_text": "375ml", "low_stock": "5",
}  # fmt: skip


def until() -> str:
    """In three days, as the browser's field sends it."""
    return (clock.now() + timedelta(days=3)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    "field", ["title", "subtitle", "description", "usage", "tags", "spec_text"]
)
async def test_a_product_s_text_says_its_word_and_keeps_what_was_typed(
    desk: Desk, field: str
) -> None:
    shelf = make_category("露酒")
    values = PRODUCT | {field: BAD, "category_id": str(shelf)}
    status, page = await desk.post("/admin/products/new", **values)
    assert status == 422
    assert WHY in page
    assert BAD in page.replace(WHY, "")
    assert Product.select().count() == 0
    assert TextRuling.get().field == field


async def test_every_wrong_field_is_told_at_once(desk: Desk) -> None:
    values = PRODUCT | {"title": BAD, "subtitle": "喝了包治百病", "category_id": "1"}
    _, page = await desk.post("/admin/products/new", **values)
    assert WHY in page
    assert "“喝了包治百病”：" in page


async def test_a_form_that_changes_something_changes_nothing(desk: Desk) -> None:
    made = make_product("山泉坊·陈酿")
    sheet = catalog.product_detail_for_merchant(made.product_id)
    url = f"/admin/products/{made.product_id}"
    values = PRODUCT | {"category_id": str(sheet.form.category_id), "version": str(sheet.version)}
    status, page = await desk.post(url, **values | {"title": "特供陈酿"})
    assert (status, "“特供”：" in page) == (422, True)
    assert Product.get().title == "山泉坊·陈酿"
    path = f"{url}/skus/{made.sku_id}"
    await desk.post(path, price="298", spec_text="顶级装", stock="1")
    assert "“顶级”：" in await desk.said()
    assert Sku.get_by_id(made.sku_id).spec_text != "顶级装"


async def test_steps_and_plain_forms_are_judged_too(desk: Desk) -> None:
    made = make_product("山泉坊·陈酿")
    member = make_member("阿慧")
    offer = {
        "kind": "limited_price", "p": str(made.product_id), "title": BAD, "label": "限时价",
        "ends_at": until(), "way": "price", f"price-{made.sku_id}": "268",
    }  # fmt: skip
    menu = {"b0": "选购", "b0i0": BAD, "b0i0k": "page", "b0i0v": "/m/", "version": "0"}
    campaign = {"title": "上新", "carrier": "service", "text": BAD, "audience": "all"}
    categories = Category.select().count()
    for path, values in (
        ("/admin/categories", {"name": BAD, "position": "1"}),
        ("/admin/offers/new", offer),
        ("/admin/push/new", campaign | {"do": "save"}),
        ("/admin/chat", {"rows": "0", "welcome": BAD, "version": "0"}),
        ("/admin/chat", {"rows": "1", "w0": "酒", "a0": BAD, "version": "0"}),
        ("/admin/menu", menu),
        ("/admin/grades", {"name": BAD, "position": "1"}),
        ("/admin/distributors/appoint",
         {"member_id": str(member), "display_name": BAD, "payee_type": "individual"}),
    ):  # fmt: skip
        status, page = await desk.post(path, **values)
        said = page if status == 422 else await desk.said()
        assert WHY in said, path
    assert Category.select().count() == categories
    assert [t.select().count() for t in (OfferRow, PushCampaign, Setting, Grade, Distributor)] == [
        0, 0, 0, 0, 0,
    ]  # fmt: skip


async def test_who_has_the_right_lets_a_text_pass_with_a_reason(desk: Desk) -> None:
    values = PRODUCT | {"title": "国酒坊陈酿", "category_id": str(make_category("露酒"))}
    assert (await desk.post("/admin/products/new", **values))[0] == 422
    _, listed = await desk.get("/admin/texts")
    assert "国酒坊陈酿" in listed
    ruling = TextRuling.get().id
    _, sheet = await desk.get(f"/admin/texts/{ruling}")
    assert "放行这段文字" in sheet
    await desk.post(f"/admin/texts/{ruling}/pass", reason="")
    assert TextRuling.get().state == "refused"
    await desk.post(f"/admin/texts/{ruling}/pass", reason="注册商标第 123 号")
    assert "已放行" in await desk.said()
    assert (await desk.post("/admin/products/new", **values))[0] == 303
    assert Product.get().title == "国酒坊陈酿"
    _, log = await desk.get("/admin/audit")
    assert "放行文字" in log
    entry = AuditEntry.get(AuditEntry.action == "text.passed")
    assert (entry.actor, entry.after["reason"]) == ("staff:boss", "注册商标第 123 号")
    changed = values | {"title": "国酒坊陈酿，世界级"}
    assert (await desk.post("/admin/products/new", **changed))[0] == 422


async def test_an_operator_sees_the_list_and_may_not_decide(desk: Desk) -> None:
    await desk.post("/admin/categories", name=BAD, position="1")
    ruling = TextRuling.get().id
    hire("lisa", "operator")
    desk.sign_in("lisa")
    status, sheet = await desk.get(f"/admin/texts/{ruling}")
    assert (status, "放行这段文字" in sheet) == (200, False)
    assert (await desk.post(f"/admin/texts/{ruling}/pass", reason="有依据"))[0] == 403
    evidence = {"claim": "award", "title": "证书", "covers": "金奖"}
    assert (await desk.post("/admin/evidence", **evidence))[0] == 403
    assert (TextRuling.get().state, ClaimEvidence.select().count()) == ("refused", 0)


async def test_a_claim_passes_once_its_evidence_is_on_file(desk: Desk) -> None:
    shelf = str(make_category("露酒"))
    values = PRODUCT | {"subtitle": "陶坛贮存五年", "category_id": shelf}
    status, page = await desk.post("/admin/products/new", **values)
    assert (status, "证明材料" in page) == (422, True)
    await desk.post("/admin/evidence", claim="age", title="入库单", covers="贮存五年",
                    valid_until="昨天")  # fmt: skip
    assert ClaimEvidence.select().count() == 0
    await desk.post("/admin/evidence", claim="age", title="入库单", number="RK-1",
                    covers="贮存五年，静置五年")  # fmt: skip
    _, listed = await desk.get("/admin/evidence")
    assert "贮存五年、静置五年" in listed
    assert (await desk.post("/admin/products/new", **values))[0] == 303
    evidence = ClaimEvidence.get().id
    await desk.post(f"/admin/evidence/{evidence}/withdraw", _typed="停用")
    assert [each.is_live for each in public_texts.list_evidence()] == [False]


async def test_a_price_of_nothing_is_asked_for_twice(desk: Desk) -> None:
    values: dict[str, Any] = PRODUCT | {"price": "0", "category_id": str(make_category("露酒"))}
    status, page = await desk.post("/admin/products/new", **values)
    assert (status, Product.select().count()) == (200, 0)
    assert "¥0.00" in page
    assert "不用付款" in page
    assert (await desk.post_seen("/admin/products/new", **values))[0] == 303
    assert Sku.get().price_fen == 0
