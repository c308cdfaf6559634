"""Every page of the merchant opens for the owner, with data and without."""

from __future__ import annotations

from datetime import timedelta

from admin.menu import PAGES
from kernel import clock
from tests.face.desk import Desk
from tests.face.shop_with_data import Shop, make_shop
from tests.factories.bills import make_difference
from tests.factories.pickups import make_place, pickup_id_of, ready_pickup
from tests.harness.markup import values_of, words_of

VIEWS = (
    "/admin/?days=30", "/admin/me", "/admin/orders?view=to_ship",
    "/admin/orders/ship-sheet", "/admin/stock/count-sheet", "/admin/products/sheet",
    "/admin/orders?view=all&sort=-paid",
    "/admin/orders?q=ORD&from=2026-01-01&to=2026-12-31", "/admin/aftersales?view=all",
    "/admin/aftersales?view=requested", "/admin/refunds?view=abnormal",
    "/admin/products?view=draft", "/admin/products?q=陈酿", "/admin/products/new",
    "/admin/stock?view=low", "/admin/stock?view=soon_out", "/admin/stock?view=slow",
    "/admin/offers?view=running", "/admin/offers/new",
    "/admin/push/new", "/admin/distributors?view=applied", "/admin/rules?all=1",
    "/admin/rules/preview", "/admin/withdrawals?view=held", "/admin/payroll", "/admin/tax",
    "/admin/settings/brakes", "/admin/tickets?view=answered",
    "/admin/requests?view=overdue",
    "/admin/audit?kind=order&who=staff", "/admin/audit/system",
    "/admin/audit/system?kind=refund&target=1&event=refund.abnormal", "/admin/search?q=不存在的词",
    "/admin/answers?view=own", "/admin/answers/new", "/admin/missed?view=dismissed",
    "/admin/ages?view=all", "/admin/pictures?view=shown",
    "/admin/freight/new",
)  # fmt: skip
LISTS = (*(page.url for page in PAGES), *VIEWS)


def _collected() -> tuple[str, ...]:
    """The pages of a place, of an order that waits there, and of the counter."""
    place_id = make_place()
    waits = pickup_id_of(ready_pickup(place_id))
    return (
        f"/admin/places/{place_id}", "/admin/places/new", "/admin/pickups/verify",
        f"/admin/pickups/{waits}",
    )  # fmt: skip


def sheets(shop: Shop) -> tuple[str, ...]:
    """The pages of single things."""
    return (
        f"/admin/products/{shop.product_id}", f"/admin/products/{shop.product_id}/prices",
        f"/admin/products/{shop.product_id}/attributes", f"/admin/categories/{shop.category_id}",
        f"/admin/products/{shop.product_id}/story",
        f"/admin/products/{shop.product_id}/matrix", f"/admin/products/{shop.product_id}/plan",
        f"/admin/stock/{shop.sku_id}", f"/admin/orders/{shop.order.order_no}",
        f"/admin/orders/{shop.shipped.order_no}", f"/admin/aftersales/{shop.case_id}",
        f"/admin/distributors/{shop.distributor_id}",
        f"/admin/distributors/{shop.applicant_id}", f"/admin/members/{shop.customer_id}",
        f"/admin/withdrawals/{shop.withdrawal_id}", f"/admin/push/{shop.campaign_id}",
        f"/admin/push/{shop.campaign_id}/edit", f"/admin/push/{shop.campaign_id}/progress",
        "/admin/legal/terms", "/admin/legal/distribution",
        f"/admin/offers/{shop.offer_id}", f"/admin/offers/{shop.offer_id}/edit",
        f"/admin/offers/new?from={shop.offer_id}", f"/admin/offers/new?p={shop.product_id}",
        f"/admin/reconcile/days/{clock.business_day(clock.now()) - timedelta(days=1)}",
        f"/admin/reconcile/differences/{make_difference()}",
        f"/admin/requests/{shop.request_no}",
        f"/admin/tickets/{shop.ticket_no}", f"/admin/texts/{shop.ruling_id}",
        f"/admin/ages/{shop.doubt_id}",
        f"/admin/search?q={shop.order.order_no[:4]}", "/admin/answers/invoice",
        "/admin/answers/freight", "/admin/answers/greeting",
        f"/admin/answers/new?missed={shop.missed_id}",
        *_collected(),
        f"/admin/freight/{shop.freight_id}", f"/admin/freight/{shop.freight_id}/rows/new",
        f"/admin/freight/{shop.freight_id}/rows/{shop.freight_row_id}",
    )  # fmt: skip


async def test_every_list_opens_in_an_empty_shop(desk: Desk) -> None:
    for path in LISTS:
        status, text = await desk.get(path)
        assert status == 200, (path, text[-2000:])
        assert "操作未完成（" not in words_of(text)


async def test_every_page_and_every_link_opens(desk: Desk) -> None:
    shop = make_shop()
    desk.sign_in("boss")
    links: set[str] = set()
    for path in (*LISTS, *sheets(shop)):
        status, text = await desk.get(path)
        assert status == 200, (path, text[-2000:])
        links |= {link.partition("#")[0] for link in values_of(text, "[href^='/admin/']", "href")}
    for link in sorted(links - {"/admin/sign-in"}):
        status, _ = await desk.get(link)
        assert status in (200, 303), link
    assert len(links) > 100
