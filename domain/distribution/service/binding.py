"""Bindings: one row a member, changed under locks, every change logged (绑定)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain import approvals, audit, settings
from domain.distribution import statements
from domain.distribution.notices import NewCustomer
from domain.distribution.rules.binding import (
    BindingFacts,
    Candidate,
    Cause,
    Policy,
    binding_until,
    why_not_bound,
)
from domain.distribution.service import names
from domain.distribution.views import BindResult
from domain.notices import notify
from kernel import clock, context
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once, insert_row, lock_row
from models import Binding, BindingLog, Member, ReferralTree

TREE = 1
MAX_CHAIN = 10_000
_REPEAT = timedelta(days=1)


def current_policy() -> Policy:
    """The merchant's present policy."""
    chosen = settings.get(settings.BindingPolicy)
    return Policy(chosen.kind, chosen.days, chosen.protect_days)


def bind(
    member_id: int,
    referrer_id: int,
    *,
    cause: Cause,
    is_new: bool = False,
    facts: dict[str, Any] | None = None,
) -> BindResult:
    """Bind a member to a distributor if the policy allows; refusals are logged, too."""
    policy, now = current_policy(), clock.now()
    if referrer_id == member_id:
        return BindResult(_binding_facts(member_id).upline_id, False, "oneself")
    row = _locked(member_id, referrer_id)
    bond = _facts_of_row(row)
    other = Candidate(
        referrer_id, _is_active(referrer_id), is_above(member_id, descendant_id=referrer_id)
    )
    why_not = why_not_bound(policy, member_id, bond, other, is_new=is_new, now=now)
    if why_not is not None:
        if why_not != "already":
            _log_refusal(row, referrer_id, policy.kind, why_not, facts)
        return BindResult(bond.upline_id if bond.is_valid(now) else None, False, why_not)
    _set_upline(row, referrer_id, policy, cause, facts)
    notify(referrer_id, NewCustomer(customer_id=member_id, cause=cause))
    return BindResult(referrer_id, True)


def move_upline(member_id: int, to_member_id: int | None, actor: str, reason: str) -> None:
    """Move a customer to another distributor, or to none, with a reason (改绑).

    Raises Invalid('binding_refused', why=…) for oneself, a descendant or an inactive distributor,
    LimitReached('second_person') above the day's ceiling.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    if Member.get_or_none(Member.id == member_id) is None:
        raise NotFound("member_missing")
    lock_tree()
    if to_member_id == member_id:
        raise Invalid("binding_refused", why="oneself")
    row = _locked(member_id, to_member_id)
    if to_member_id is not None:
        if not _is_active(to_member_id):
            raise Invalid("binding_refused", why="suspended")
        if is_above(member_id, descendant_id=to_member_id):
            raise Invalid("binding_refused", why="descendant")
    approvals.count_against_ceilings(approvals.Use("rebinding"), actor)
    _set_upline(row, to_member_id, current_policy(), "merchant", {"reason": reason}, actor)
    ReferralTree.update(moves=ReferralTree.moves + 1).where(ReferralTree.id == TREE).execute()
    audit.record("binding.move", "member", member_id, before={"upline": row.p1_id},
                 after={"upline": to_member_id, "reason": reason}, actor=actor)  # fmt: skip


def chain_of(member_id: int, now: datetime) -> list[int]:
    """The people above a member by bindings valid now, nearest first, at most three."""
    chain: list[int] = []
    while len(chain) < 3:
        bond = _binding_facts(chain[-1] if chain else member_id)
        if not bond.is_valid(now) or bond.upline_id is None:
            break
        chain.append(bond.upline_id)
    return chain


def is_above(member_id: int, *, descendant_id: int) -> bool:
    """True if ``descendant_id`` is anywhere below the member; ended bindings count here."""
    at: int | None = descendant_id
    for _ in range(MAX_CHAIN):
        row = statements.binding.first(at)
        if row is None or row.p1_id is None:
            return False
        if member_id in (row.p1_id, row.p2_id, row.p3_id):
            return True
        at = row.p3_id
        if at is None:
            return False
    raise Conflict("referral_tree_broken")


def lock_tree() -> None:
    """Lock the tree's one row, before all others, where a cycle could close (推荐树锁)."""
    if ReferralTree.get_or_none(ReferralTree.id == TREE) is None:
        insert_once(ReferralTree, id=TREE)
    lock_row(ReferralTree, TREE)


def _locked(member_id: int, upline_id: int | None) -> Any:
    """The member's row, with both rows locked, and the tree if the member has customers.

    A member without customers can't close a cycle, and can't get any while the row is locked.
    """
    if _has_customers(member_id):
        lock_tree()
    people = [member_id] if upline_id is None else [member_id, upline_id]
    ids = [_row_of(person).id for person in people]
    rows = {row.id: row for row in statements.bindings_to_change.all(sorted(ids))}
    if _has_customers(member_id):
        lock_tree()  # a customer came meanwhile; crossing moves deadlock and one is retried
    return rows[ids[0]]


def _set_upline(
    row: Any,
    upline_id: int | None,
    policy: Policy,
    cause: Cause,
    facts: dict[str, Any] | None,
    actor: str | None = None,
) -> None:
    now = clock.now()
    above = _row_of(upline_id) if upline_id is not None else None
    p2 = above.p1_id if above else None
    p3 = above.p2_id if above else None
    expires, protected = binding_until(policy, now) if upline_id else (None, None)
    if not statements.move_binding.run(
        row.id, row.version, upline_id, p2, p3, now, expires, protected
    ):
        raise Conflict("binding_moved")
    if row.p1_id is not None:
        names.forget_customer(row.member_id, row.p1_id)
    statements.move_children.run(row.member_id, upline_id, p2)
    statements.move_grandchildren.run(row.member_id, upline_id)
    insert_row(
        BindingLog, member=row.member_id, from_member=row.p1_id, to_member=upline_id,
        cause=cause, policy=policy.kind, actor=(actor or context.actor.get())[:64], facts=facts,
        at=now,
    )  # fmt: skip


def _log_refusal(
    row: Any, referrer_id: int, policy: str, why: str, facts: dict[str, Any] | None
) -> None:
    """Log a refusal, once a day for the same reason."""
    now = clock.now()
    same = (
        (BindingLog.member == row.member_id) & (BindingLog.to_member == referrer_id)
        & (BindingLog.refusal == why) & (BindingLog.at > now - _REPEAT)
    )  # fmt: skip
    if BindingLog.select().where(same).exists():
        return
    BindingLog.insert(
        member=row.member_id, from_member=row.p1_id, to_member=referrer_id, cause="refused",
        refusal=why, policy=policy, actor=context.actor.get()[:64], facts=facts, at=now,
    ).execute()  # fmt: skip


def _row_of(member_id: int) -> Any:
    found = statements.binding.first(member_id)
    if found is None:
        insert_once(Binding, member=member_id)
        found = statements.binding.first(member_id)
    return found


def _has_customers(member_id: int) -> bool:
    return statements.one_customer.first(member_id) is not None


def _binding_facts(member_id: int) -> BindingFacts:
    return _facts_of_row(statements.binding.first(member_id))


def _facts_of_row(row: Any) -> BindingFacts:
    return (
        BindingFacts()
        if row is None
        else BindingFacts(row.p1_id, row.expires_at, row.protected_until)
    )


def _is_active(member_id: int) -> bool:
    row = statements.distributor_state.first(member_id)
    return row is not None and row.state == "active"
