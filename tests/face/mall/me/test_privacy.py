"""我的 - 隐私: the question after the binding, the answer, its withdrawal, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution
from models import Consent, CustomerNote, Distributor
from tests.face.shoppers import Shopper, signed_in
from tests.factories.catalog import make_product
from tests.factories.distribution import make_distributor
from tests.factories.members import make_member
from tests.factories.orders import placed_order

QUESTION = "让 阿慧推荐 看到您？"


@pytest.fixture
def hui(mall: Any) -> Shopper:
    """A distributor in WeChat."""
    return signed_in(mall, make_distributor("阿慧"))


@pytest.fixture
def yu(mall: Any, hui: Shopper) -> Shopper:
    """A customer of hers, who came by her link."""
    return signed_in(mall, make_member("林小雨"))


async def _comes(yu: Shopper, hui: Shopper) -> str:
    code = Distributor.get(Distributor.member == hui.member_id).referral_code
    return (await yu.get(f"/m/?r={code}&s=card")).text


@pytest.mark.row("L4")
async def test_who_was_bound_is_asked_once_and_nothing_is_chosen_beforehand(
    hui: Shopper, yu: Shopper
) -> None:
    product = make_product()
    assert QUESTION not in (await yu.get("/m/")).text
    assert QUESTION in await _comes(yu, hui)
    page = await yu.get(f"/m/p/{product.product_id}")
    assert QUESTION in page.text
    assert "checked" not in page.text.partition("names-q")[2].partition("</form>")[0]
    placed_order(yu.member_id or 0, product=product)  # nothing depends on an answer
    fields = page.fields("/m/me/names")
    answered = await yu.post("/m/me/names", fields, answer="no")
    assert (answered.status, answered.location) == (303, f"/m/p/{product.product_id}")
    assert QUESTION not in (await yu.get("/m/")).text
    assert Consent.select().count() == 0


@pytest.mark.row("A6")
@pytest.mark.row("L4")
async def test_agreed_seen_withdrawn_counted(hui: Shopper, yu: Shopper, mall: Any) -> None:
    await _comes(yu, hui)
    before = (await hui.get("/m/d/customers")).text
    assert ("共 1 位" in before, "林" in before) == (True, False)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    await yu.post("/m/me/names", fields, answer="yes")
    assert "林*雨" in (await hui.get("/m/d/customers")).text
    other = signed_in(mall, make_distributor("老周"))
    assert "林*雨" not in (await other.get("/m/d/customers")).text
    privacy = await yu.get("/m/me/privacy")
    assert "已同意（" in privacy.text
    await yu.post("/m/me/names", privacy.fields("/m/me/names"), answer="no")
    after = (await hui.get("/m/d/customers")).text
    assert ("共 1 位" in after, "林" in after) == (True, False)
    assert "未同意，推荐人只看到客户总数" in (await yu.get("/m/me/privacy")).text


async def test_an_answer_about_somebody_else_changes_nothing(hui: Shopper, yu: Shopper) -> None:
    await _comes(yu, hui)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    zhou = make_distributor("老周")
    distribution.move_upline(yu.member_id or 0, zhou, "staff:1", "顾客要求")
    moved = await yu.post("/m/me/names", fields, answer="yes")
    assert moved.status == 303
    assert "推荐关系刚刚变化" in (await yu.get("/m/me/privacy")).text
    assert Consent.select().count() == 0


@pytest.mark.parametrize("changes", [{"answer": "maybe"}, {"version": "0"}, {"version": "x"}])
async def test_an_answer_that_was_not_offered_is_refused(
    hui: Shopper, yu: Shopper, changes: dict[str, str]
) -> None:
    await _comes(yu, hui)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    refused = await yu.post("/m/me/names", fields, **({"answer": "yes"} | changes))
    assert refused.status == 422
    assert Consent.select().count() == 0


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/m/p/1/../x", ""])
async def test_the_answer_leads_back_into_the_shop_only(
    hui: Shopper, yu: Shopper, path: str
) -> None:
    await _comes(yu, hui)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    answered = await yu.post("/m/me/names", fields, answer="no", next=path)
    assert answered.location == "/m/me/privacy"


@pytest.mark.row("A6")
async def test_a_distributor_notes_a_name_and_a_long_one_stays_typed(
    hui: Shopper, yu: Shopper, mall: Any
) -> None:
    await _comes(yu, hui)
    await yu.post("/m/me/names", (await yu.get("/m/")).fields("/m/me/names"), answer="yes")
    page = await hui.get("/m/d/customers")
    [seen] = distribution.list_customers(hui.member_id or 0)
    action = f"/m/d/customers/{seen.binding_id}/note"
    long = "很" * 21
    refused = await hui.post(action, page.fields(action), **{f"note-{seen.binding_id}": long})
    assert refused.status == 422
    assert long in refused.text
    assert "最多 20 个字" in refused.text
    kept = await hui.post(action, page.fields(action), **{f"note-{seen.binding_id}": "林姐"})
    assert kept.status == 303
    assert "林*雨（林姐）" in (await hui.get("/m/d/customers")).text
    other = signed_in(mall, make_distributor("老周"))
    strange = await other.post(action, **{f"note-{seen.binding_id}": "我的"})
    assert strange.status == 404
    own = await yu.post(action, **{f"note-{seen.binding_id}": "我的"})
    assert own.status == 404
    assert CustomerNote.select().count() == 1


async def test_who_has_no_upline_sees_so(lin: Shopper) -> None:
    page = await lin.get("/m/me/privacy")
    assert "您没有推荐人" in page.text
    refused = await lin.post("/m/me/names", version="1", answer="yes")
    assert refused.status == 303
    assert "您现在没有推荐人" in (await lin.get("/m/me/privacy")).text
