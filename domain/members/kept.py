"""Sealed copies that law requires of a deleted person, each with its own key (法定留存)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from domain import audit, settings
from kernel import clock
from kernel.crypto import seal, unseal, vault
from kernel.erasure import Ground
from models import KeptRecord

YEAR = timedelta(days=365)


class RightsTimes(settings.Switches):
    """How long a deletion waits, and what is kept after it (个人信息时限)."""

    KEY: ClassVar[str] = "rights"
    cooling_days: int = Field(default=7, ge=0, le=30)
    """Days in which a deletion may be taken back."""
    file_days: int = Field(default=7, ge=1, le=30)
    """Days for which a member's own data lies as a file."""
    order_years: int = Field(default=3, ge=3, le=10)
    """Years after its end for which an order's delivery address is kept sealed."""
    tax_years: int = Field(default=10, ge=5, le=30)
    """Years for which the identity of a taxed person is kept sealed."""


def rights_times() -> RightsTimes:
    """The present settings."""
    return settings.get(RightsTimes)


def keep_sealed(
    member_id: int, subject: str, subject_id: int, ground: Ground, text: str, until: datetime
) -> None:
    """Keep a text sealed under a key of its own until a day; an earlier copy is replaced."""
    owner = _owner(subject, subject_id)
    wrapped = vault().new_data_key(owner)
    sealed = seal(vault().open_data_key(wrapped, owner), text.encode(), owner)
    same = (KeptRecord.subject == subject) & (KeptRecord.subject_id == subject_id)
    KeptRecord.delete().where(same).execute()
    KeptRecord.insert(
        member=member_id, subject=subject, subject_id=subject_id, ground=ground,
        wrapped_key=wrapped, sealed=sealed, made_at=clock.now(), until_at=until,
    ).execute()  # fmt: skip


@dataclass(frozen=True)
class KeptText:
    """A sealed copy, opened."""

    subject: str
    subject_id: int
    ground: Ground
    text: str
    until_at: datetime


def reveal_kept(member_id: int, actor: str) -> list[KeptText]:
    """Open the sealed copies of a deleted member; each look is on record (查看法定留存)."""
    rows = KeptRecord.select().where(KeptRecord.member == member_id).order_by(KeptRecord.id)
    audit.record("kept.seen", "member", member_id, actor=actor, after={"rows": len(rows)})
    return [
        KeptText(row.subject, row.subject_id, row.ground, _opened(row), row.until_at)
        for row in rows
    ]


def _opened(row: Any) -> str:
    owner = _owner(row.subject, row.subject_id)
    return unseal(vault().open_data_key(row.wrapped_key, owner), row.sealed, owner).decode()


def forget_kept(limit: int = 500) -> int:
    """Delete the copies and keys whose day has come; returns how many."""
    due = KeptRecord.select(KeptRecord.id).where(KeptRecord.until_at <= clock.now()).limit(limit)
    ids = [row.id for row in due]
    return int(KeptRecord.delete().where(KeptRecord.id.in_(ids)).execute()) if ids else 0


def rewrap_kept(after_id: int = 0, limit: int = 500) -> tuple[int, int, int]:
    """Wrap the keys of sealed copies with the installation's new secret (轮换).

    Returns the last row looked at (0 if none was left), how many were looked at, and how many
    keys were rewrapped.
    """
    rows = list(
        KeptRecord.select().where(KeptRecord.id > after_id).order_by(KeptRecord.id).limit(limit)
    )
    done = 0
    for row in rows:
        wrapped = vault().rewrap(row.wrapped_key, _owner(row.subject, row.subject_id))
        if wrapped is not None:
            KeptRecord.update(wrapped_key=wrapped).where(KeptRecord.id == row.id).execute()
            done += 1
    return (int(rows[-1].id) if rows else 0), len(rows), done


def _owner(subject: str, subject_id: int) -> str:
    return f"kept:{subject}:{subject_id}"
