"""Evidence for claims of fact (证明材料): what it covers, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain import audit
from domain.lint import Finding, fold_word, lint
from domain.public_texts.rulings import is_passed
from kernel import clock, typed
from kernel.errors import Conflict, Invalid, NotFound
from models import ClaimEvidence

CLAIMS = ("age", "process", "heritage", "award", "figures")
COVERS_MOST = 400
SHOWN_MOST = 200
WARN_BEFORE = timedelta(days=30)
LOOKED_BACK = timedelta(days=365)
"""Evidence that ended or was withdrawn longer ago is not looked for in standing texts."""


@dataclass(frozen=True)
class EvidenceForm:
    """A document: the claim that it proves, the phrases that may be said, its last day."""

    claim: str
    title: str
    number: str
    covers: tuple[str, ...]
    valid_until: date | None = None
    file: str = ""


@dataclass(frozen=True)
class EvidenceView:
    """Evidence as a page lists it; ``is_live``: it counts today."""

    id: int
    form: EvidenceForm
    added_by: str
    added_at: datetime
    is_withdrawn: bool
    is_live: bool


class Proof(NamedTuple):
    """A phrase of a text, its claim, and until when it is proven; None: no longer."""

    phrase: str
    claim: str
    until: date | None


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
        file=form.file,
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


def evidence_file(evidence_id: int) -> str:
    """The stored file of a document; "" if it has none. Raises NotFound."""
    row = ClaimEvidence.get_or_none(ClaimEvidence.id == evidence_id)
    if row is None:
        raise NotFound("evidence_missing")
    return str(row.file)


def evidence_ending() -> list[EvidenceView]:
    """Evidence that ends within 30 days, or ended or was withdrawn within a year."""
    now = clock.now()
    today = clock.business_day(now)
    between = ClaimEvidence.last_day.between(
        (today - LOOKED_BACK).isoformat(), (today + WARN_BEFORE).isoformat()
    )
    gone = ClaimEvidence.withdrawn_at > now - LOOKED_BACK
    rows = ClaimEvidence.select().where(between | gone).order_by(ClaimEvidence.last_day)
    return [_view(row) for row in rows]


def proofs_at_risk(text: str) -> list[Proof]:
    """The phrases of a standing text whose evidence has ended or ends within 30 days.

    A text that somebody let through with a reason has none.
    """
    claimed = [each for each in lint(text, "text") if each.severity == "evidence"]
    if not claimed or is_passed(text):
        return []
    known = [_view(row) for row in ClaimEvidence.select()]
    soon = clock.business_day(clock.now()) + WARN_BEFORE
    found = []
    for finding in dict.fromkeys(claimed):
        live = [e.form.valid_until for e in known if e.is_live and _covers(e.form, finding)]
        until = None if not live else max(each or date.max for each in live)
        if until is None or until <= soon:
            found.append(Proof(finding.word, finding.claim, until))
    return found


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
    form = EvidenceForm(
        row.claim, row.title, row.number, tuple(row.covers.split()), until, row.file
    )
    is_withdrawn = row.withdrawn_at is not None
    is_live = not is_withdrawn and (until is None or until >= clock.business_day(clock.now()))
    return EvidenceView(row.id, form, row.added_by, row.added_at, is_withdrawn, is_live)
