"""The ways by which a notice can reach a member, read when it is sent (服务通知)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import domain.aftersales
import domain.approvals
import domain.distribution
import domain.refusals
import domain.service_desk
import domain.staff  # noqa: F401 - importing a package declares its notices
from domain import members, notices
from domain.notices import Occasion, ResolvedNotice
from domain.push.campaigns import quiet_now
from domain.push.templates import grants_of, template_for
from domain.push.views import TemplateView
from kernel import clock


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


def plan_notice(member_id: int, purpose: str, facts: dict[str, object]) -> NoticePlan | None:
    """How a member can be notified, with all facts; None for a member who does not follow.

    Raises Invalid('notice_unknown', 'notice_lacks').
    """
    notice = notices.read_notice(purpose, facts)
    who = members.identity(member_id)
    if who is None or not who.is_following:
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
    )


def _granted(member_id: int, occasion: Occasion) -> TemplateView | None:
    """The subscription notice chosen for an occasion, if the member has a grant left; or None."""
    chosen = template_for(occasion, "subscription")
    has_grant = chosen is not None and grants_of(member_id).get(chosen.template_id, 0) > 0
    return chosen if has_grant else None
