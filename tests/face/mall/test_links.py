"""The links of the mall's pages lead to existing pages."""

from __future__ import annotations

from domain import service_desk
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.members import make_address
from tests.factories.orders import paid_order, placed_order, received_order
from tests.harness.markup import forms_of, values_of

_LINKS = (("[href]", "href"), ("[hx-get]", "hx-get"), ("form:not([method=post])", "action"))


async def test_every_link_leads_to_a_page(lin: Shopper) -> None:
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
        links = [link for place in _LINKS for link in values_of(page.text, *place)]
        waiting += [link.partition("#")[0] for link in links if link.startswith("/m/")]
    assert len(seen) > 25
    assert [path for path, status in seen.items() if status >= 400] == []
    assert not any("/m/verify" in path for path in seen)
    for action in forms:
        if action == "/oauth/profile":
            continue  # another application's, which is not mounted here
        refused = await lin.post(action, _csrf="x")
        assert refused.status == 403, action


async def test_the_tab_bar_has_the_four_places(lin: Shopper) -> None:
    links = values_of((await lin.get("/m/")).text, "nav.tabbar a", "href")
    assert links == ["/m/", "/m/category", "/m/cart", "/m/me"]
