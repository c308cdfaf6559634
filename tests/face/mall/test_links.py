"""Whatever the mall's pages link to is there."""

from __future__ import annotations

import html
import re

from domain import service_desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.factories.orders import paid_order, placed_order, received_order
from tests.harness.markup import forms_of, values_of

_LINK = re.compile(r'(?:href|hx-get|action)="(/m/[^"#]*)"')


async def test_no_page_links_to_nowhere(lin: Shopper) -> None:
    assert lin.member_id is not None
    product = make_product(price_fen=5900)
    make_address(lin.member_id)
    for make in (placed_order, paid_order, received_order):
        make(lin.member_id, product=product, quantity=2)
    service_desk.open_ticket(lin.member_id, "在吗")
    seen: dict[str, int] = {}
    forms: set[str] = set()
    waiting = ["/m/", "/m/me", "/m/cart", f"/m/checkout?sku={product.sku_id}&qty=1"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        page = await lin.get(path)
        seen[path] = page.status
        forms.update(form.action for form in forms_of(page.text) if form.is_post)
        waiting += [html.unescape(link) for link in _LINK.findall(page.text)
                    if f'action="{link}"' not in page.text]  # fmt: skip
    assert len(seen) > 25
    assert [path for path, status in seen.items() if status >= 400] == []
    assert not any("/m/verify" in path for path in seen)
    for action in forms:
        refused = await lin.post(action, _csrf="x")
        assert refused.status == 403, action


async def test_the_tab_bar_has_the_four_places(lin: Shopper) -> None:
    links = values_of((await lin.get("/m/")).text, "nav.tabbar a", "href")
    assert links == ["/m/", "/m/category", "/m/cart", "/m/me"]
