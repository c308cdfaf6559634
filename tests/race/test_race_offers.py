"""A promotion is stopped or replaced during checkouts: no order has a price that is not valid."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from domain import promotions
from domain.promotions import live
from models import OfferRow, Order, OrderLine
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.offers import limited_form, limited_price
from tests.race.crowd import at_once, outcomes
from tests.race.sales import forms, place

LIST, LOW, OTHER = 29800, 26800, 25800
BUYERS = 18


@pytest.fixture(autouse=True)
def _late_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this process's cached offers stale, so that only the check inside the order helps."""
    monkeypatch.setattr(live, "FRESH_SECONDS", 3600.0)
    monkeypatch.setattr(live, "clear_cache", lambda: None)
    monkeypatch.setattr("domain.promotions.service.clear_cache", live.clear_cache)


async def _seen(store: Any) -> tuple[int, int, list[Any]]:
    """Start a promotion; returns SKU, offer, and order forms with its price."""
    made = await store.write(make_product, price_fen=LIST, stock=100)
    offer_id = await store.write(limited_price, made.sku_id, LOW)
    people = [await store.write(make_member) for _ in range(BUYERS)]
    wanted = await store.write(forms, people, made.sku_id)
    assert {form.expected_payable_fen for form in wanted} == {LOW}
    return made.sku_id, offer_id, wanted


def _replace(offer_id: int, sku_id: int) -> None:
    """Stop one promotion and start another in the same transaction."""
    promotions.stop_offer(offer_id, "换一个价")
    promotions.start_offer(promotions.draft_offer(limited_form(sku_id, OTHER)), 1)


def _paid() -> list[tuple[int, int, int]]:
    """For each order line: amount to pay, unit price, and the offer of its adjustment."""
    return [
        (line.paid_fen, line.unit_price_fen, line.adjustments[0]["offer_id"])
        for line in OrderLine.select().order_by(OrderLine.id)
    ]


@pytest.mark.parametrize("how", ["stopped", "replaced"])
async def test_orders_beside_the_end_of_an_offer_have_its_price_or_are_refused(
    store: Any, how: str
) -> None:
    sku_id, offer_id, wanted = await _seen(store)
    end = (
        partial(promotions.stop_offer, offer_id, "卖完了")
        if how == "stopped"
        else partial(_replace, offer_id, sku_id)
    )
    calls: list[Any] = [partial(place, form) for form in wanted]
    calls.insert(BUYERS // 2, end)
    answers = await at_once(store, calls)
    found = outcomes(answers)
    placed = found.pop("ok") - 1  # less the end of the offer itself
    refused = found.pop("price_changed", 0)
    assert (placed + refused, found) == (BUYERS, {})
    assert await store.read(_paid) == [(LOW, LOW, offer_id)] * placed
    assert await store.read(Order.select().count) == placed
    now = LIST if how == "stopped" else OTHER
    told = {a.facts["payable_fen"] for a in answers if getattr(a, "code", "") == "price_changed"}
    assert told <= {now}


async def test_orders_after_the_stop_of_an_offer_are_refused(store: Any) -> None:
    _, offer_id, wanted = await _seen(store)
    await store.write(promotions.stop_offer, offer_id, "价格有误")
    found = outcomes(await at_once(store, [partial(place, form) for form in wanted]))
    assert found == {"price_changed": BUYERS}
    assert await store.read(Order.select().count) == 0


async def test_one_of_several_parallel_changes_of_a_draft_succeeds(store: Any) -> None:
    made = await store.write(make_product, price_fen=LIST)
    offer_id = await store.write(lambda: promotions.draft_offer(limited_form(made.sku_id)))
    calls = [
        partial(promotions.start_offer, offer_id, 1),
        partial(promotions.edit_offer, offer_id, limited_form(made.sku_id, OTHER), 1),
        partial(promotions.drop_offer, offer_id, 1),
        partial(promotions.start_offer, offer_id, 1),
    ]
    found = outcomes(await at_once(store, calls))
    assert found.pop("ok") == 1
    assert set(found) <= {"offer_moved", "offer_state", "offer_begun"}
    row = await store.read(OfferRow.get_by_id, offer_id)
    assert row.version == 2
