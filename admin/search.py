"""全站查找: any number, phone, name or title; the one thing found is opened at once.

Each package of the domain has the finder of its kind; a further kind is a line of ``KINDS``. Only
the finders of kinds that somebody may see are run, so that neither hits nor time tell of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from admin.guard import requires, staff_of
from admin.web import page, read
from admin.words import (
    BILL_DIFFERENCE,
    CAMPAIGN,
    CASE,
    DISTRIBUTOR,
    ORDER,
    PAYMENT,
    PRODUCT,
    REFUND,
    TICKET,
    WITHDRAWAL,
    Tones,
)
from domain import (
    aftersales,
    catalog,
    distribution,
    members,
    orders,
    payments,
    push,
    reconcile,
    service_desk,
)
from domain.staff import StaffSessionInfo
from kernel.finding import Finder, Found, Sought
from kernel.web.forms import query_param

routes = web.RouteTableDef()
MOST = 10
TYPED_MOST = 200


@dataclass(frozen=True)
class Kind:
    """What is found (可查找的一类): the right that shows it, its finder, its page."""

    title: str
    right: str
    find: Finder
    page: str = ""
    states: Tones | None = None

    def address(self, found: Found) -> str:
        """The merchant's page of a hit; '' if there is none."""
        return found.page or (self.page.format(key=found.key) if self.page else "")


KINDS = (
    Kind("订单", "orders.see", orders.find_orders, "/admin/orders/{key}", ORDER),
    Kind("售后", "orders.see", aftersales.find_cases, "/admin/aftersales/{key}", CASE),
    Kind("付款", "orders.see", payments.find_payments, "", PAYMENT),
    Kind("退款", "orders.see", payments.find_refunds, "", REFUND),
    Kind("提现", "payouts.see", distribution.find_withdrawals, "/admin/withdrawals/{key}",
         WITHDRAWAL),
    Kind("对账差异", "payouts.see", reconcile.find_differences,
         "/admin/reconcile/differences/{key}", BILL_DIFFERENCE),
    Kind("商品", "products.see", catalog.find_products, "/admin/products/{key}", PRODUCT),
    Kind("分销商", "distribution.see", distribution.find_distributors,
         "/admin/distributors/{key}", DISTRIBUTOR),
    Kind("会员", "members.see", members.find_members, "/admin/members/{key}"),
    Kind("工单", "tickets.see", service_desk.find_tickets, "/admin/tickets/{key}", TICKET),
    Kind("群发", "push.see", push.find_campaigns, "/admin/push/{key}", CAMPAIGN),
)  # fmt: skip
Groups = list[tuple[Kind, Sequence[Found]]]


@routes.get("/search")
@requires("today.see")
async def search(request: web.Request) -> web.StreamResponse:
    """Everything that fits what was typed, by kind."""
    sought = Sought.of(query_param(request, "q", most=TYPED_MOST))
    groups: Groups = []
    if sought.text:
        groups = await read(request, _search, sought, staff_of(request))
    pages = {kind.address(hit) for kind, hits in groups for hit in hits} - {""}
    if len(pages) == 1:
        raise web.HTTPSeeOther(pages.pop())
    return await page(request, "admin/search.html", sought=sought, groups=groups, most=MOST)


def _search(sought: Sought, who: StaffSessionInfo) -> Groups:
    found = [(kind, kind.find(sought, MOST)) for kind in KINDS if who.may(kind.right)]
    return [(kind, hits) for kind, hits in found if hits]
