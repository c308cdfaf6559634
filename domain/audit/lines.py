"""A line of either log, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AuditLine:
    """One line of a log, for a page's timeline."""

    id: int
    actor: str
    action: str
    target_type: str
    target_id: str
    before: Any
    after: Any
    at: datetime
