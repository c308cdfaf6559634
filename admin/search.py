"""全站查找: finds by number, phone, name or title; a single result is opened at once.

Each package of the domain has a finder for its kind; another kind is another line of ``KINDS``.
Only finders of kinds that the person may see are run, so that neither results nor response times
reveal others.
"""

from __future__ import annotations

import re
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
    OFFER,
    ORDER,
    PAYMENT,
    PRODUCT,
    PROPOSAL,
    REFUND,
    REQUEST,
    TICKET,
    WITHDRAWAL,
    Tones,
)
from domain import (
    aftersales,
    approvals,
    catalog,
    distribution,
    members,
    orders,
    payments,
    promotions,
    push,
    reconcile,
    rights,
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
    """A kind of thing that can be found (可查找的一类): its finder, its page, the right needed."""

    title: str
    right: str
    find: Finder
    page: str = ""
    states: Tones | None = None

    def address(self, found: Found) -> str:
        """The address of a result's page; '' if it has none."""
        return found.page or (self.page.format(key=found.key) if self.page else "")

    def seek(self, sought: Sought) -> Sequence[Found]:
        """Its hits; people also write what it is before the number: 审批 12, 订单编号 ORD…"""
        said = re.sub(rf"^(?:{self.title})?(?:编号|单号)?[ :：]*", "", sought.text)
        return self.find(Sought.of(said) if said else sought, MOST)


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
    Kind("优惠活动", "offers.see", promotions.find_offers, "/admin/offers/{key}", OFFER),
    Kind("分销商", "distribution.see", distribution.find_distributors,
         "/admin/distributors/{key}", DISTRIBUTOR),
    Kind("会员", "members.see", members.find_members, "/admin/members/{key}"),
    Kind("工单", "tickets.see", service_desk.find_tickets, "/admin/tickets/{key}", TICKET),
    Kind("个人信息请求", "tickets.see", rights.find_requests, "/admin/requests/{key}", REQUEST),
    Kind("审批", "approvals.see", approvals.find_proposals, "/admin/approvals/{key}", PROPOSAL),
    Kind("群发", "push.see", push.find_campaigns, "/admin/push/{key}", CAMPAIGN),
)  # fmt: skip
Groups = list[tuple[Kind, Sequence[Found]]]


@routes.get("/search")
@requires("today.see")
async def search(request: web.Request) -> web.StreamResponse:
    """Show all results by kind; a single result is opened."""
    sought = Sought.of(query_param(request, "q", most=TYPED_MOST))
    groups: Groups = []
    if sought.text:
        groups = await read(request, _search, sought, staff_of(request))
    pages = {kind.address(hit) for kind, hits in groups for hit in hits} - {""}
    if len(pages) == 1:
        raise web.HTTPSeeOther(pages.pop())
    return await page(request, "admin/search.html", sought=sought, groups=groups, most=MOST)


def _search(sought: Sought, who: StaffSessionInfo) -> Groups:
    found = [(kind, kind.seek(sought)) for kind in KINDS if who.may(kind.right)]
    return [(kind, hits) for kind, hits in found if hits]
