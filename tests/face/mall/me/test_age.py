"""年龄核验 in the mall: what a doubt stops, the form, and what is shown afterwards."""

from __future__ import annotations

import pytest

from domain import adults, distribution
from kernel import context
from kernel.errors import Retryable
from models import AgeDoubt, AgeTry
from tests.face.shoppers import Shopper
from tests.factories.id_numbers import id_number
from tests.factories.orders import paid_order, placed_order
from tests.factories.registers import ADULT, Register
from tests.harness.markup import count_of, errors_of, is_nowhere, texts_of, values_of

PAGE = "/m/me/age"


def doubted(shopper: Shopper) -> int:
    """Staff doubt the age of a shopper."""
    with context.acting("staff:lisa"):
        return adults.doubt_by_staff(shopper.member_id or 0, "声音像孩子")


async def _try(shopper: Shopper, name: str = "林晓", number: str = ADULT, **more: str) -> object:
    fields = (await shopper.get(PAGE)).fields(PAGE)
    return await shopper.post(PAGE, fields, name=name, number=number, **({"agree": "1"} | more))


@pytest.mark.row("L2")
async def test_a_member_proves_their_age_and_goes_on(lin: Shopper, register: Register) -> None:
    order = placed_order(lin.member_id)
    doubted(lin)
    told = await lin.get(f"/m/orders/{order.order_no}")
    assert values_of(told.text, f"a[href='{PAGE}']", "href") == [PAGE]
    stopped = await lin.get(f"/m/pay/{order.order_no}")
    assert (stopped.status, stopped.location) == (302, PAGE)
    shown = await lin.get(PAGE)
    assert is_nowhere(shown.text, "声音像孩子")  # what staff wrote is theirs
    done = await _try(lin)
    assert (done.status, done.location) == (303, PAGE)  # type: ignore[attr-defined]
    after = await lin.get(PAGE)
    assert "核验已通过" in texts_of(after.text, ".notice")[0]
    assert count_of(after.text, f"form[action='{PAGE}']") == 0
    assert is_nowhere(after.text, ADULT)
    assert (await lin.get(f"/m/pay/{order.order_no}")).status == 200
    assert [person.number for person in register.asked] == [ADULT]


@pytest.mark.row("L2")
async def test_mistakes_keep_what_was_typed_and_cost_nothing(
    lin: Shopper, register: Register
) -> None:
    doubted(lin)
    for changes, field in (
        ({"number": "1101"}, "number"), ({"name": "林"}, "name"), ({"agree": ""}, "agree"),
        ({"number": ""}, "number"),
    ):  # fmt: skip
        answer = await _try(lin, **changes)  # type: ignore[arg-type]
        assert answer.status == 422  # type: ignore[attr-defined]
        assert field in errors_of(answer.text)  # type: ignore[attr-defined]
    assert register.asked == []
    assert AgeTry.select().count() == 0


@pytest.mark.row("L2")
async def test_a_mismatch_is_said_and_tries_are_counted(lin: Shopper, register: Register) -> None:
    doubted(lin)
    register.answers = ["mismatch", "unknown", "mismatch"]
    for name in ("林小", "林中"):
        answer = await _try(lin, name)
        assert answer.status == 422  # type: ignore[attr-defined]
    await _try(lin, "林大")
    after = await lin.get(PAGE)
    assert "核验次数已用完" in texts_of(after.text, ".notice")[0]
    assert count_of(after.text, f"form[action='{PAGE}']") == 0
    assert "款项原路退回" in texts_of(after.text, ".card p")[0]


async def test_a_silent_provider_is_said_and_costs_no_try(
    lin: Shopper, register: Register
) -> None:
    doubted(lin)
    register.answers = [Retryable("no_answer")]
    answer = await _try(lin)
    assert answer.status == 422  # type: ignore[attr-defined]
    assert "这次不计次数" in texts_of(answer.text, ".errors li")[0]  # type: ignore[attr-defined]
    assert AgeDoubt.get().tries == 0


@pytest.mark.row("L2")
async def test_checkout_leads_to_the_proof(lin: Shopper) -> None:
    placed = placed_order(lin.member_id)
    sku = placed.product.sku_id
    shown = await lin.get(f"/m/checkout?sku={sku}&n=1")
    doubted(lin)
    answer = await lin.post("/m/checkout", shown.fields("/m/checkout"), adult="1", agree="1")
    assert (answer.status, answer.location) == (303, PAGE)


async def test_who_is_not_doubted_is_told_so_and_has_no_form(lin: Shopper, wang: Shopper) -> None:
    doubted(wang)
    shown = await lin.get(PAGE)
    assert "没有需要核验" in texts_of(shown.text, ".notice")[0]
    assert count_of(shown.text, f"form[action='{PAGE}']") == 0


@pytest.mark.row("L2")
async def test_a_minor_s_number_as_a_payee_is_a_doubt(lin: Shopper) -> None:
    distribution.apply_as_distributor(lin.member_id or 0, "小林推荐", "individual", "v1")
    order = paid_order(lin.member_id)
    path = "/m/d/identity"
    fields = (await lin.get(path)).fields(path)
    answer = await lin.post(path, fields, name="林小", number=id_number(15))
    assert answer.status == 422
    assert adults.is_held(lin.member_id or 0)
    assert AgeDoubt.get().cause == "number"
    assert order.row.state == "paid"


@pytest.mark.parametrize("register", [None], indirect=False)
async def test_without_a_provider_the_page_leads_to_a_person(lin: Shopper, register: None) -> None:
    doubted(lin)
    shown = await lin.get(PAGE)
    assert count_of(shown.text, f"form[action='{PAGE}']") == 0
    assert texts_of(shown.text, ".card h2") == ["怎样核验"]
