"""What the owner is told about proposals and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.notices import Code, Fen, OwnerNotice, Reason, Who


@dataclass(frozen=True, kw_only=True)
class ProposalOpened(OwnerNotice):
    """Somebody asks a second person for a yes (待审批). ``code`` is the proposal's kind."""

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
