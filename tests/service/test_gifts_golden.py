"""The worked cases of gifts: how long they wait, by when they arrive, where they can go."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain import catalog, freight, pricing, settings
from domain.freight import RowForm, TemplateForm
from domain.gifts.rules import arrival_days, checked_arrival, waits_of
from domain.settings import Freight
from kernel import clock
from kernel.errors import Invalid
from tests.factories.catalog import make_product

CASES = yaml.safe_load((Path(__file__).parents[1] / "golden" / "gifts.yaml").read_text("utf-8"))


def named(kind: str) -> Any:
    """The cases of a kind as parameters."""
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES[kind]])


def instant(text: str) -> datetime:
    """An instant of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI)


@named("waits")
def test_a_gift_waits_as_the_table_says(case: dict[str, Any]) -> None:
    waits = waits_of(instant(case["paid"]), case["accept"], case["remind"])
    assert waits.expires_at == instant(case["expires_at"])
    assert waits.remind_at == (instant(case["remind_at"]) if case["remind_at"] else None)


@named("arrival")
def test_days_that_may_be_wished(case: dict[str, Any]) -> None:
    found = arrival_days(instant(case["now"]), case["hours"], case["days"])
    assert found == (case["earliest"], case["latest"])


def test_both_ends_may_be_wished_and_nothing_outside() -> None:
    first, last = date(2026, 12, 8), date(2027, 1, 30)
    assert checked_arrival(" 2026-12-08 ", first, last) == "2026-12-08"
    assert checked_arrival("2027-01-30", first, last) == "2027-01-30"
    assert checked_arrival("", first, last) == ""
    for wrong in ("2026-12-07", "2027-01-31", "2026-02-30", "20261208x", "八号"):
        with pytest.raises(Invalid):
            checked_arrival(wrong, first, last)


@named("places")
def test_places_that_take_a_gift(db: Any, case: dict[str, Any]) -> None:
    settings.change(Freight, {
        "flat_fen": case["flat"], "free_from_fen": case["free_from"],
        "remote_extra_fen": case["extra"],
    })  # fmt: skip
    assert (
        pricing.fits_freight_of_everywhere(goods(case["paid"]), str(case["place"])) is case["open"]
    )


def test_a_place_of_a_template_that_is_dearer_or_not_delivered_is_closed(db: Any) -> None:
    template_id = freight.add_template(
        TemplateForm("快递", "count"), RowForm("base", first_fen=800)
    )  # fmt: skip
    freight.save_row(template_id, RowForm("area", ("浙江省",), first_fen=500), 1)
    freight.save_row(template_id, RowForm("area", ("青海省",), first_fen=1800), 2)
    freight.save_row(template_id, RowForm("none", ("海南省",)), 3)
    freight.make_default(template_id)
    open_ones = {
        place: pricing.fits_freight_of_everywhere(goods(5900), place)
        for place in ("510104", "330106", "630102", "460105")
    }
    assert open_ones == {"510104": True, "330106": True, "630102": False, "460105": False}


def goods(paid_fen: int) -> list[pricing.PaidGoods]:
    """One bottle, as it was paid."""
    sku_id = make_product(price_fen=paid_fen).sku_id
    return [pricing.PaidGoods(catalog.sku_lines([sku_id])[sku_id], 1, paid_fen)]
