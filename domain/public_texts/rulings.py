"""What the lint refused, and who let it pass with which reason (广告审查)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain import audit
from domain.public_texts.facts import RefusedText
from kernel import clock, typed
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once
from models import TextRuling

State = Literal["refused", "passed"]
TEXT_SHOWN = 500


@dataclass(frozen=True)
class RulingView:
    """A refused text with its words, and the decision about it."""

    id: int
    text: str
    page: str
    field: str
    words: tuple[dict[str, str], ...]
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str


def is_passed(text: str) -> bool:
    """Whether somebody let this text through."""
    same = TextRuling.text_hash == _hash(text)
    row = TextRuling.get_or_none(same)
    return row is not None and row.state == "passed"


def record_refused(refused: Sequence[RefusedText], page: str, actor: str) -> None:
    """Keep refused texts for the list; a text that was asked for before is the same row."""
    for each in refused:
        said = {"page": page[:120], "field": each.field[:40], "asked_by": actor,
                "asked_at": clock.now(), "words": _words(each)}  # fmt: skip
        key = _hash(each.text)
        if not insert_once(TextRuling, text_hash=key, text=each.text[:TEXT_SHOWN], **said):
            TextRuling.update(**said).where(TextRuling.text_hash == key).execute()


def let_pass(ruling_id: int, reason: str, actor: str) -> None:
    """Let a text through with a reason that is kept; it isn't refused again while unchanged.

    Raises Invalid('reason_missing'), NotFound, Conflict('text_ruled').
    """
    facts = _decide(ruling_id, "refused", "passed", reason, actor)
    audit.record("text.passed", "text", ruling_id, after=facts, actor=actor)


def take_back(ruling_id: int, reason: str, actor: str) -> None:
    """The text is refused again when it is next saved; what is kept stays. Raises as above."""
    facts = _decide(ruling_id, "passed", "refused", reason, actor)
    audit.record("text.refused", "text", ruling_id, after=facts, actor=actor)


def _decide(
    ruling_id: int, before: str, after: str, typed_reason: str, actor: str
) -> dict[str, str]:
    """Change the state; returns the facts for the log."""
    reason = typed.words(typed_reason, 200, "reason")
    if not reason:
        raise Invalid("reason_missing", "reason")
    row = _row(ruling_id)
    changed = (
        TextRuling.update(state=after, decided_by=actor, decided_at=clock.now(), reason=reason)
        .where((TextRuling.id == ruling_id) & (TextRuling.state == before))
        .execute()
    )
    if changed != 1:
        raise Conflict("text_ruled")
    said = "、".join(each["word"] for each in row.words)
    return {"reason": reason, "words": said, "text_hash": row.text_hash[:12]}


def list_rulings(state: str, before_id: int | None = None, limit: int = 30) -> list[RulingView]:
    """Texts in a state, the latest first."""
    query = TextRuling.select().where(TextRuling.state == state)
    if before_id is not None:
        query = query.where(TextRuling.id < before_id)
    return [_view(row) for row in query.order_by(TextRuling.id.desc()).limit(limit)]


def count_refused() -> int:
    """How many texts were refused and not let through."""
    return int(TextRuling.select().where(TextRuling.state == "refused").count())


def ruling_detail(ruling_id: int) -> RulingView:
    """One refused text. Raises NotFound."""
    return _view(_row(ruling_id))


def _row(ruling_id: int) -> Any:
    row = TextRuling.get_or_none(TextRuling.id == ruling_id)
    if row is None:
        raise NotFound("ruling_missing")
    return row


def _view(row: Any) -> RulingView:
    return RulingView(
        row.id, row.text, row.page, row.field, tuple(row.words), row.asked_by, row.asked_at,
        row.state, row.decided_by, row.decided_at, row.reason or "",
    )  # fmt: skip


def _words(refused: RefusedText) -> list[dict[str, str]]:
    return [
        {"word": f.word[:60], "ground": f.kind, "why": f.why, "severity": f.severity}
        for f in refused.findings
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()
