"""会员: the list of members; a member's page with the distributor they are bound to and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from admin.kit import columns as cols
from admin.kit.details import DetailSpec
from admin.kit.lists import Empty, ListSpec
from admin.kit.steps import ID, Ask
from admin.kit.wanted import Filter, Wanted
from admin.words import FOLLOWING, PROMOTIONS
from domain import adults, approvals, distribution, members, orders
from domain.members import MemberView
from domain.orders import OrderFilter
from domain.payouts import PAYEE_TYPES


def find(wanted: Wanted) -> Sequence[MemberView]:
    """Members, newest first; names are masked."""
    return members.list_members(wanted.text("q"), sort=wanted.sort, limit=wanted.limit)


def _promotions(row: MemberView) -> str:
    return "agreed" if row.wants_promotions else "stopped" if row.push_stopped_at else "none"


LIST = ListSpec[MemberView](
    query=find,
    key=lambda row: row.id,
    columns=(
        cols.text("会员", lambda row: row.masked_name),
        cols.code("编号", lambda row: row.public_no),
        cols.state("关注", FOLLOWING, lambda row: "yes" if row.is_following else "no"),
        cols.state("接收促销", PROMOTIONS, _promotions),
        cols.when("加入", lambda row: row.created_at, sort="joined"),
        cols.act(lambda row: "详情"),
    ),
    unit="位",
    note="姓名已隐去部分",
    href=lambda row: f"/admin/members/{row.id}",
    filters=(Filter("q", "昵称 / 会员编号", is_wide=True),),
    empty=Empty("没有会员", "关注公众号或打开商城的人会出现在这里。"),
    has_file=True,
)


def _load(ask: Ask) -> dict[str, Any]:
    """A member, with the orders and the upline that the reader may see."""
    member_id, who = ask.id, ask.who
    sees_orders = who.may("orders.see")
    sees_selling = who.may("distribution.see") or who.may("bindings.propose")
    wanted = OrderFilter(member_id=member_id, limit=10)
    return {
        "payees": PAYEE_TYPES,
        "member": members.member_detail(member_id),
        "orders": orders.list_orders(wanted) if sees_orders else [],
        "upline": distribution.upline_with_history(member_id) if sees_selling else None,
        "distributor": distribution.distributor(member_id) if sees_selling else None,
        "age_doubt_id": adults.open_doubt_id(member_id),
        "reach": members.identity(member_id),
        "proposals": approvals.list_proposals_about([f"member:{member_id}"], 3),
    }


DETAIL = DetailSpec(
    f"/members/{ID}", "members.see", "admin/people/member.html", _load, {"shown": "binding"}
)
