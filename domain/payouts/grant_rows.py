"""Rows of grants: locked after their payee, changed, ended (授权记录)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import audit
from domain.notices import notify
from domain.payments import query_delay
from domain.payouts.notices import GrantClosed
from domain.payouts.rules.states import GRANT_OPEN, next_grant_state
from kernel import clock
from kernel.errors import NotFound
from kernel.store import lock_row
from models import Payee, PayoutGrant

ACTIVE_EVERY = timedelta(days=1)  # a person may end it in WeChat, and the notification may be lost


def locked_grant(grant_id: int) -> PayoutGrant:
    """Lock a grant after its payee, in the gate's order. Raises NotFound('grant_missing')."""
    found = PayoutGrant.get_or_none(PayoutGrant.id == grant_id)
    if found is None:
        raise NotFound("grant_missing")
    lock_row(Payee, int(found.payee_id))
    row = lock_row(PayoutGrant, grant_id)
    assert row is not None  # grants are never deleted
    return row


def member_of(row: PayoutGrant) -> int:
    """The member who gave the grant."""
    return int(Payee.get_by_id(row.payee_id).owner_id)


def end_grant(
    row: PayoutGrant, event: str, actor: str, reason: str, *, is_over_there: bool = False
) -> str:
    """End a grant here; unless ``is_over_there``, the job tells WeChat until it answers CLOSED."""
    state = next_grant_state(event, row.state)
    now = clock.now()
    update_grant(
        row,
        state=state,
        open_key=None,
        package_info=None,
        ended_at=now,
        ended_by=actor[:64],
        end_reason=reason[:60],
        queries=0,
        next_query_at=None if is_over_there else now,
    )
    return state


def end_grants_of_payee(payee: Payee, actor: str, cause: str) -> None:
    """End a payee's open grants, because their basis changed, and notify the person.

    The job closes them at WeChat. The caller has locked the payee.
    """
    mine = (PayoutGrant.payee == payee.id) & PayoutGrant.state.in_(GRANT_OPEN)
    for row in list(PayoutGrant.select().where(mine).order_by(PayoutGrant.id)):
        was_active = row.state == "active"
        end_grant(row, "close", actor, cause)
        audit.record("grant.close", "payee", int(payee.owner_id), actor=actor,
                     after={"number": row.out_authorization_no, "cause": cause})  # fmt: skip
        if was_active:
            notify(int(payee.owner_id), GrantClosed(cause=cause))


def schedule_grant_query(row: PayoutGrant) -> None:
    """Set the time of a grant's next query: daily while active, else after a growing pause."""
    pause = ACTIVE_EVERY if row.state == "active" else query_delay(row.queries)
    update_grant(row, queries=row.queries + 1, next_query_at=clock.now() + pause)


def update_grant(row: PayoutGrant, **values: Any) -> None:
    """Update columns of a locked grant, in the table and on ``row``."""
    PayoutGrant.update(**values).where(PayoutGrant.id == row.id).execute()
    for name, value in values.items():
        setattr(row, name, value)
