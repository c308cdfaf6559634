"""Every form of the menu: what adds adds once, what changes is refused if its tab is stale."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from admin.kit.forms import FormSpec
from admin.kit.stale import MOVED
from admin.kit.steps import Ask, Step
from admin.legal.documents import KIND
from admin.menu import PAGES
from domain.staff import StaffSessionInfo
from gateways.pictures.images import ImageStore
from models import Category, ClaimEvidence, CommissionRule, Grade, Product, PushTemplate, Sku
from tests.face.conftest import OpenFace
from tests.face.desk import Desk, hire, open_desk
from tests.factories.catalog import make_category, make_product
from tests.harness.markup import values_of

KEY = "one-key-of-a-form"
ADDS: dict[str, tuple[str, type[Any], dict[str, str]]] = {
    "/categories": ("/categories", Category, {"name": "礼盒装", "position": "3"}),
    "/products/new": ("/products/new", Product, {
        "title": "桂花露酒", "is_liquor": "1", "position": "3", "category_id": "1",
        "price": "128.5", "stock": "40", "spec_text": "375ml", "low_stock": "5"}),
    r"/products/{id:\d{1,18}}/skus": ("/products/1", Sku, {
        "price": "98", "stock": "5", "spec_text": "六瓶装", "code": "B6"}),
    "/rules": ("/rules", CommissionRule, {
        "scope": "all", "mode": "pool", "pool": "1", "share1": "100"}),
    "/grades": ("/rules", Grade, {"name": "金牌", "position": "1"}),
    "/evidence": ("/evidence", ClaimEvidence, {
        "claim": "award", "title": "获奖证书", "covers": "金奖"}),
    "/templates": ("/templates", PushTemplate, {
        "template_id": "T" * 20, "title": "活动提醒", "fields": "thing1 活动名称"}),
}  # fmt: skip
"""By the path of each part that adds: the page of its form, what it adds, and what is typed."""


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The owner's desk, with one category and one product."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    make_category()
    make_product()
    hire("boss", "owner")
    opened.sign_in("boss")
    return opened


def address(path: str) -> str:
    return "/admin" + path.replace(r"{id:\d{1,18}}", "1").replace(KIND, "terms")


def test_every_part_that_adds_is_tried_here() -> None:
    adds = {
        part.path for page in PAGES for part in page.parts
        if (isinstance(part, FormSpec) and part.present is None)
        or (isinstance(part, Step) and part.once)
    }  # fmt: skip
    assert adds == set(ADDS)


@pytest.mark.parametrize("path", ADDS)
async def test_two_taps_at_once_add_one(desk: Desk, path: str) -> None:
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
async def test_another_form_under_an_old_key_is_told_and_adds_nothing(
    desk: Desk, path: str
) -> None:
    _, table, typed = ADDS[path]
    await desk.post(address(path), **typed, _idem=KEY)
    count = table.select().count()
    other = {name: v + "9" if name in ("name", "title", "pool", "price") else v
             for name, v in typed.items()}  # fmt: skip
    status, page = await desk.post(address(path), **other, _idem=KEY)
    told = page if status == 422 else await desk.said()
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
    part.path: part for page in PAGES for part in page.parts
    if isinstance(part, FormSpec) and part.present is not None
}  # fmt: skip


@pytest.mark.parametrize("path", CHANGES)
async def test_an_old_version_changes_nothing_and_keeps_what_was_typed(
    desk: Desk, path: str
) -> None:
    spec, nobody = CHANGES[path], cast(StaffSessionInfo, None)
    ask = Ask(nobody, {"id": "1", "kind": "terms"})
    present = spec.present(ask) if spec.present else None
    assert present is not None
    typed = {name: str(value) for name, value in present.values.items()}
    if "title" in typed:
        typed["title"] = "我改的名称"
    old = {**present.carried, "version": str(present.version + 7)}
    status, page = await desk.post(address(path), **(old | typed))
    assert (status, MOVED in page) == (422, True)
    assert typed.get("title", "") in page
    again = spec.present(ask) if spec.present else None
    assert again == present
    status, _ = await desk.post(address(path), **(present.carried | typed))
    assert status == 303
