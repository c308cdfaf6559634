"""Evidence for claims of fact (证明材料): what it covers, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain import audit
from domain.lint import Finding, fold_word
from kernel import clock, typed
from kernel.errors import Conflict, Invalid, NotFound
from models import ClaimEvidence

CLAIMS = ("age", "process", "heritage", "award", "figures")
COVERS_MOST = 400
SHOWN_MOST = 200


@dataclass(frozen=True)
class EvidenceForm:
    """A document: the claim that it proves, the phrases that may be said, its last day."""

    claim: str
    title: str
    number: str
    covers: tuple[str, ...]
    valid_until: date | None = None


@dataclass(frozen=True)
class EvidenceView:
    """Evidence as a page lists it; ``is_live``: it counts today."""

    id: int
    form: EvidenceForm
    added_by: str
    added_at: datetime
    is_withdrawn: bool
    is_live: bool


def add_evidence(form: EvidenceForm, actor: str) -> int:
    """Keep evidence; texts with its phrases are accepted from now on.

    Raises Invalid for an unknown claim, without phrases, or with a last day that has passed.
    """
    if form.claim not in CLAIMS:
        raise Invalid("claim_unknown", "claim")
    covers = " ".join(form.covers)
    if not form.covers or any(len(fold_word(each)) < 2 for each in form.covers):
        raise Invalid("evidence_covers_nothing", "covers")
    if len(covers) > COVERS_MOST:
        raise Invalid("text_too_long", "covers", limit=COVERS_MOST)
    if form.valid_until is not None and form.valid_until < clock.business_day(clock.now()):
        raise Invalid("evidence_over", "valid_until")
    row = ClaimEvidence.create(
        claim=form.claim,
        title=typed.words(form.title, 80, "title"),
        number=form.number[:80],
        covers=covers,
        last_day=form.valid_until.isoformat() if form.valid_until else None,
        added_by=actor,
        added_at=clock.now(),
    )
    after = {"title": form.title, "number": form.number, "covers": covers}
    audit.record("evidence.add", "evidence", row.id, after=after, actor=actor)
    return int(row.id)


def withdraw_evidence(evidence_id: int, actor: str) -> None:
    """Evidence no longer counts; texts that are kept already stay. Raises NotFound, Conflict."""
    row = ClaimEvidence.get_or_none(ClaimEvidence.id == evidence_id)
    if row is None:
        raise NotFound("evidence_missing")
    same = (ClaimEvidence.id == evidence_id) & ClaimEvidence.withdrawn_at.is_null()
    values = {"withdrawn_by": actor, "withdrawn_at": clock.now()}
    if ClaimEvidence.update(**values).where(same).execute() != 1:
        raise Conflict("evidence_withdrawn")
    audit.record("evidence.withdraw", "evidence", evidence_id, after=row.title, actor=actor)


def list_evidence() -> list[EvidenceView]:
    """The latest evidence, first what counts."""
    rows = ClaimEvidence.select().order_by(ClaimEvidence.id.desc()).limit(SHOWN_MOST)
    return sorted(map(_view, rows), key=lambda each: not each.is_live)


def covered(findings: Sequence[Finding]) -> frozenset[Finding]:
    """The findings for which evidence is on file: one of its phrases is what the text says."""
    claims = {each.claim for each in findings if each.severity == "evidence"}
    if not claims:
        return frozenset()
    rows = ClaimEvidence.select().where(
        ClaimEvidence.claim.in_(claims) & ClaimEvidence.withdrawn_at.is_null()
    )
    live = [each.form for each in map(_view, rows) if each.is_live]
    return frozenset(f for f in findings if any(_covers(each, f) for each in live))


def _covers(form: EvidenceForm, finding: Finding) -> bool:
    said = fold_word(finding.word)
    phrases = map(fold_word, form.covers)
    return form.claim == finding.claim and any(p in said or said in p for p in phrases)


def _view(row: ClaimEvidence) -> EvidenceView:
    until = date.fromisoformat(row.last_day) if row.last_day else None
    form = EvidenceForm(row.claim, row.title, row.number, tuple(row.covers.split()), until)
    is_withdrawn = row.withdrawn_at is not None
    is_live = not is_withdrawn and (until is None or until >= clock.business_day(clock.now()))
    return EvidenceView(row.id, form, row.added_by, row.added_at, is_withdrawn, is_live)
