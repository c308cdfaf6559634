"""What is assessed, how large a risk is, and how long a report is kept. Pure.

The law: Personal Information Protection Law, articles 55 (what needs an assessment) and 56 (what
it says, and that it is kept for three years).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, get_args

from kernel.errors import Invalid

Subject = Literal["identity", "profiling", "sharing", "other"]
Risk = Literal["low", "middle", "high"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
"""Sensitive data (identity, bank card), automated choice, handing to others, other effects."""

NEEDED: tuple[Subject, ...] = ("identity", "profiling", "sharing")
"""What every shop of this program does, so that it is assessed before the shop opens."""

RISKS: tuple[Risk, ...] = get_args(Risk)
KEPT_YEARS = 3
PROSE_MOST, PROSE_LEAST = 2000, 10
REVIEW_MOST = timedelta(days=2 * 366)


def checked_subject(text: str) -> Subject:
    """A known subject. Raises Invalid('impact_subject_unknown')."""
    for known in SUBJECTS:
        if known == text:
            return known
    raise Invalid("impact_subject_unknown", "subject")


def check_review(day: date | None, today: date) -> date:
    """The day of the next review: after today, at most two years away. Raises Invalid."""
    if day is None or not today < day <= today + REVIEW_MOST:
        raise Invalid("impact_review_bad", "review_on")
    return day
