"""A line of either log, for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AuditLine:
    """A line of a log."""

    id: int
    actor: str
    action: str
    target_type: str
    target_id: str
    before: Any
    after: Any
    at: datetime
