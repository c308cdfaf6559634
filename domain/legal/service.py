"""Writing and publishing legal documents (法律文本): one draft per kind, numbered versions."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain import audit
from domain.legal.defaults import default_body
from domain.legal.markup import check_body, variables_in
from domain.legal.rules import DRAFT, KINDS, Kind, effective_from, times
from domain.legal.variables import variable_values
from kernel import clock, context, typed
from kernel.errors import Conflict, Invalid
from kernel.store import insert_once, lock_row
from models import LegalVersion


def keep_first_versions() -> int:
    """Publish the texts that come with the shop, of kinds without any version; returns how many.

    Run at each start, so that a consent can name the version that was shown.
    """
    return sum(_keep_first(kind) for kind in KINDS)


def _keep_first(kind: Kind) -> bool:
    if _last_of(kind) is not None:
        return False
    now, body = clock.now(), default_body(kind)
    return bool(
        insert_once(
            LegalVersion, kind=kind, number=1, body=body, state="published",
            facts=_used(body, variable_values()), effective_at=now, published_at=now,
            published_by="system", edited_at=now, edited_by="system",
        )
    )  # fmt: skip


def save_draft(kind: Kind, body: str, edition: int) -> None:
    """Keep the text that is being written; ``edition`` is what the editor was shown, 0 for none.

    Raises Invalid for a text that can't be published, Conflict('document_moved') if somebody else
    saved meanwhile.
    """
    check_body(body, variable_values())
    who, now = context.actor.get(), clock.now()
    values: dict[str, Any] = {"body": body, "edited_at": now, "edited_by": who}
    if edition == 0:
        if not insert_once(LegalVersion, kind=kind, number=DRAFT, **values):
            raise Conflict("document_moved")
    elif LegalVersion.update(edition=LegalVersion.edition + 1, **values).where(
        _draft_of(kind) & (LegalVersion.edition == edition)
    ).execute() != 1:  # fmt: skip
        raise Conflict("document_moved")
    audit.record("legal.draft", "legal", kind, after={"characters": len(body)})


def discard_draft(kind: Kind) -> None:
    """Give up the draft. Raises Conflict('draft_missing')."""
    if LegalVersion.delete().where(_draft_of(kind)).execute() != 1:
        raise Conflict("draft_missing")
    audit.record("legal.discard", "legal", kind)


def publish(
    kind: Kind, edition: int, effective_on: date | None, what_changed: str, asks_again: bool
) -> int:
    """Publish the draft as the next version, in force from a day on; returns its number (发布).

    ``what_changed`` is a sentence for readers. With ``asks_again`` everybody is asked to agree
    anew. Raises Invalid, Conflict('draft_missing', 'document_moved', 'draft_unchanged').
    """
    found = LegalVersion.get_or_none(_draft_of(kind))
    draft = lock_row(LegalVersion, found.id) if found is not None else None
    if draft is None:
        raise Conflict("draft_missing")
    if draft.number != DRAFT or draft.edition != edition:
        raise Conflict("document_moved")
    said = typed.words(what_changed, 200, "what_changed")
    if not said:
        raise Invalid("field_missing", "what_changed")
    values = variable_values()
    check_body(draft.body, values)
    last = _last_of(kind)
    if last is not None and last.body == draft.body:
        raise Conflict("draft_unchanged")
    now = clock.now()
    number = 1 if last is None else last.number + 1
    announce = times().announce_days
    effective_at = effective_from(kind, effective_on, now, announce)
    taken = _draft_of(kind) & (LegalVersion.edition == edition)
    changed = LegalVersion.update(
        number=number, state="published", what_changed=said, asks_again=asks_again,
        facts=_used(draft.body, values),
        effective_at=effective_at, published_at=now, published_by=context.actor.get(),
    ).where(taken)  # fmt: skip
    if changed.execute() != 1:
        raise Conflict("document_moved")
    audit.record("legal.publish", "legal", kind, before={"number": number - 1},
                 after={"number": number, "asks_again": asks_again,
                        "effective_at": effective_at.isoformat()})  # fmt: skip
    return number


def _used(body: str, values: dict[str, str]) -> dict[str, str]:
    """The values of the variables that a body uses."""
    return {name: values[name] for name in sorted(variables_in(body))}


def _draft_of(kind: Kind) -> Any:
    return (LegalVersion.kind == kind) & (LegalVersion.number == DRAFT)


def _last_of(kind: Kind) -> LegalVersion | None:
    mine = (LegalVersion.kind == kind) & (LegalVersion.number > 0)
    found: LegalVersion | None = (
        LegalVersion.select().where(mine).order_by(LegalVersion.number.desc()).first()
    )
    return found
