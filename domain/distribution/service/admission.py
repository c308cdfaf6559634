"""Distributors' application, review, suspension, leaving, grade. Always free of charge."""

from __future__ import annotations

from typing import Any

from domain import audit, members, payouts, settings
from domain.distribution import notices
from domain.distribution.events import DistributorApplied
from domain.distribution.rules.states import DISTRIBUTOR, next_state
from domain.distribution.service import names
from domain.distribution.service.naming import display_name_columns
from domain.notices import notify
from kernel import clock, ids, typed
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.events import publish
from kernel.store import insert_once, lock_rows
from kernel.text import clean_line
from models import Distributor, Grade, Member

AGREEMENT = "distribution"
"""The purpose of the consent to the agreement."""


def apply_as_distributor(
    member_id: int, display_name: str, payee_type: str, terms_version: str
) -> str:
    """Apply to become a distributor, without fee or purchase (申请成为分销商); returns the state.

    With automatic admission the state is ``active`` at once. Raises Forbidden if distributors are
    appointed, Invalid for name, payee type or missing terms, Conflict('state_moved') for a
    distributor.
    """
    admission = settings.get(settings.Distribution).admission
    if admission == "appointed":
        raise Forbidden("admission_by_appointment")
    if not terms_version:
        raise Invalid("terms_not_accepted", "terms_version")
    payouts.check_type(payee_type)
    state = "active" if admission == "automatic" else "applied"
    now = clock.now()
    found = _distributor_row(member_id)
    values: dict[str, Any] = display_name_columns(display_name, found) | {
        "terms_version": terms_version,
        "applied_at": now, "state": state, "reason": None,
        "decided_at": now if state == "active" else None,
        "decided_by": "system" if state == "active" else None,
    }  # fmt: skip
    if found is None:
        _insert(member_id, values)
    else:
        next_state(DISTRIBUTOR, "apply_again", found.state)
        _change(found, values)
    payouts.set_payee_type(member_id, payee_type, f"member:{member_id}")
    audit.record("distributor.apply", "distributor", member_id, after={"state": state})
    publish(DistributorApplied(member_id))
    return state


def appoint_distributor(member_id: int, display_name: str, payee_type: str, actor: str) -> None:
    """Make a member a distributor (指定); they accept the terms before a payout.

    Raises NotFound('member_missing').
    """
    payouts.check_type(payee_type)
    now, found = clock.now(), _distributor_row(member_id)
    values: dict[str, Any] = display_name_columns(display_name, found) | {
        "state": "active", "decided_at": now, "decided_by": actor, "reason": None,
    }  # fmt: skip
    if found is None:
        _insert(member_id, values | {"terms_version": "", "applied_at": now})
    else:
        next_state(DISTRIBUTOR, "appoint", found.state)
        _change(found, values)
    payouts.set_payee_type(member_id, payee_type, actor)
    shown = {"display_name": values["display_name"], "payee_type": payee_type}
    audit.record("distributor.appoint", "distributor", member_id, after=shown, actor=actor)
    notify(member_id, notices.DistributorApproved())


def review_application(member_id: int, is_approved: bool, actor: str, reason: str = "") -> None:
    """Decide an application; a refusal needs a reason (审核)."""
    if not is_approved and not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(member_id, "approve" if is_approved else "reject", actor, reason)
    refused = notices.DistributorRejected(reason=reason)
    notify(member_id, notices.DistributorApproved() if is_approved else refused)


def suspend_distributor(member_id: int, actor: str, reason: str) -> None:
    """Suspend a distributor, who earns nothing new, and freeze their commission (暂停并冻结)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(member_id, "suspend", actor, reason)
    if not payouts.is_frozen(member_id):
        payouts.freeze_payee(member_id, actor, reason)
    notify(member_id, notices.DistributorSuspended(reason=reason))


def restore_distributor(member_id: int, actor: str, reason: str = "") -> None:
    """Lift a suspension and the freeze of the commission (恢复并解冻)."""
    _step(member_id, "restore", actor, reason)
    if payouts.is_frozen(member_id):
        payouts.lift_freeze(member_id, actor, reason, cause="restored")
    notify(member_id, notices.DistributorRestored(reason=reason))


def set_grade_and_payee_type(
    member_id: int, grade_id: int | None, payee_type: str, actor: str
) -> None:
    """Change a distributor's grade and payee type (等级与收款类型)."""
    if distributor_or_raise(member_id).grade_id != grade_id:
        set_grade(member_id, grade_id, actor)
    payouts.set_payee_type(member_id, payee_type, actor)


