"""A second piece at half price: on the merchant's pages, in the mall and in a paid order."""

from __future__ import annotations

from typing import Any

import pytest

from domain import promotions
from domain.promotions import OfferForm
from domain.promotions.live import clear_cache
from models import OfferRow, Order, OrderLine
from tests.face.admin.test_offers import URL, typed_at
from tests.face.desk import Desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.factories.offers import limited_form
from tests.harness.markup import count_of, is_nowhere, texts_of, values_of, words_of

pytestmark = pytest.mark.row("C4")
LIST = 29800


@pytest.fixture
def made(db: Any) -> Any:
    return make_product("山泉坊·陈酿", price_fen=LIST, is_liquor=False)


def running(made: Any, **rules: Any) -> int:
    """Start an offer of a second piece at half price; returns its id."""
    form: OfferForm = limited_form(
        0, kind="second_piece", label="第二件半价", scope="product", targets=(made.product_id,),
        rules={"rate_bp": 5000} | rules,
    )  # fmt: skip
    offer_id = promotions.draft_offer(form)
    promotions.start_offer(offer_id, 1)
    clear_cache()
    return offer_id


def filled(made: Any, **more: str) -> dict[str, str]:
    """The fields of the form for such an offer."""
    return {
        "kind": "second_piece", "p": str(made.product_id), "title": "周末", "label": "第二件半价",
        "starts_at": "", "ends_at": typed_at(3), "rate": "50", "_idem": "one-time-key-0002",
    } | more  # fmt: skip


async def test_the_merchant_sees_the_price_of_two_pieces_and_starts_the_offer(
    desk: Desk, made: Any
) -> None:
    _, listed = await desk.get(URL)
    assert "新建第二件优惠" in texts_of(listed, "main a")
    _, form = await desk.get(f"{URL}/new?kind=second_piece&p={made.product_id}")
    assert count_of(form, "input[name=rate]") == 1
    status, place = await desk.post(f"{URL}/new", **filled(made))
    assert status == 303
    _, offer = await desk.get(place)
    assert "第二件按 50% 计价，1 件商品" in words_of(offer, ".head p")
    assert "2 件 ¥447.00 原 ¥596.00" in texts_of(offer, "tbody td.n")
    assert is_nowhere(offer, "不低于现价")
    status, _ = await desk.post(f"{place}/start", version="1")
    assert (status, OfferRow.get().state) == (303, "on")
    _, copy = await desk.get(f"{URL}/new?from={place.rsplit('/', 1)[1]}")
    assert values_of(copy, "input[name=rate]", "value") == ["50"]


@pytest.mark.parametrize("rate", ["100", "150", "半价", "-5", ""])
async def test_a_bad_rate_is_an_error_at_its_field(desk: Desk, made: Any, rate: str) -> None:
    status, page = await desk.post(f"{URL}/new", **filled(made, rate=rate))
    assert status == 422
    assert count_of(page, ".field.has-error #e-rate") == 1
    assert not OfferRow.select().exists()


async def test_a_shopper_sees_the_offer_and_pays_less_for_two(lin: Shopper, made: Any) -> None:
    running(made)
    make_address(lin.member_id or 0)
    for path in ("/m/", "/m/category", "/m/offers"):
        badges = texts_of((await lin.get(path)).text, "a.good .badge")
        assert set(badges) == {"第二件半价"}, path
    page = await lin.get(f"/m/p/{made.product_id}")
    assert "第二件半价" in words_of(page.text, ".offer")
    one = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=1")
    assert "再选 1 件可享" in words_of(one.text, ".card li")
    two = await lin.get(f"/m/checkout?sku={made.sku_id}&qty=2")
    assert "第二件半价 −¥149.00" in texts_of(two.text, ".line-spec")
    assert "−¥149.00" in words_of(two.text, ".breakdown .minus")
    done = await lin.post("/m/checkout", two.fields("/m/checkout"))
    assert done.status == 303
    line = OrderLine.get()
    assert (line.unit_price_fen, line.line_fen, line.paid_fen) == (LIST, 2 * LIST, 44700)
    page = await lin.get(f"/m/orders/{Order.get().order_no}")
    assert "第二件半价 −¥149.00" in texts_of(page.text, ".line-spec")


async def test_a_stopped_offer_is_shown_nowhere(lin: Shopper, made: Any) -> None:
    offer_id = running(made)
    promotions.stop_offer(offer_id, "卖完了")
    clear_cache()
    for path in ("/m/", f"/m/p/{made.product_id}"):
        assert is_nowhere((await lin.get(path)).text, "第二件半价"), path
