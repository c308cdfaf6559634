"""An address with a missing or additional slash redirects to its page."""

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
async def test_a_wrong_slash_at_the_end_is_redirected(
    lin: Shopper, typed: str, meant: str
) -> None:
    found = await lin.get(typed)
    assert (found.status, found.location) == (302, meant)


async def test_a_product_s_address_with_a_slash_is_redirected(lin: Shopper) -> None:
    made = make_product("陈酿")
    assert (await lin.get(f"/m/p/{made.product_id}/")).location == f"/m/p/{made.product_id}"


@pytest.mark.parametrize("typed", ["/m/nothing/", "/m/nothing", "/m//evil.example/", "/m/p/x/"])
async def test_an_unknown_address_is_not_found(lin: Shopper, typed: str) -> None:
    assert (await lin.get(typed)).status == 404


async def test_a_post_is_not_redirected(lin: Shopper) -> None:
    assert (await lin.post("/m/cart/", qty="1")).status in (403, 404)


async def test_pages_of_the_merchant_are_redirected_too(desk: Desk) -> None:
    for typed in ("/admin", "/admin/orders/"):
        status, _ = await desk.get(typed)
        assert status == 302, typed
