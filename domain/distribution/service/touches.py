"""Touches of links, posters and codes: the basis of bindings and visit figures (触达)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import orders, settings
from domain.distribution.notices import FirstVisit
from domain.distribution.rules.binding import Cause
from domain.distribution.service.binding import bind
from domain.distribution.views import BindResult, TouchResult
from domain.notices import notify
from kernel import clock
from kernel.store import insert_once, lock_rows
from models import Distributor, Scene, Touch, VisitDay

NOTIFIED_VISITORS_A_DAY = 3
# After one of these refusals an older touch is tried; the others are final.
_TOUCHES_TRIED = ("oneself", "descendant", "suspended")


def record_touch(
    visitor: str,
    referrer_code: str,
    source: str,
    product_id: int | None = None,
    member_id: int | None = None,
) -> TouchResult:
    """Record that a distributor's link was opened.

    A signed-in member is bound if the policy allows. The figures change only with ``count_visit``.
    An unknown or inactive code and one's own link leave no touch.
    """
    who = Distributor.get_or_none(Distributor.referral_code == referrer_code.strip().upper())
    if who is None or who.state != "active" or who.member_id == member_id:
        return TouchResult(None)
    kind = source if source in orders.OF_DISTRIBUTORS else orders.LINK
    referrer_id = int(who.member_id)
    _, is_first = _record(visitor, referrer_id, kind, product_id, member_id)
    bound = None
    if member_id is not None:
        cause: Cause = "scan" if kind == "scan" else "link"
        bound = bind(member_id, referrer_id, cause=cause, facts={"source": kind})
    return TouchResult(referrer_id, is_first, bound)


def apply_touches(member_id: int, visitor: str, *, is_new: bool) -> BindResult | None:
    """Apply the policy to the browser's touches at sign-in, the latest first."""
    now = clock.now()
    Touch.update(member=member_id).where(
        (Touch.visitor == visitor) & Touch.member.is_null()
    ).execute()
    since = now - timedelta(days=settings.get(settings.BindingPolicy).touch_days)
    mine = (Touch.visitor == visitor) | (Touch.member == member_id)
    kept = Touch.select().where(mine & (Touch.last_at > since)).order_by(Touch.last_at.desc())
    result = None
    for row in kept.limit(20):
        facts = {"source": row.source, "first_at": row.first_at.isoformat()}
        result = bind(member_id, row.referrer_id, cause="link", is_new=is_new, facts=facts)
        if result.is_bound or result.refusal not in _TOUCHES_TRIED:
            return result
    return result


def record_scene_touch(
    member_id: int, openid: str, scene: str | None, *, is_new: bool
) -> TouchResult:
    """Record a follow or scan with a distributor's code, and bind if allowed (扫码关注)."""
    row = Scene.get_or_none(Scene.scene == scene) if scene else None
    if row is None or row.kind != "referral" or row.member_id in (None, member_id):
        return TouchResult(None)
    who = Distributor.get_or_none(Distributor.member == row.member_id)
    if who is None or who.state != "active":
        return TouchResult(None)
    referrer_id = int(row.member_id)
    visitor = f"o:{openid}"[:40]
    touch_id, is_first = _record(visitor, referrer_id, "scan", row.product_id, member_id)
    _count(touch_id, clock.now())  # a scan is reported by WeChat itself
    cause: Cause = "follow" if is_new else "scan"
    bound = bind(member_id, referrer_id, cause=cause, is_new=is_new, facts={"scene": scene})
    return TouchResult(referrer_id, is_first, bound)


def count_visit(
    visitor: str, referrer_code: str, opened_at: datetime, member_id: int | None = None
) -> bool:
    """Count a visit after its page was really seen (访问); returns whether it was counted.

    A visitor is counted once a day. A link opened at ``opened_at`` (UTC), before the visitor's
    last counted visit, is part of that visit. One's own link and a link without a touch are not
    counted. See "Visits" in ``docs/algorithms/binding.md``.
    """
    code = referrer_code.strip().upper()
    who = Distributor.get_or_none(Distributor.referral_code == code)
    if who is None or who.member_id == member_id:
        return False
    same = (Touch.visitor == visitor) & (Touch.referrer == who.member_id)
    seen = Touch.select(Touch.id).where(same).first()
    return seen is not None and _count(int(seen.id), opened_at)


def _record(
    visitor: str, referrer_id: int, source: str, product_id: int | None, member_id: int | None
) -> tuple[int, bool]:
    """Add or renew a touch; returns its id, and True for the first touch of the two."""
    now = clock.now()
    same = (Touch.visitor == visitor) & (Touch.referrer == referrer_id)
    seen = Touch.select(Touch.id).where(same).first()
    is_first = seen is None and insert_once(
        Touch, visitor=visitor, referrer=referrer_id, member=member_id, source=source,
        product=product_id, first_at=now, last_at=now,
    )  # fmt: skip
    if is_first or seen is None:
        seen = Touch.select(Touch.id).where(same).get()
    if not is_first:
        # By id: a lock by any other key may lock neighbouring rows, too.
        values: dict[str, Any] = {
            "last_at": now, "visits": Touch.visits + 1, "source": source
        }  # fmt: skip
        if member_id is not None:
            values["member"] = member_id
        if product_id is not None:
            values["product"] = product_id
        Touch.update(**values).where(Touch.id == seen.id).execute()
    return int(seen.id), is_first


def _count(touch_id: int, opened_at: datetime) -> bool:
    """Count a visit of a touch once, under the lock of its row."""
    now = clock.now()
    [row] = lock_rows(Touch, [touch_id])
    if row.counted_at is not None and row.counted_at >= opened_at:
        return False
    Touch.update(counted_at=now).where(Touch.id == row.id).execute()
    midnight = clock.day_start(clock.business_day(now))
    is_visitor = row.counted_at is None or row.counted_at < midnight
    visitors = _add_to_day(row.referrer_id, now, is_visitor)
    if row.counted_at is None and visitors <= NOTIFIED_VISITORS_A_DAY:
        told = FirstVisit(product_id=row.product_id, visitors_today=visitors)
        notify(row.referrer_id, told)
    return True


def _add_to_day(referrer_id: int, now: datetime, is_visitor: bool) -> int:
    """Add a visit to the day's row; returns the day's visitors."""
    day = clock.business_day(now).isoformat()
    mine = (VisitDay.referrer == referrer_id) & (VisitDay.day == day)
    row = VisitDay.select(VisitDay.id).where(mine).first()
    if row is None:
        insert_once(VisitDay, referrer=referrer_id, day=day)
        row = VisitDay.get(mine)
    VisitDay.update(
        visits=VisitDay.visits + 1, visitors=VisitDay.visitors + int(is_visitor)
    ).where(VisitDay.id == row.id).execute()
    return int(VisitDay.get_by_id(row.id).visitors)
