"""An address with a slash too many, or one too few, leads to its page; nothing else does."""

from __future__ import annotations

import pytest

from tests.face.desk import Desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/m", "/m/"), ("/m/cart/", "/m/cart"), ("/m/orders/?tab=all", "/m/orders?tab=all"),
        ("/m/search/?q=%E9%99%88", "/m/search?q=%E9%99%88"),
    ],
)  # fmt: skip
async def test_a_slash_made_a_page_unknown(lin: Shopper, typed: str, meant: str) -> None:
    found = await lin.get(typed)
    assert (found.status, found.location) == (302, meant)


async def test_a_product_is_found_with_a_slash(lin: Shopper) -> None:
    made = make_product("陈酿")
    assert (await lin.get(f"/m/p/{made.product_id}/")).location == f"/m/p/{made.product_id}"


@pytest.mark.parametrize("typed", ["/m/nothing/", "/m/nothing", "/m//evil.example/", "/m/p/x/"])
async def test_what_is_no_page_stays_unknown(lin: Shopper, typed: str) -> None:
    assert (await lin.get(typed)).status == 404


async def test_only_looking_is_led_on(lin: Shopper) -> None:
    assert (await lin.post("/m/cart/", qty="1")).status in (403, 404)


async def test_the_merchant_s_pages_too(desk: Desk) -> None:
    for typed in ("/admin", "/admin/orders/"):
        status, _ = await desk.get(typed)
        assert status == 302, typed
