"""Every form of the menu: an adding form adds once, a stale editing form is refused."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from admin.attachments import WithDocument
from admin.kit.forms import FormSpec
from admin.kit.stale import MOVED
from admin.kit.steps import Ask, Step
from admin.legal.documents import KIND
from admin.menu import PAGES
from admin.people.answers import KEY as ANSWER
from admin.uploads import WithPicture
from domain import catalog, freight, leaks
from domain.catalog import AttributeForm
from domain.freight import RowForm, TemplateForm
from domain.leaks import LeakForm
from domain.staff import StaffSessionInfo
from gateways.pictures.images import ImageStore
from models import (
    Attribute,
    Category,
    ChatAnswer,
    ClaimEvidence,
    CommissionRule,
    FreightTemplate,
    Grade,
    ImpactReport,
    Leak,
    PickupPlace,
    Product,
    PushTemplate,
    RightsRequest,
    Sku,
    StockLot,
)
from tests.face.conftest import OpenFace
from tests.face.desk import Desk, hire, open_desk
from tests.factories.catalog import make_category, make_product
from tests.factories.members import make_member
from tests.factories.pickups import make_place
from tests.harness.markup import fields_of, texts_of, values_of

KEY = "one-key-of-a-form"
PARTS = [
    part.form if isinstance(part, WithPicture | WithDocument) else part
    for page in PAGES
    for part in page.parts
]  # fmt: skip
ADDS: dict[str, tuple[str, type[Any], dict[str, str]]] = {
    "/places": ("/places/new", PickupPlace, {
        "name": "江阳店", "province": "四川省", "city": "泸州市", "district": "江阳区",
        "address": "滨江路 18 号", "phone": "0830-3101234", "hours0": "9:00-21:00",
        "ready_minutes": "60"}),
    "/categories": ("/categories", Category, {"name": "礼盒装", "position": "3"}),
    r"/categories/{id:\d{1,18}}/attributes": ("/categories/1", Attribute, {
        "name": "香型", "kind": "choice", "options": "浓香 酱香", "position": "1"}),
    r"/products/{id:\d{1,18}}/copy": ("/products/1/plan", Product, {"title": "陈酿新装"}),
    "/products/new": ("/products/new", Product, {
        "title": "桂花露酒", "is_liquor": "1", "position": "3", "category_id": "1",
        "price": "128.5", "stock": "40", "spec_text": "375ml", "low_stock": "5"}),
    r"/products/{id:\d{1,18}}/skus": ("/products/1", Sku, {
        "price": "98", "stock": "5", "spec_text": "六瓶装", "code": "B6"}),
    r"/stock/{id:\d{1,18}}/arrivals": ("/stock/1", StockLot, {
        "quantity": "24", "lot_no": "20261101A", "made_on": "2026-11-01"}),
    "/rules": ("/rules", CommissionRule, {
        "scope": "all", "mode": "pool", "pool": "1", "share1": "100"}),
    "/grades": ("/rules", Grade, {"name": "金牌", "position": "1"}),
    "/answers/new": ("/answers/new", ChatAnswer, {
        "title": "有没有班车", "text": "有班车", "sentences": "班车几点"}),
    "/freight": ("/freight/new", FreightTemplate, {
        "name": "大坛", "basis": "weight", "kind": "base", "first_units": "1000",
        "first_fen": "12", "next_units": "500", "next_fen": "3"}),
    r"/members/{id:\d{1,18}}/requests": ("/members/1/requests", RightsRequest, {
        "kind": "correction", "text": "名字写错了", "channel": "phone", "checked": "facts",
        "note": "答对了最近一单"}),
    r"/impact/{subject:[a-z]{3,12}}": ("/impact/identity", ImpactReport, {
        "purpose": "实名后才能付款给分销商，依法代扣个税", "necessity": "没有身份证号不能申报个税",
        "effect": "泄露可能被冒用，影响较大", "risk": "high", "review_on": "2027-06-01",
        "measures": "加密保存，只有财务能看，每次查看都记录"}),
    "/leaks/new": ("/leaks/new", Leak, {
        "what": "收货人姓名和电话", "cause": "旧导出文件外发", "harm": "可能接到诈骗电话",
        "measures": "已收回文件", "advice": "不要向来电转账", "contact": "林经理 0830-1234567"}),
    "/evidence": ("/evidence", ClaimEvidence, {
        "claim": "award", "title": "获奖证书", "number": "QG-1", "covers": "金奖",
        "file": f"{'a' * 32}.pdf"}),
    "/templates": ("/templates", PushTemplate, {
        "template_id": "T" * 20, "title": "活动提醒", "fields": "thing1 活动名称"}),
}  # fmt: skip
"""Each part that adds, by its path: the page of its form, the table, and what is typed."""

CHANGED = ("name", "title", "pool", "price", "lot_no", "text", "what", "purpose")
"""Fields in which a second request differs."""


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The owner's desk, with one category, one product and one freight template."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    catalog.add_attribute(make_category(), AttributeForm("产地"))
    make_product()
    make_member()
    leaks.open_leak(LeakForm(*["收货人的电话"] * 6), "staff:boss")
    freight.add_template(TemplateForm("瓶装", "count"), RowForm("base", first_fen=800))
    make_place("龙马潭店")
    hire("boss", "owner")
    opened.sign_in("boss")
    return opened


def address(path: str) -> str:
    places = {
        r"{id:\d{1,18}}": "1",
        r"{row:\d{1,18}}": "1",
        KIND: "terms",
        ANSWER: "pay_methods",
        r"{subject:[a-z]{3,12}}": "identity",
    }
    for place, value in places.items():
        path = path.replace(place, value)
    return "/admin" + path


def test_every_part_that_adds_is_tested_here() -> None:
    adds = {
        part.path for part in PARTS
        if (isinstance(part, FormSpec) and part.present is None)
        or (isinstance(part, Step) and part.once)
    }  # fmt: skip
    assert adds == set(ADDS)


@pytest.mark.parametrize("path", ADDS)
async def test_two_requests_at_once_add_one_row(desk: Desk, path: str) -> None:
    _, table, typed = ADDS[path]
    before = table.select().count()
    asked = [desk.post(address(path), **typed, _idem=KEY) for _ in range(2)]
    answers = await asyncio.gather(*asked)
    answers.append(await desk.post(address(path), **typed, _idem=KEY))
    assert {status for status, _ in answers} == {303}
    assert len({place for _, place in answers}) == 1
    assert "未完成" not in await desk.said()
    assert table.select().count() == before + 1


@pytest.mark.parametrize("path", ADDS)
async def test_other_content_with_a_used_key_is_refused(desk: Desk, path: str) -> None:
    _, table, typed = ADDS[path]
    await desk.post(address(path), **typed, _idem=KEY)
    count = table.select().count()
    other = {name: v + "9" if name in CHANGED else v for name, v in typed.items()}
    status, page = await desk.post(address(path), **other, _idem=KEY)
    told = "".join(texts_of(page, ".errors li")) if status == 422 else await desk.said()
    assert "这次提交的内容和上次不同" in told
    assert table.select().count() == count


@pytest.mark.parametrize("path", ADDS)
async def test_the_form_on_the_page_carries_its_key(desk: Desk, path: str) -> None:
    page_path, *_ = ADDS[path]
    status, page = await desk.get(address(page_path))
    assert status == 200
    keys = values_of(page, f"form[action='{address(path)}'] input[name=_idem]", "value")
    assert keys
    assert len(set(keys)) == len(keys)
    assert min(len(key) for key in keys) >= 16


CHANGES = {
    part.path: part for part in PARTS
    if isinstance(part, FormSpec) and part.present is not None
}  # fmt: skip


@pytest.mark.parametrize("path", CHANGES)
async def test_an_old_version_changes_nothing_and_keeps_what_was_typed(
    desk: Desk, path: str
) -> None:
    spec, nobody = CHANGES[path], cast(StaffSessionInfo, None)
    ask = Ask(nobody, {"id": "1", "row": "1", "kind": "terms", "key": "pay_methods"})
    present = spec.present(ask) if spec.present else None
    assert present is not None
    typed = {name: str(value) for name, value in present.values.items()}
    if "title" in typed:
        typed["title"] = "我改的名称"
    if path.endswith("/rows/new"):
        typed |= {"places": "舟山市", "first_fen": "8"}  # an empty row is refused
    old = {**present.carried, "version": str(present.version + 7)}
    status, page = await desk.post(address(path), **(old | typed))
    assert status == 422
    assert MOVED in texts_of(page, f"form[action='{address(path)}'] .errors li")
    kept = fields_of(page, address(path))
    assert {name: kept.get(name, "") for name in typed} == typed
    again = spec.present(ask) if spec.present else None
    assert again == present
    status, _ = await desk.post(address(path), **(present.carried | typed))
    assert status == 303
