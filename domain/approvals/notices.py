"""Notices about proposals and limits, to the owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import Code, Fen, OwnerNotice, Reason, Who


@dataclass(frozen=True, kw_only=True)
class ProposalOpened(OwnerNotice):
    """A proposal waits for a second person (待审批). ``code`` is its kind."""

    KEY: ClassVar[str] = "proposal_opened"
    PAGE: ClassVar[str] = "/admin/approvals"
    code: Code
    who: Who
    reason: Reason
    fen: Fen = 0


@dataclass(frozen=True, kw_only=True)
class LimitsChanged(OwnerNotice):
    """Limits of money or of staff were changed. ``code`` is the group of settings."""

    KEY: ClassVar[str] = "limits_changed"
    PAGE: ClassVar[str] = "/admin/audit"
    who: Who
    code: Code
