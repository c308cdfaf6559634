"""What WeChat's answers about a standing authorisation mean for its grant (授权结果)."""

from __future__ import annotations

from datetime import timedelta

from domain import audit, payments
from domain.notices import notify, notify_owner
from domain.payments.ports import GrantResult, GrantState, Notification
from domain.payouts.grant_rows import (
    ACTIVE_EVERY,
    end_grant,
    locked_grant,
    member_of,
    schedule_grant_query,
    update_grant,
)
from domain.payouts.notices import GrantActive, GrantClosed, GrantDiffers
from domain.payouts.rules.states import GRANT_OPEN, next_grant_state
from kernel import clock
from kernel.errors import Invalid
from models import PayoutGrant

ANSWER_WITHIN = timedelta(days=1)  # WeChat waits this long for the person's confirmation


def receive_grant(result: GrantResult) -> str:
    """Book WeChat's report about an authorisation; returns the outcome.

    ``unknown``: no grant has the number. ``differs``: it contradicts our row; nothing is booked
    and the owner is notified. ``alive``: the grant has ended here but not at WeChat, where it is
    closed next. ``resend``: WeChat does not know the number. ``same``: nothing changed. Otherwise
    the grant's new state.
    """
    mine = PayoutGrant.out_authorization_no == result.out_authorization_no
    found = PayoutGrant.get_or_none(mine)
    if found is None:
        return "unknown"
    row = locked_grant(int(found.id))
    wrong = _difference(row, result)
    if wrong is not None:
        schedule_grant_query(row)
        audit.record_event("grant.differs", "payee", member_of(row), facts={"field": wrong})
        notify_owner(GrantDiffers(detail=row.out_authorization_no))
        return "differs"
    if row.state not in GRANT_OPEN:
        return _after_the_end(row, result)
    return _BY_STATE[result.state](row, result)


def receive_grant_notice(notice: Notification) -> str:
    """Store a verified notification, then book it like a query's answer (回调)."""
    result = notice.result
    if not isinstance(result, GrantResult):
        raise Invalid("notice_not_a_grant")
    if not payments.store_notice(notice):
        return "same"
    outcome = receive_grant(result)
    payments.record_notice_outcome(notice.id, outcome)
    return outcome


def end_refused_grant(grant_id: int, code: str) -> str:
    """End a grant that WeChat refused and, when queried, does not know; returns its state."""
    row = locked_grant(grant_id)
    return end_grant(row, "refuse", "wechat", code) if row.state == "asked" else str(row.state)


def record_unanswered_call(grant_id: int) -> None:
    """Record a call or query without an answer; the next query is scheduled later."""
    schedule_grant_query(locked_grant(grant_id))


def _difference(row: PayoutGrant, result: GrantResult) -> str | None:
    """The first field of WeChat's answer that contradicts our row, or None."""
    if result.state is GrantState.ABSENT:
        return None
    pairs = (
        ("openid", result.openid, row.openid),
        ("mchid", result.mchid, row.mchid),
        ("appid", result.appid, row.appid),
        ("scene", result.scene_id, row.scene),
        ("authorization", result.authorization_id, row.authorization_id),
    )
    return next((name for name, theirs, ours in pairs if theirs and ours and theirs != ours), None)


def _book_waiting(row: PayoutGrant, result: GrantResult) -> str:
    """The person has not confirmed yet. For an active grant this changes nothing."""
    if result.package_info and row.state == "asked":
        update_grant(row, package_info=result.package_info)
    schedule_grant_query(row)
    return "same"


def _book_active(row: PayoutGrant, result: GrantResult) -> str:
    """The person has confirmed. Without WeChat's authorisation id the grant is not usable yet."""
    if row.state == "active" or not result.authorization_id:
        schedule_grant_query(row)
        return "same"
    now = clock.now()
    state = next_grant_state("confirm", row.state)
    update_grant(row, state=state, authorization_id=result.authorization_id, package_info=None,
                 queries=0, active_at=result.authorized_at or now,
                 next_query_at=now + ACTIVE_EVERY)  # fmt: skip
    member_id = member_of(row)
    audit.record_event("grant.active", "payee", member_id, source="wechat",
                       facts={"number": row.out_authorization_no})  # fmt: skip
    notify(member_id, GrantActive())
    return state


def _book_ended(row: PayoutGrant, result: GrantResult) -> str:
    was_active = row.state == "active"
    event = "close" if was_active else "expire"
    state = end_grant(row, event, "wechat", result.close_reason or "CLOSED", is_over_there=True)
    if was_active:
        audit.record_event("grant.closed", "payee", member_of(row), source="wechat",
                           facts={"reason": result.close_reason})  # fmt: skip
        notify(member_of(row), GrantClosed())
    return state


def _absent(row: PayoutGrant, result: GrantResult) -> str:
    """WeChat does not know the number: an active grant ends, a new one is requested again."""
    if row.state == "active":
        return _book_ended(row, result)
    if clock.now() >= row.asked_at + ANSWER_WITHIN:
        return end_grant(row, "expire", "system", "ABSENT", is_over_there=True)
    schedule_grant_query(row)
    return "resend"


def _after_the_end(row: PayoutGrant, result: GrantResult) -> str:
    if result.state in (GrantState.CLOSED, GrantState.ABSENT):
        update_grant(row, next_query_at=None)
        return "same"
    schedule_grant_query(row)
    return "alive"


_BY_STATE = {
    GrantState.WAIT_USER_CONFIRM: _book_waiting,
    GrantState.TAKING_EFFECT: _book_active,
    GrantState.CLOSED: _book_ended,
    GrantState.ABSENT: _absent,
}
