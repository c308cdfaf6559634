"""Who may share and earn: application, review, suspension, leaving. Free of charge, always."""

from __future__ import annotations

from typing import Any

from domain import audit, settings
from domain.distribution.rules.states import DISTRIBUTOR, after
from domain.members import tidy
from domain.outbox import tell
from kernel import clock, ids
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.store import insert_once, lock_rows
from models import Distributor, Grade

PAYEE_TYPES = ("employee", "individual", "sole_trader", "company")
NAME_LENGTH = (2, 20)


def apply(member_id: int, display_name: str, payee_type: str, terms_version: str) -> str:
    """Any member may apply, without fee or purchase (申请成为分销商). Answers the state.

    Automatic admission makes them active at once; appointed distributors can't apply.
    Raises Invalid for name, payee type or missing terms; Conflict if they are one already.
    """
    admission = settings.get(settings.Distribution).admission
    if admission == "appointed":
        raise Forbidden("admission_by_appointment")
    if not terms_version:
        raise Invalid("terms_not_accepted", "terms_version")
    name = _checked_name(display_name)
    _checked_payee(payee_type)
    state = "active" if admission == "automatic" else "applied"
    now = clock.now()
    values: dict[str, Any] = {
        "display_name": name, "payee_type": payee_type, "terms_version": terms_version,
        "applied_at": now, "state": state, "reason": None,
        "decided_at": now if state == "active" else None,
        "decided_by": "system" if state == "active" else None,
    }  # fmt: skip
    found = _row(member_id)
    if found is None:
        _insert(member_id, values)
    else:
        after(DISTRIBUTOR, "apply_again", found.state)
        _change(found, values)
    audit.record("distributor.apply", "distributor", member_id, after={"state": state})
    return state


def appoint(member_id: int, display_name: str, payee_type: str, actor: str) -> None:
    """The merchant makes a member a distributor (指定); they accept the terms before a payout."""
    name = _checked_name(display_name)
    _checked_payee(payee_type)
    now = clock.now()
    values: dict[str, Any] = {
        "display_name": name, "payee_type": payee_type, "state": "active", "decided_at": now,
        "decided_by": actor, "reason": None,
    }  # fmt: skip
    found = _row(member_id)
    if found is None:
        _insert(member_id, values | {"terms_version": "", "applied_at": now})
    else:
        after(DISTRIBUTOR, "appoint", found.state)
        _change(found, values)
    audit.record("distributor.appoint", "distributor", member_id, after=_plain(values),
                 actor=actor)  # fmt: skip
    tell(member_id, "distributor_approved")


def review(member_id: int, is_approved: bool, actor: str, reason: str = "") -> None:
    """An application is decided, a refusal with its reason (审核)."""
    if not is_approved and not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(member_id, "approve" if is_approved else "reject", actor, reason)
    tell(member_id, "distributor_approved" if is_approved else "distributor_rejected",
         reason=reason)  # fmt: skip


def suspend(member_id: int, actor: str, reason: str) -> None:
    """A suspended distributor keeps the balance and earns nothing new (暂停)."""
    if not reason.strip():
        raise Invalid("reason_missing", "reason")
    _step(member_id, "suspend", actor, reason)
    tell(member_id, "distributor_suspended", reason=reason)


def restore(member_id: int, actor: str, reason: str = "") -> None:
    """A suspension ends (恢复)."""
    _step(member_id, "restore", actor, reason)
    tell(member_id, "distributor_restored", reason=reason)


def leave(member_id: int) -> None:
    """A distributor leaves when they like; what was earned stays theirs (退出)."""
    _step(member_id, "leave", f"member:{member_id}", "")


def rename(member_id: int, display_name: str) -> None:
    """A distributor chooses the name on posters and links."""
    row = must(member_id)
    _change(row, {"display_name": _checked_name(display_name)})


def accept_terms(member_id: int, terms_version: str) -> None:
    """A distributor accepts a version of the agreement (推广协议), before the first payout."""
    _change(must(member_id), {"terms_version": terms_version})


def set_payee_type(member_id: int, payee_type: str, actor: str) -> None:
    """Who is paid decides agreement, tax and invoice (收款主体). The identity is asked anew."""
    row = must(member_id)
    _checked_payee(payee_type)
    if payee_type == row.payee_type:
        return
    _change(row, {"payee_type": payee_type, "sealed_identity": None, "identity_masked": None,
                  "identity_at": None})  # fmt: skip
    audit.record("distributor.payee_type", "distributor", member_id,
                 before=row.payee_type, after=payee_type, actor=actor)  # fmt: skip


def save_grade(name: str, position: int, actor: str, grade_id: int | None = None) -> int:
    """A grade (分销等级). There is no field to tie it to people recruited."""
    text = tidy(name)
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
    """The merchant puts a distributor into a grade."""
    row = must(member_id)
    if grade_id is not None and Grade.get_or_none(Grade.id == grade_id) is None:
        raise NotFound("grade_missing")
    _change(row, {"grade": grade_id})
    audit.record("distributor.grade", "distributor", member_id,
                 before=row.grade_id, after=grade_id, actor=actor)  # fmt: skip


def must(member_id: int) -> Distributor:
    """The member's distributor row. Raises NotFound('not_a_distributor')."""
    row = _row(member_id)
    if row is None:
        raise NotFound("not_a_distributor")
    return row


def lock_wallets(member_ids: set[int]) -> None:
    """Whoever changes several balances of distributors first locks their rows, in id order."""
    found = Distributor.select(Distributor.id).where(Distributor.member.in_(member_ids))
    lock_rows(Distributor, [row.id for row in found])


def _row(member_id: int) -> Distributor | None:
    return Distributor.get_or_none(Distributor.member == member_id)


def _insert(member_id: int, values: dict[str, Any]) -> None:
    for _ in range(5):
        code = ids.random_code(8)
        if insert_once(Distributor, member=member_id, referral_code=code, **values):
            return
        if _row(member_id) is not None:
            raise Conflict("distributor_exists")
    raise Conflict("referral_code_taken")


def _change(row: Distributor, values: dict[str, Any]) -> None:
    """Write values unless the row's state moved meanwhile."""
    same = (Distributor.id == row.id) & (Distributor.state == row.state)
    if Distributor.update(**values).where(same).execute() != 1:
        raise Conflict("state_moved")


def _step(member_id: int, event: str, actor: str, reason: str) -> None:
    row = must(member_id)
    state = after(DISTRIBUTOR, event, row.state)
    values = {"state": state, "decided_at": clock.now(), "decided_by": actor[:64],
              "reason": reason.strip()[:200] or None}  # fmt: skip
    _change(row, values)
    audit.record(f"distributor.{event}", "distributor", member_id, before={"state": row.state},
                 after={"state": state, "reason": reason}, actor=actor)  # fmt: skip


def _checked_name(name: str) -> str:
    text = tidy(name)
    least, most = NAME_LENGTH
    if not least <= len(text) <= most:
        raise Invalid("display_name_length", "display_name", least=least, most=most)
    return text


def _checked_payee(payee_type: str) -> None:
    if payee_type not in PAYEE_TYPES:
        raise Invalid("payee_type_unknown", "payee_type")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: values[k] for k in ("display_name", "payee_type", "state")}
