"""A public text, and why it may not be kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from domain.lint import Finding


class PublicText(NamedTuple):
    """A text that others read; ``is_name``: a name that somebody gives themselves."""

    text: str
    is_name: bool = False


@dataclass(frozen=True)
class RefusedText:
    """A text that may not be kept, by the name of its field, and the words that forbid it."""

    field: str
    text: str
    findings: tuple[Finding, ...]

    @property
    def needs_evidence_only(self) -> bool:
        """True if evidence on file would be enough."""
        return all(each.severity == "evidence" for each in self.findings)
