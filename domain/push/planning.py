"""The ways by which a notice can reach a member, read when it is sent (服务通知)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import domain.aftersales
import domain.approvals
import domain.distribution
import domain.gifts
import domain.invitations
import domain.pickups
import domain.refusals
import domain.rights
import domain.service_desk
import domain.staff
import domain.warehouse  # noqa: F401 - importing a package declares its notices
from domain import members, notices
from domain.notices import MemberNotice, Notice, Occasion, ResolvedNotice
from domain.push.audience import people_of
from domain.push.campaigns import limits_now, quiet_now
from domain.push.rules import why_person_excluded
from domain.push.templates import grants_of, template_for
from domain.push.views import TemplateView
from kernel import clock
from kernel.store import insert_once, lock_rows
from models import PromotionNotice, PushCampaign


@dataclass(frozen=True)
class NoticePlan:
    """The ways to a member, in order: open window, template, granted subscription notice.

    ``campaign_begins_at`` is the end of the quiet hours for a notice that need not arrive at
    night.
    """

    member_id: int
    openid: str
    has_window: bool
    template: TemplateView | None
    granted: TemplateView | None
    resolved: ResolvedNotice
    waits_until: datetime | None
    is_promotion: bool


def plan_notice(member_id: int, purpose: str, facts: dict[str, object]) -> NoticePlan | None:
    """How a member can be notified, with all facts.

    None for a member who does not follow, for whom the notice is no longer due, or who may not get
    this promotion. Raises Invalid('notice_unknown', 'notice_lacks').
    """
    notice = notices.read_notice(purpose, facts)
    who = members.identity(member_id)
    if who is None or not who.is_following or not _may_get(member_id, notice):
        return None
    occasion = notice.OCCASION
    return NoticePlan(
        member_id=member_id,
        openid=who.openid,
        has_window=who.has_window(clock.now()),
        template=template_for(occasion) if occasion else None,
        granted=_granted(member_id, occasion) if occasion else None,
        resolved=notices.resolve_notice(notice),
        waits_until=None if notice.AT_ONCE else quiet_now(),
        is_promotion=notice.IS_PROMOTION,
    )


def count_promotion(member_id: int, purpose: str, key: str) -> bool:
    """Count a promotional notice in the member's weekly cap, before it is sent; once per key.

    False if the cap is reached meanwhile. Running promotions are locked: they share the cap.
    """
    sending = PushCampaign.select(PushCampaign.id).where(
        (PushCampaign.state == "sending") & (PushCampaign.is_promotion == True)  # noqa: E712
    )
    lock_rows(PushCampaign, {int(each.id) for each in sending})
    if PromotionNotice.select().where(PromotionNotice.key == key).exists():
        return True
    person = people_of([member_id], is_promotion=True)[member_id]
    if person.sent_this_week >= limits_now().weekly_cap:
        return False
    return insert_once(PromotionNotice, member=member_id, key=key, purpose=purpose, at=clock.now())


def uncount_promotion(key: str) -> None:
    """Take a promotional notice out of the weekly cap that was certainly not sent."""
    PromotionNotice.delete().where(PromotionNotice.key == key).execute()


def _may_get(member_id: int, notice: Notice) -> bool:
    if isinstance(notice, MemberNotice) and not notice.is_still_due(member_id):
        return False
    if not notice.IS_PROMOTION:
        return True
    person = people_of([member_id], is_promotion=True)[member_id]
    now = clock.now()
    reason = why_person_excluded("service", person, limits_now(), is_promotion=True, now=now)
    return reason in (None, "window_closed")


def _granted(member_id: int, occasion: Occasion) -> TemplateView | None:
    """The subscription notice chosen for an occasion, if the member has a grant left; or None."""
    chosen = template_for(occasion, "subscription")
    has_grant = chosen is not None and grants_of(member_id).get(chosen.template_id, 0) > 0
    return chosen if has_grant else None
