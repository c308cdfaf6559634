"""Prepared SQL of segments (`bench broadcast`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peewee import fn

from domain import members
from kernel.store import Prepared
from models import Consent, Distributor, Member, Order, WechatIdentity


def _page(belongs: Callable[..., Any]) -> Prepared:
    """The prepared query of a page of members for one kind of audience."""

    def build(after_id: Any, limit: Any, *given: Any) -> Any:
        other = WechatIdentity.alias("other")
        earlier = other.select(other.id).where(
            (other.member == WechatIdentity.member) & (other.id < WechatIdentity.id)
        )
        return (
            Member.select(
                Member.id, WechatIdentity.openid, WechatIdentity.is_following,
                WechatIdentity.last_message_at, Member.push_agreed_at, Member.push_stopped_at,
                Member.state,
            )
            .join(WechatIdentity, on=(WechatIdentity.member == Member.id))
            .where(~fn.EXISTS(earlier) & (Member.id > after_id) & belongs(*given))
            .order_by(Member.id).limit(limit)
        )  # fmt: skip

    return Prepared(build)


def _active_distributor() -> Any:
    mine = Distributor.member == Member.id
    return Distributor.select(Distributor.id).where(mine & (Distributor.state == "active"))


def _may_be_chosen_by_behaviour() -> Any:
    """The member has not objected to being chosen by what they bought (个人信息保护法 24)."""
    objects = (Consent.member == Member.id) & (Consent.purpose == members.NO_PROFILING)
    return ~fn.EXISTS(Consent.select(Consent.id).where(objects & Consent.withdrawn_at.is_null()))


def _bought_since(since: Any) -> Any:
    mine = Order.select(Order.id).where((Order.member == Member.id) & (Order.paid_at >= since))
    return fn.EXISTS(mine)


PAGES = {
    "all": _page(lambda: Member.id > 0),
    "members": _page(lambda ids: Member.id.in_(ids)),
    "distributors": _page(lambda: fn.EXISTS(_active_distributor())),
    "buyers": _page(lambda since: _bought_since(since) & _may_be_chosen_by_behaviour()),
    "never_bought": _page(lambda since: ~_bought_since(since) & _may_be_chosen_by_behaviour()),
}
