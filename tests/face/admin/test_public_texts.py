"""广告审查: texts for the public are checked when they are saved; some may be passed."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from domain import catalog, public_texts
from domain.public_texts import EvidenceForm
from kernel import clock
from kernel.clock import SHANGHAI
from kernel.web.browsers import Browser
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
from tests.harness.markup import (
    count_of,
    errors_of,
    fields_of,
    lines_of,
    table_of,
    texts_of,
    values_of,
    words_of,
)

pytestmark = pytest.mark.row("L3")
BAD = "国家级佳酿"
WHY = "“国家级”：绝对化用语，广告法不允许"
PRODUCT = {
    "title": "桂花露酒", "subtitle": "微甜", "strength": "18%vol", "tags": "送礼",
    "description": "桂花", "usage": "", "is_liquor": "1", "position": "3", "price": "128.5",
    "stock": "40", "spec_text": "375ml", "low_stock": "5",
}  # fmt: skip


def until() -> str:
    """A time in three days, as the browser's field sends it."""
    return (clock.now() + timedelta(days=3)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    "field", ["title", "subtitle", "description", "usage", "tags", "spec_text"]
)
async def test_a_product_s_text_is_refused_with_the_word_beside_its_field(
    desk: Desk, field: str
) -> None:
    shelf = make_category("露酒")
    values = PRODUCT | {field: BAD, "category_id": str(shelf)}
    status, page = await desk.post("/admin/products/new", **values)
    assert status == 422
    assert WHY in errors_of(page)[field]
    assert fields_of(page, "/admin/products/new")[field] == BAD
    assert Product.select().count() == 0
    assert TextRuling.get().field == field


async def test_all_refused_fields_are_named_at_once(desk: Desk) -> None:
    values = PRODUCT | {"title": BAD, "subtitle": "喝了包治百病", "category_id": "1"}
    _, page = await desk.post("/admin/products/new", **values)
    errors = errors_of(page)
    assert WHY in errors["title"]
    assert "“喝了包治百病”：" in errors["subtitle"]


async def test_a_refused_text_does_not_change_a_product(desk: Desk) -> None:
    made = make_product("山泉坊·陈酿")
    sheet = catalog.product_detail_for_merchant(made.product_id)
    url = f"/admin/products/{made.product_id}"
    values = PRODUCT | {"category_id": str(sheet.form.category_id), "version": str(sheet.version)}
    status, page = await desk.post(url, **values | {"title": "特供陈酿"})
    assert status == 422
    assert "“特供”：" in errors_of(page)["title"]
    assert Product.get().title == "山泉坊·陈酿"
    path = f"{url}/skus/{made.sku_id}"
    await desk.post(path, price="298", spec_text="顶级装", stock="1")
    assert "“顶级”：" in await desk.said()
    assert Sku.get_by_id(made.sku_id).spec_text != "顶级装"


async def test_the_texts_of_other_forms_are_checked_too(desk: Desk) -> None:
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
        told = lines_of(page, ".errors li, .notice-bad") if status == 422 else await desk.said()
        assert WHY in told, path
    assert Category.select().count() == categories
    assert [t.select().count() for t in (OfferRow, PushCampaign, Setting, Grade, Distributor)] == [
        0, 0, 0, 0, 0,
    ]  # fmt: skip


async def test_a_text_is_passed_with_a_reason(desk: Desk) -> None:
    values = PRODUCT | {"title": "国酒坊陈酿", "category_id": str(make_category("露酒"))}
    assert (await desk.post("/admin/products/new", **values))[0] == 422
    _, listed = await desk.get("/admin/texts")
    assert "国酒坊陈酿" in lines_of(listed, "tbody td")
    ruling = TextRuling.get().id
    _, sheet = await desk.get(f"/admin/texts/{ruling}")
    assert "放行这段文字" in texts_of(sheet, "button")
    await desk.post(f"/admin/texts/{ruling}/pass", reason="")
    assert TextRuling.get().state == "refused"
    await desk.post(f"/admin/texts/{ruling}/pass", reason="注册商标第 123 号")
    assert "已放行" in await desk.said()
    assert (await desk.post("/admin/products/new", **values))[0] == 303
    assert Product.get().title == "国酒坊陈酿"
    _, log = await desk.get("/admin/audit")
    assert "放行文字" in [row[2] for row in table_of(log)]
    entry = AuditEntry.get(AuditEntry.action == "text.passed")
    assert (entry.actor, entry.after["reason"]) == ("staff:boss", "注册商标第 123 号")
    changed = values | {"title": "国酒坊陈酿，世界级"}
    assert (await desk.post("/admin/products/new", **changed))[0] == 422


async def test_an_operator_sees_a_refused_text_and_can_t_pass_it(desk: Desk) -> None:
    await desk.post("/admin/categories", name=BAD, position="1")
    ruling = TextRuling.get().id
    hire("lisa", "operator")
    desk.sign_in("lisa")
    status, sheet = await desk.get(f"/admin/texts/{ruling}")
    assert (status, "放行这段文字" in words_of(sheet)) == (200, False)
    assert (await desk.post(f"/admin/texts/{ruling}/pass", reason="有依据"))[0] == 403
    evidence = {"claim": "award", "title": "证书", "covers": "金奖"}
    assert (await desk.post("/admin/evidence", **evidence))[0] == 403
    assert (TextRuling.get().state, ClaimEvidence.select().count()) == ("refused", 0)


