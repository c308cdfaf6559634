"""年龄核验: doubts whether a member is of age, how they end, and the refund of what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from admin.deps import deps_of
from admin.guard import requires
from admin.kit import columns as cols
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import ID, Ask, Step, ask_of, reason
from admin.kit.wanted import View, Wanted
from admin.web import page, read
from admin.words import AGE, AGE_CAUSE, AGE_END, who
from domain import adults, audit, members, orders
from domain.adults import DoubtView
from domain.orders import PAID_STATES, OrderCard, OrderFilter

URL = "/admin/ages"
ORDER_NO = r"/orders/{no:[0-9A-Za-z]{4,40}}"
ORDERS_MOST = 20
routes = web.RouteTableDef()


def find(wanted: Wanted) -> Sequence[DoubtView]:
    """Doubts, newest first."""
    state = "" if wanted.view == "all" else wanted.view
    return adults.list_doubts(state, wanted.cursor, wanted.limit)


LIST = ListSpec[DoubtView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("会员", lambda row: row.member_name, note=lambda row: row.raised_at),
        cols.text("起因", lambda row: AGE_CAUSE[row.cause], note=lambda row: row.reason),
        cols.text("提出人", lambda row: who(row.raised_by)),
        cols.state("状态", AGE, lambda row: row.state,
                   note=lambda row: AGE_END.get(row.ended_how, "")),
        cols.when("截止", lambda row: row.due_at if row.state == "waiting" else None),
        cols.number("已试", lambda row: row.tries),
        cols.text("依据", lambda row: row.ground, on_screen=False),
        cols.text("决定人", lambda row: who(row.ended_by) if row.ended_by else "",
                  on_screen=False),
        cols.when("决定时间", lambda row: row.ended_at, on_screen=False),
        cols.act(lambda row: "处理" if row.state == "waiting" else "查看"),
    ),
    unit="条",
    note="核验通过之前，这位会员的酒类订单不能付款，也不能发货",
    href=lambda row: f"{URL}/{row.id}",
    views=(View("waiting", "待核验"), View("refused", "未通过"), View("cleared", "已通过"),
           View("all", "全部")),
    counts=lambda _: {"waiting": adults.count_waiting()},
    empty=Empty("没有年龄存疑", "在订单或会员页可以标记；会员自己说未成年时会自动登记。"),
    has_file=True,
)  # fmt: skip


@routes.get(f"/ages/{ID}")
@requires("members.see")
async def detail(request: web.Request) -> web.StreamResponse:
    """A doubt with its tries, the orders that it holds, and the steps that may be taken."""
    found = await read(request, _load, ask_of(request))
    has_provider = deps_of(request).has_identity_provider
    return await page(request, "admin/people/age.html", has_provider=has_provider, **found)


def _load(ask: Ask) -> dict[str, Any]:
    doubt = adults.doubt_detail(ask.id)
    found = orders.list_orders(OrderFilter(member_id=doubt.member_id, limit=ORDERS_MOST))
    return {
        "doubt": doubt,
        "tries": adults.tries_of(doubt.id),
        "member": members.member_detail(doubt.member_id),
        "held": [each for each in found if _is_to_refund(each)],
        "log": audit.timeline("age_doubt", doubt.id, limit=20),
    }


def _is_to_refund(order: OrderCard) -> bool:
    """Whether liquor of a paid order could still be refunded."""
    has_liquor = any(line.is_liquor and line.can_claim for line in order.lines)
    return has_liquor and order.state in PAID_STATES


def doubt_member(ask: Ask, why: str) -> str:
    """Mark a member as possibly under age; their liquor orders are held."""
    adults.doubt_by_staff(ask.id, why)
    return "已标记年龄存疑，核验通过前不能付款和发货"


def doubt_buyer(ask: Ask, why: str) -> str:
    """Mark the buyer of an order as possibly under age."""
    order = orders.order_by_id(orders.order_id_of(ask.places["no"]))
    adults.doubt_by_staff(order.member_id, why, order.order_no)
    return "已标记年龄存疑，核验通过前不能付款和发货"


def clear(ask: Ask, ground: str) -> str:
    """Record that a document was shown; the orders go on."""
    adults.clear_by_hand(ask.id, ground)
    return "已记为成年，订单可以继续"


def refuse(ask: Ask, ground: str) -> str:
    """Refuse to sell liquor to the member."""
    adults.refuse_by_hand(ask.id, ground)
    return "已记为不售，请退还已付的订单"


STEPS = (
    Step(f"/members/{ID}/age", "ages.doubt", doubt_member, "/admin/members/{id}", reason),
    Step(f"{ORDER_NO}/age", "ages.doubt", doubt_buyer, "/admin/orders/{no}", reason),
    Step(f"/ages/{ID}/clear", "ages.decide", clear, f"{URL}/{{id}}", reason, word="已核验"),
    Step(f"/ages/{ID}/refuse", "ages.decide", refuse, f"{URL}/{{id}}", reason),
)