def leave_distribution(member_id: int) -> None:
    """Leave distribution; what was earned stays, what was noted of customers goes (退出)."""
    _step(member_id, "leave", f"member:{member_id}", "")
    names.forget_notes_of(member_id)


def leave_and_withdraw_consent(member_id: int) -> None:
    """Leave distribution and withdraw the consent to the agreement (退出)."""
    leave_distribution(member_id)
    members.withdraw_consent(member_id, AGREEMENT)


def sign_agreement(member_id: int, display_name: str, terms_version: str) -> None:
    """Set the display name and accept a version of the agreement (签署协议)."""
    set_display_name(member_id, display_name)
    accept_terms(member_id, terms_version)
    members.give_consent(member_id, AGREEMENT, terms_version)


def set_display_name(member_id: int, display_name: str) -> None:
    """Set the name on posters and links; it may need a review."""
    row = distributor_or_raise(member_id)
    _change(row, display_name_columns(display_name, row))


def accept_terms(member_id: int, terms_version: str) -> None:
    """Accept a version of the agreement (推广协议), which is needed before the first payout."""
    _change(distributor_or_raise(member_id), {"terms_version": terms_version})


def save_grade(name: str, position: int, actor: str, grade_id: int | None = None) -> int:
    """Add or change a grade (分销等级); returns its id.

    By design a grade has no field for the number of people recruited. Raises Invalid, NotFound,
    Conflict('grade_exists').
    """
    text = clean_line(name)
    if not 1 <= len(text) <= 20:
        raise Invalid("text_too_long", "name", limit=20)
    if grade_id is None:
        if not insert_once(Grade, name=text, position=position):
            raise Conflict("grade_exists", "name")
        grade_id = int(Grade.get(Grade.name == text).id)
    elif Grade.update(name=text, position=position).where(Grade.id == grade_id).execute() != 1:
        raise NotFound("grade_missing")
    audit.record("grade.save", "grade", grade_id, after=text, actor=actor)
    return grade_id


def set_grade(member_id: int, grade_id: int | None, actor: str) -> None:
    """Put a distributor into a grade, or none. Raises NotFound('grade_missing')."""
    row = distributor_or_raise(member_id)
    if grade_id is not None and Grade.get_or_none(Grade.id == grade_id) is None:
        raise NotFound("grade_missing")
    _change(row, {"grade": grade_id})
    audit.record("distributor.grade", "distributor", member_id,
                 before=row.grade_id, after=grade_id, actor=actor)  # fmt: skip


def distributor_or_raise(member_id: int) -> Distributor:
    """The member's distributor row. Raises NotFound('not_a_distributor')."""
    row = _distributor_row(member_id)
    if row is None:
        raise NotFound("not_a_distributor")
    return row


def lock_wallets(member_ids: set[int]) -> None:
    """Lock distributors' rows by id, before several balances are changed; prevents deadlocks."""
    found = Distributor.select(Distributor.id).where(Distributor.member.in_(member_ids))
    lock_rows(Distributor, [row.id for row in found])


def _distributor_row(member_id: int) -> Distributor | None:
    return Distributor.get_or_none(Distributor.member == member_id)


def _insert(member_id: int, values: dict[str, Any]) -> None:
    if Member.get_or_none(Member.id == member_id) is None:
        raise NotFound("member_missing")
    for _ in range(5):
        code = ids.random_code(8)
        if insert_once(Distributor, member=member_id, referral_code=code, **values):
            return
        if _distributor_row(member_id) is not None:
            raise Conflict("distributor_exists")
    raise Conflict("referral_code_taken")


def _change(row: Distributor, values: dict[str, Any]) -> None:
    """Update a row if its state is still the one that was read. Raises Conflict('state_moved')."""
    same = (Distributor.id == row.id) & (Distributor.state == row.state)
    if Distributor.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved")


def _step(member_id: int, event: str, actor: str, reason: str) -> None:
    row = distributor_or_raise(member_id)
    state = next_state(DISTRIBUTOR, event, row.state)
    values = {"state": state, "decided_at": clock.now(), "decided_by": actor[:64],
              "reason": typed.words(reason, 200, "reason") or None}  # fmt: skip
    _change(row, values)
    audit.record(f"distributor.{event}", "distributor", member_id, before={"state": row.state},
                 after={"state": state, "reason": reason}, actor=actor)  # fmt: skip
