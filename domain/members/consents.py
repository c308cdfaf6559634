"""Consents by purpose and version; each can be withdrawn (授权同意)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from domain.members import statements
from kernel import clock
from kernel.store import insert_once
from models import Consent

NO_PROFILING = "no_profiling"
"""The purpose of an objection to being chosen by behaviour (不使用个性化推荐)."""


def give_consent(member_id: int, purpose: str, version: str) -> None:
    """Record a member's consent; after a withdrawal it counts from now."""
    now = clock.now()
    values = {"member": member_id, "purpose": purpose, "version": version}
    if insert_once(Consent, given_at=now, **values):
        return
    withdrawn = _one(member_id, purpose) & Consent.withdrawn_at.is_null(False)
    Consent.update(given_at=now, withdrawn_at=None).where(
        withdrawn & (Consent.version == version)
    ).execute()


def withdraw_consent(member_id: int, purpose: str) -> None:
    """Withdraw all consents of a member to a purpose."""
    open_ones = _one(member_id, purpose) & Consent.withdrawn_at.is_null()
    Consent.update(withdrawn_at=clock.now()).where(open_ones).execute()


def agreed_versions(member_id: int, purpose: str) -> list[str]:
    """The versions of a purpose's text to which a member agrees now."""
    rows = statements.consents.all(member_id, purpose)
    return [row.version for row in rows if row.withdrawn_at is None]


class ConsentRow(NamedTuple):
    """A consent to one version of a purpose's text, and its withdrawal."""

    version: str
    given_at: datetime
    withdrawn_at: datetime | None


def consent_rows(member_id: int, purpose: str) -> list[ConsentRow]:
    """All consents of a member to a purpose, withdrawn ones too."""
    rows = statements.consents.all(member_id, purpose)
    return [ConsentRow(row.version, row.given_at, row.withdrawn_at) for row in rows]


def consent_given_at(member_id: int, purpose: str) -> datetime | None:
    """Since when the member's consent to a purpose holds; None if it was not given or ended."""
    holds = _one(member_id, purpose) & Consent.withdrawn_at.is_null()
    row = Consent.select(Consent.given_at).where(holds).order_by(Consent.id.desc()).first()
    return None if row is None else row.given_at


def consenting(member_ids: Iterable[int], purpose: str) -> set[int]:
    """Those of these members whose consent to a purpose holds."""
    chosen = Consent.member.in_(list(member_ids)) & (Consent.purpose == purpose)
    rows = Consent.select(Consent.member).where(chosen & Consent.withdrawn_at.is_null())
    return {int(row.member_id) for row in rows}


def _one(member_id: int, purpose: str) -> Any:
    return (Consent.member == member_id) & (Consent.purpose == purpose)
