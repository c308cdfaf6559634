"""Writes and reads versions of impact assessments; a version is never changed or deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain import audit
from domain.impact.registers import registers
from domain.impact.rules import (
    KEPT_YEARS,
    NEEDED,
    PROSE_LEAST,
    PROSE_MOST,
    RISKS,
    SUBJECTS,
    Risk,
    Subject,
    check_review,
    checked_subject,
)
from kernel import clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.store import insert_once
from kernel.text import clean_text
from models import ImpactReport

YEAR = timedelta(days=366)


@dataclass(frozen=True)
class ReportForm:
    """What the merchant writes: purpose, necessity, effect on people, risk, measures."""

    purpose: str
    necessity: str
    effect: str
    risk: str
    measures: str
    review_on: date | None


@dataclass(frozen=True)
class ReportView:
    """A version as pages show it."""

    subject: Subject
    number: int
    purpose: str
    necessity: str
    effect: str
    risk: Risk
    measures: str
    registers: dict[str, Any]
    made_by: str
    made_at: datetime
    review_at: datetime
    keep_until_at: datetime

    @property
    def is_due(self) -> bool:
        """Whether its review is over time."""
        return self.review_at <= clock.now()


@dataclass(frozen=True)
class SubjectView:
    """A subject with its versions, the newest first."""

    subject: Subject
    is_needed: bool
    versions: tuple[ReportView, ...]

    @property
    def is_due(self) -> bool:
        """Whether it is missing although needed, or its review is over time."""
        return self.versions[0].is_due if self.versions else self.is_needed


def write_report(subject: str, it: ReportForm, actor: str) -> int:
    """Keep the next version of an assessment; returns its number.

    It keeps what the program knew that day. Raises Invalid('impact_subject_unknown',
    'impact_text_short', 'text_too_long', 'impact_risk_unknown', 'impact_review_bad').
    """
    chosen, now = checked_subject(subject), clock.now()
    texts = {name: _prose(getattr(it, name), name)
             for name in ("purpose", "necessity", "effect", "measures")}  # fmt: skip
    if it.risk not in RISKS:
        raise Invalid("impact_risk_unknown", "risk")
    review_on = check_review(it.review_on, clock.business_day(now))
    last = _versions(chosen)
    number = 1 + (last[0].number if last else 0)
    is_new = insert_once(
        ImpactReport, subject=chosen, number=number, risk=it.risk, **texts,
        registers=registers(), made_by=actor[:64], made_at=now,
        review_at=clock.day_start(review_on), keep_until_at=now + KEPT_YEARS * YEAR,
    )  # fmt: skip
    if not is_new:  # somebody else wrote this version at the same moment
        raise Conflict("impact_moved")
    audit.record("impact.write", "impact", f"{chosen}:{number}", actor=actor)
    return number


def subjects() -> list[SubjectView]:
    """Every subject with its versions."""
    return [subject_detail(each) for each in SUBJECTS]


def subject_detail(subject: str) -> SubjectView:
    """A subject with its versions. Raises Invalid('impact_subject_unknown')."""
    known = checked_subject(subject)
    return SubjectView(known, known in NEEDED, tuple(_versions(known)))


def report(subject: str, number: int) -> ReportView:
    """One version. Raises NotFound('impact_missing')."""
    for each in _versions(checked_subject(subject)):
        if each.number == number:
            return each
    raise NotFound("impact_missing")


def due_subjects() -> list[Subject]:
    """Subjects that lack a needed assessment, or whose review is over time."""
    return [each.subject for each in subjects() if each.is_due]


def _prose(text: str, name: str) -> str:
    said = clean_text(text)
    if len(said) < PROSE_LEAST:
        raise Invalid("impact_text_short", name, least=PROSE_LEAST)
    if len(said) > PROSE_MOST:
        raise Invalid("text_too_long", name, limit=PROSE_MOST)
    return said


def _versions(subject: Subject) -> list[ReportView]:
    rows = ImpactReport.select().where(ImpactReport.subject == subject)
    return [
        ReportView(
            row.subject, row.number, row.purpose, row.necessity, row.effect, row.risk,
            row.measures, row.registers, row.made_by, row.made_at, row.review_at,
            row.keep_until_at,
        )
        for row in rows.order_by(ImpactReport.number.desc())
    ]  # fmt: skip
