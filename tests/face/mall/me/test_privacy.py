"""推荐人能看到我: the question after the binding, the answer, its withdrawal, what is shown."""

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
from tests.harness.markup import count_of, is_nowhere, texts_of, words_of

QUESTION = "让 阿慧推荐 看到您？"
CUSTOMERS = "/m/d/customers"
NAMES = ".ledger li b"  # the customers' names


@pytest.fixture
def hui(mall: Any) -> Shopper:
    """A distributor in WeChat."""
    return signed_in(mall, make_distributor("阿慧"))


@pytest.fixture
def yu(mall: Any, hui: Shopper) -> Shopper:
    """A member who opens the distributor's link in the tests."""
    return signed_in(mall, make_member("林小雨"))


async def _comes(yu: Shopper, hui: Shopper) -> str:
    """Open the distributor's link; returns the page."""
    code = Distributor.get(Distributor.member == hui.member_id).referral_code
    return (await yu.get(f"/m/?r={code}&s=card")).text


@pytest.mark.row("L4")
async def test_a_bound_customer_is_asked_once_and_no_answer_is_preselected(
    hui: Shopper, yu: Shopper
) -> None:
    product = make_product()
    assert is_nowhere((await yu.get("/m/")).text, QUESTION)
    assert texts_of(await _comes(yu, hui), "#names-q") == [QUESTION]
    page = await yu.get(f"/m/p/{product.product_id}")
    assert texts_of(page.text, "#names-q") == [QUESTION]
    asked = "[aria-labelledby='names-q']"
    assert texts_of(page.text, f"{asked} button") == ["不同意", "同意"]
    assert count_of(page.text, f"{asked} [checked], {asked} [selected]") == 0
    placed_order(yu.member_id or 0, product=product)  # possible without an answer
    fields = page.fields("/m/me/names")
    answered = await yu.post("/m/me/names", fields, answer="no")
    assert (answered.status, answered.location) == (303, f"/m/p/{product.product_id}")
    assert is_nowhere((await yu.get("/m/")).text, QUESTION)
    assert Consent.select().count() == 0


@pytest.mark.row("A6")
@pytest.mark.row("L4")
async def test_a_name_is_seen_while_its_owner_agrees(hui: Shopper, yu: Shopper, mall: Any) -> None:
    await _comes(yu, hui)
    before = (await hui.get(CUSTOMERS)).text
    assert words_of(before, ".head p").startswith("共 1 位")
    assert is_nowhere(before, "林")
    fields = (await yu.get("/m/")).fields("/m/me/names")
    await yu.post("/m/me/names", fields, answer="yes")
    assert texts_of((await hui.get(CUSTOMERS)).text, NAMES) == ["林*雨"]
    other = signed_in(mall, make_distributor("老周"))
    assert is_nowhere((await other.get(CUSTOMERS)).text, "林*雨")
    privacy = await yu.get("/m/me/privacy")
    assert _answer(privacy.text).startswith("已同意（")
    await yu.post("/m/me/names", privacy.fields("/m/me/names"), answer="no")
    after = (await hui.get(CUSTOMERS)).text
    assert words_of(after, ".head p").startswith("共 1 位")
    assert is_nowhere(after, "林")
    assert _answer((await yu.get("/m/me/privacy")).text) == "未同意，推荐人只看到客户总数"


def _answer(text: str) -> str:
    """The member's answer, as the page for it shows it."""
    return words_of(text, "#names .row .note")


async def test_an_answer_about_a_former_upline_changes_nothing(hui: Shopper, yu: Shopper) -> None:
    await _comes(yu, hui)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    zhou = make_distributor("老周")
    distribution.move_upline(yu.member_id or 0, zhou, "staff:1", "顾客要求")
    moved = await yu.post("/m/me/names", fields, answer="yes")
    assert moved.status == 303
    (toast,) = texts_of((await yu.get("/m/me/privacy")).text, ".toast")
    assert "推荐关系刚刚变化" in toast
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
async def test_the_answer_redirects_into_the_mall_only(
    hui: Shopper, yu: Shopper, path: str
) -> None:
    await _comes(yu, hui)
    fields = (await yu.get("/m/")).fields("/m/me/names")
    answered = await yu.post("/m/me/names", fields, answer="no", next=path)
    assert answered.location == "/m/me/privacy"


@pytest.mark.row("A6")
async def test_a_note_about_a_customer_is_kept_and_a_long_one_stays_typed(
    hui: Shopper, yu: Shopper, mall: Any
) -> None:
    await _comes(yu, hui)
    await yu.post("/m/me/names", (await yu.get("/m/")).fields("/m/me/names"), answer="yes")
    page = await hui.get(CUSTOMERS)
    [seen] = distribution.list_customers(hui.member_id or 0)
    action = f"/m/d/customers/{seen.binding_id}/note"
    long = "很" * 21
    refused = await hui.post(action, page.fields(action), **{f"note-{seen.binding_id}": long})
    assert refused.status == 422
    field = f"note-{seen.binding_id}"
    assert dict(refused.fields(action))[field] == long
    assert "最多 20 个字" in words_of(refused.text, f"#e-{field}")
    kept = await hui.post(action, page.fields(action), **{f"note-{seen.binding_id}": "林姐"})
    assert kept.status == 303
    assert texts_of((await hui.get(CUSTOMERS)).text, NAMES) == ["林*雨（林姐）"]
    other = signed_in(mall, make_distributor("老周"))
    strange = await other.post(action, **{f"note-{seen.binding_id}": "我的"})
    assert strange.status == 404
    own = await yu.post(action, **{f"note-{seen.binding_id}": "我的"})
    assert own.status == 404
    assert CustomerNote.select().count() == 1


async def test_a_member_without_an_upline_is_told_so(lin: Shopper) -> None:
    page = await lin.get("/m/me/privacy")
    assert texts_of(page.text, "#names .note") == ["您没有推荐人，没有分销商能看到您的资料。"]
    refused = await lin.post("/m/me/names", version="1", answer="yes")
    assert refused.status == 303
    (toast,) = texts_of((await lin.get("/m/me/privacy")).text, ".toast")
    assert "您现在没有推荐人" in toast
