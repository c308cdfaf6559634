"""Whether texts may be kept: by the lint, the evidence on file, and what was let through."""

from __future__ import annotations

from collections.abc import Mapping

from domain.lint import Finding, lint
from domain.public_texts.evidence import covered
from domain.public_texts.facts import PublicText, RefusedText
from domain.public_texts.rulings import is_passed


def open_findings(text: str, *, is_name: bool = False) -> tuple[Finding, ...]:
    """The words for which a text may not be kept; none if somebody let the same text through.

    Claims with evidence on file are not among them. Names that pass for the house or an authority
    are left to ``domain.naming``, which may ask for a review.
    """
    found = [
        each for each in lint(text, "name" if is_name else "text")
        if each.severity != "warn" and not (is_name and each.kind == "imitation")
    ]  # fmt: skip
    if not found or is_passed(text):
        return ()
    proven = covered(found)
    return tuple(each for each in found if each not in proven)


def refused_texts(texts: Mapping[str, PublicText]) -> list[RefusedText]:
    """Those of these texts, by field, that may not be kept."""
    found = [
        RefusedText(field, text, open_findings(text, is_name=is_name))
        for field, (text, is_name) in texts.items()
        if text
    ]
    return [each for each in found if each.findings]
