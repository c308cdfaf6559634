"""Who a campaign is for, page by page, with what decides whether they may be written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from peewee import Case, fn

from domain.push.rules import Person
from kernel import clock
from kernel.errors import Invalid
from kernel.store import Prepared, prepared
from models import (
    Delivery,
    Distributor,
    Member,
    Order,
    PushCampaign,
    SubscriptionGrant,
    WechatIdentity,
)

KINDS = ("all", "distributors", "buyers", "never_bought", "members")
PAGE = 1000
WEEK = timedelta(days=7)
_COUNTED = ("sending", "sent", "delivered", "unknown")


def check_audience(audience: dict[str, Any]) -> None:
    """Raise Invalid for an audience that nobody can be."""
    kind = audience.get("kind")
    if kind not in KINDS:
        raise Invalid("audience_unknown", "audience")
    if kind == "members" and not audience.get("member_ids"):
        raise Invalid("audience_empty", "audience")
    days = audience.get("days")
    if days is not None and not (isinstance(days, int) and 1 <= days <= 3650):
        raise Invalid("audience_days", "audience")


def people_after(
    audience: dict[str, Any], after_id: int, limit: int = PAGE, *, template_id: str = "",
    is_promotion: bool = False,
) -> list[Person]:  # fmt: skip
    """The audience's next people in the order of their ids; one identity each.

    What they got this week matters to promotions alone; otherwise nobody asks, and it is 0.
    """
    kind = audience["kind"]
    given: tuple[Any, ...] = ()
    if kind == "members":
        given = ([int(i) for i in audience["member_ids"]],)
    elif kind in ("buyers", "never_bought"):
        days = audience.get("days")
        given = (clock.now() - timedelta(days=int(days)) if days else 0,)
    rows = _people[kind].all(after_id, limit, *given)
    ids = [row[0] for row in rows]
    grants, sent = _grants(ids, template_id), _sent_this_week(ids) if is_promotion else {}
    return [
        Person(
            member_id=row[0],
            openid=row[1],
            is_following=bool(row[2]),
            last_message_at=row[3],
            has_agreed=row[4] is not None,
            has_stopped=row[5] is not None,
            grants=grants.get(row[0], 0),
            sent_this_week=sent.get(row[0], 0),
            is_closed=row[6] != "active",
        )
        for row in rows
    ]


def everybody(
    audience: dict[str, Any], template_id: str = "", *, is_promotion: bool = False
) -> Iterator[list[Person]]:
    """The whole audience in pages."""
    after = 0
    while page := people_after(
        audience, after, PAGE, template_id=template_id, is_promotion=is_promotion
    ):
        yield page
        after = page[-1].member_id


def people_of(
    member_ids: list[int], template_id: str = "", *, is_promotion: bool = False
) -> dict[int, Person]:
    """These people as they are now, by id."""
    chosen = {"kind": "members", "member_ids": member_ids}
    found = people_after(
        chosen, 0, max(len(member_ids), 1), template_id=template_id, is_promotion=is_promotion
    )
    return {person.member_id: person for person in found}


def _page(belongs: Callable[..., Any]) -> Prepared:
    """The query of a page of people for one kind of audience, its text made once."""

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


def _bought_since(since: Any) -> Any:
    mine = Order.select(Order.id).where((Order.member == Member.id) & (Order.paid_at >= since))
    return fn.EXISTS(mine)


_people = {
    "all": _page(lambda: Member.id > 0),
    "members": _page(lambda ids: Member.id.in_(ids)),
    "distributors": _page(lambda: fn.EXISTS(_active_distributor())),
    "buyers": _page(_bought_since),
    "never_bought": _page(lambda since: ~_bought_since(since)),
}


def _grants(ids: list[int], template_id: str) -> dict[int, int]:
    if not template_id or not ids:
        return {}
    return {row.member_id: row.remaining for row in _remaining.all(ids, template_id)}


@prepared
def _remaining(ids: Any, template_id: Any) -> Any:
    return SubscriptionGrant.select(SubscriptionGrant.member, SubscriptionGrant.remaining).where(
        (SubscriptionGrant.template_id == template_id) & SubscriptionGrant.member.in_(ids)
    )


def _sent_this_week(ids: list[int]) -> dict[int, int]:
    """Promotions that each of these got, or may have got, in the last seven days."""
    if not ids:
        return {}
    return {row.member_id: int(row.sent) for row in _promoted.all(ids, clock.now() - WEEK)}


@prepared
def _promoted(ids: Any, since: Any) -> Any:
    is_counted = Case(None, [(Delivery.state.in_(_COUNTED), 1)], 0)
    return (
        Delivery.select(Delivery.member, fn.SUM(is_counted).alias("sent"))
        .join(PushCampaign, on=(Delivery.campaign == PushCampaign.id))
        .where(Delivery.member.in_(ids) & (Delivery.at > since))
        .where(PushCampaign.is_promotion == True)  # noqa: E712
        .group_by(Delivery.member)
    )
