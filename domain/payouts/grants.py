"""Standing authorisations to be paid without confirming each transfer (免确认收款授权).

See "Without confirming" in ``docs/algorithms/withdrawal.md``. WeChat's report about a number
decides its state (``grant_answers``). A grant closed here is never used again, whatever WeChat
reports.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import audit, members
from domain.payments import query_delay
from domain.payments.ports import GrantRequest
from domain.payouts.brakes import are_grants_offered
from domain.payouts.grant_rows import end_grant, member_of
from domain.payouts.payees import payee_of, payee_or_raise, why_not_payable
from domain.payouts.rules.states import GRANT_OPEN
from domain.payouts.sending import PayoutTerms
from domain.payouts.views import GrantView
from kernel import clock, ids
from kernel.errors import Conflict, Invalid, LimitReached, NotFound
from kernel.store import insert_once, lock_row
from models import Payee, PayoutGrant

ASKS_A_DAY = 5
QUERY_INTERVAL = timedelta(seconds=3)


def make_grant(member_id: int, terms: PayoutTerms) -> int:
    """Make a grant for a person who wants no more confirming; returns its id (开启免确认).

    Its number is written before WeChat is called; an open grant is returned again. Raises
    NotFound('payee_missing'), Invalid('openid_missing'), Conflict('grant_not_offered'),
    LimitReached('grant_too_often') and, as Conflict, what prevents any payout.
    """
    payee = _locked_payee(member_id)
    if not are_grants_offered() or payee.type == "employee":
        raise Conflict("grant_not_offered")
    problem = why_not_payable(payee)
    if problem is not None:
        raise Conflict(problem.code, **problem.facts)
    who = members.identity(member_id)
    if who is None:
        raise Invalid("openid_missing")
    found = PayoutGrant.get_or_none(PayoutGrant.open_key == _key(payee, terms))
    if found is not None and found.openid == who.openid:
        return int(found.id)
    if found is not None:
        end_grant(found, "close", "system", "other_openid")
    _check_daily_limit(payee)
    number = ids.out_number("GA")
    request = {
        "display_name": members.numbered_name(str(member_id)),
        "notify_url": terms.grant_notify_url, "user_recv_perception": terms.perception,
    }  # fmt: skip
    insert_once(
        PayoutGrant, payee=payee.id, mchid=terms.mchid, appid=terms.appid, scene=terms.scene_id,
        openid=who.openid, out_authorization_no=number, open_key=_key(payee, terms),
        request=request, asked_at=clock.now(), next_query_at=clock.now() + query_delay(0),
    )  # fmt: skip
    row = PayoutGrant.get(PayoutGrant.open_key == _key(payee, terms))
    audit.record("grant.ask", "payee", member_id, after={"number": row.out_authorization_no})
    return int(row.id)


def end_grant_of_member(member_id: int, terms: PayoutTerms, actor: str) -> int:
    """Close a person's grant; payouts are confirmed again (关闭免确认).

    Raises Conflict('grant_absent').
    """
    payee = _locked_payee(member_id)
    row = PayoutGrant.get_or_none(PayoutGrant.open_key == _key(payee, terms))
    if row is None:
        raise Conflict("grant_absent")
    end_grant(row, "close", actor, "closed_here")
    audit.record("grant.close", "payee", member_id, actor=actor,
                 after={"number": row.out_authorization_no})  # fmt: skip
    return int(row.id)


def stored_grant_request(grant_id: int) -> GrantRequest | None:
    """The request to WeChat, always the same; None unless WeChat's answer is missing."""
    row = PayoutGrant.get_by_id(grant_id)
    if row.state != "asked" or row.package_info:
        return None
    return GrantRequest(row.out_authorization_no, row.openid, row.scene, **row.request)


def usable_grant(payee: Payee, terms: PayoutTerms, openid: str | None) -> PayoutGrant | None:
    """The active grant under which this person may be paid now, or None."""
    row: PayoutGrant | None = PayoutGrant.get_or_none(PayoutGrant.open_key == _key(payee, terms))
    if row is None or row.state != "active" or not row.authorization_id:
        return None
    return row if row.openid == openid else None


def grant_of(member_id: int) -> GrantView | None:
    """A person's newest grant, or None."""
    payee = payee_of(member_id)
    if payee is None:
        return None
    mine = PayoutGrant.select().where(PayoutGrant.payee == payee.id)
    row = mine.order_by(PayoutGrant.id.desc()).first()
    return None if row is None else _view(row, member_id)


def grant(grant_id: int) -> GrantView:
    """One grant. Raises NotFound('grant_missing')."""
    row = PayoutGrant.get_or_none(PayoutGrant.id == grant_id)
    if row is None:
        raise NotFound("grant_missing")
    return _view(row, member_of(row))


def grant_id_by_authorization(authorization_id: str) -> int | None:
    """The id of the grant with WeChat's authorisation id, or None."""
    row = PayoutGrant.get_or_none(PayoutGrant.authorization_id == authorization_id)
    return None if row is None else int(row.id)


def claim_grant_query(grant_id: int) -> bool:
    """True for the first caller within three seconds of system time, who may query WeChat."""
    now = clock.system_now()
    old = PayoutGrant.looked_at.is_null() | (PayoutGrant.looked_at < now - QUERY_INTERVAL)
    mine = (PayoutGrant.id == grant_id) & PayoutGrant.state.in_(GRANT_OPEN)
    return bool(PayoutGrant.update(looked_at=now).where(mine & old).execute() == 1)


def due_grants(limit: int = 50) -> list[int]:
    """Grants that are to be queried at WeChat, or closed there."""
    rows = (
        PayoutGrant.select(PayoutGrant.id)
        .where(PayoutGrant.next_query_at <= clock.now())
        .order_by(PayoutGrant.next_query_at)
        .limit(limit)
    )
    return [int(row.id) for row in rows]


def _check_daily_limit(payee: Payee) -> None:
    """Limit the requests of a person to five a day. Raises LimitReached('grant_too_often')."""
    midnight = clock.day_start(clock.business_day(clock.now()))
    today = (PayoutGrant.payee == payee.id) & (PayoutGrant.asked_at >= midnight)
    if PayoutGrant.select().where(today).count() >= ASKS_A_DAY:
        raise LimitReached("grant_too_often", limit=ASKS_A_DAY)


def _key(payee: Payee, terms: PayoutTerms) -> str:
    return f"{payee.id}:{terms.mchid}:{terms.appid}:{terms.scene_id}"


def _locked_payee(member_id: int) -> Payee:
    row = lock_row(Payee, int(payee_or_raise(member_id).id))
    assert row is not None  # payees are never deleted
    return row


def _view(row: Any, member_id: int) -> GrantView:
    return GrantView(
        row.id, member_id, row.state, row.out_authorization_no, row.package_info, row.asked_at,
        row.active_at, row.ended_at, row.end_reason, row.ended_by,
    )  # fmt: skip