def _pdf(end: bytes = b"%%EOF\n") -> bytes:
    return b"%PDF-1.4\n1 0 obj<<>>endobj\n" + end


def value_of_field(page: str, name: str) -> str:
    """The value of a hidden field."""
    return values_of(page, f"input[name='{name}']", "value")[0]


async def _send(desk: Desk, values: dict[str, str], file: bytes = b"") -> tuple[int, str]:
    """Send the form of evidence as a browser does."""
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie), "_idem": "e" * 20} | values)
    form.add_field("file_file", io.BytesIO(file), filename="a" if file else "")
    answer = await desk.client.post(
        "/admin/evidence", data=form, headers=desk._headers(), allow_redirects=False
    )
    return answer.status, await answer.text()


EVIDENCE = {"claim": "award", "title": "证书", "number": "1", "covers": "金奖"}


@pytest.mark.row("L3")
async def test_the_document_itself_is_on_file_and_for_staff_only(desk: Desk) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    for file, stored, kind in ((picture.getvalue(), ".jpg", "image/jpeg"),
                               (_pdf(), ".pdf", "application/pdf")):  # fmt: skip
        ClaimEvidence.delete().execute()
        assert (await _send(desk, EVIDENCE | {"_idem": f"k{stored[1:]}" * 6}, file))[0] == 303
        row = ClaimEvidence.get()
        assert row.file.endswith(stored)
        url = f"/admin/evidence/{row.id}/file"
        shown = await desk.client.get(url, headers=desk._headers())
        assert (shown.status, shown.content_type) == (200, kind)
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    hire("zhang", "service")
    desk.sign_in("zhang")
    assert (await desk.get(url))[0] == 403


@pytest.mark.row("L3")
async def test_evidence_needs_a_whole_document(desk: Desk) -> None:
    for file in (b"", b"not a picture", _pdf(b"cut off")):
        status, page = await _send(desk, EVIDENCE, file)
        assert (status, set(errors_of(page))) == (422, {"file"})
    assert ClaimEvidence.select().count() == 0


@pytest.mark.row("L3")
async def test_texts_whose_evidence_ends_are_listed(desk: Desk) -> None:
    today = clock.business_day(clock.now())
    form = EvidenceForm("award", "证书", "1", ("金奖",), today + timedelta(days=20))
    public_texts.add_evidence(form, "staff:boss")
    wine = make_product("金奖陈酿")
    make_product("陈酿")
    listed = (await desk.get("/admin/evidence"))[1]
    assert values_of(listed, "td[data-label='位置'] a", "href") == [
        f"/admin/products/{wine.product_id}"
    ]
    assert "证明材料最早" in words_of((await desk.get("/admin/"))[1])
    clock.set_offset(timedelta(days=21))
    desk.sign_in("boss")
    listed = (await desk.get("/admin/evidence"))[1]
    assert texts_of(listed, "td[data-label='材料'] .badge")[0] == "已失效"
    assert "已到期或停用" in words_of((await desk.get("/admin/"))[1])
    public_texts.add_evidence(EvidenceForm("award", "新证书", "2", ("金奖",)), "staff:boss")
    assert count_of((await desk.get("/admin/evidence"))[1], "td[data-label='位置']") == 0


async def test_a_claim_is_accepted_after_its_evidence_is_added(desk: Desk) -> None:
    shelf = str(make_category("露酒"))
    values = PRODUCT | {"subtitle": "陶坛贮存五年", "category_id": shelf}
    status, page = await desk.post("/admin/products/new", **values)
    assert status == 422
    assert "证明材料" in errors_of(page)["subtitle"]
    filled = {"claim": "age", "title": "入库单", "number": "RK-1", "covers": "贮存五年，静置五年"}
    status, page = await _send(desk, filled | {"valid_until": "昨天"}, _pdf())
    assert (status, set(errors_of(page))) == (422, {"valid_until"})
    kept = value_of_field(page, "file")
    assert kept.endswith(".pdf")  # the file stays in the form
    assert ClaimEvidence.select().count() == 0
    await _send(desk, filled | {"file": kept})
    _, listed = await desk.get("/admin/evidence")
    assert "贮存五年、静置五年" in lines_of(listed, "tbody td")
    assert (await desk.post("/admin/products/new", **values))[0] == 303
    evidence = ClaimEvidence.get().id
    await desk.post(f"/admin/evidence/{evidence}/withdraw", _typed="停用")
    assert [each.is_live for each in public_texts.list_evidence()] == [False]


async def test_a_price_of_zero_is_confirmed(desk: Desk) -> None:
    values: dict[str, Any] = PRODUCT | {"price": "0", "category_id": str(make_category("露酒"))}
    status, page = await desk.post("/admin/products/new", **values)
    assert (status, Product.select().count()) == (200, 0)
    assert "¥0.00" in words_of(page, ".second-sum")
    assert "不用付款" in words_of(page, ".second-look .note")
    assert (await desk.post_seen("/admin/products/new", **values))[0] == 303
    assert Sku.get().price_fen == 0
