"""Prepared SQL of doubts about age."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import AgeDoubt


@prepared
def open_doubt(member_id: Any) -> Any:
    """The doubt that holds a member's orders."""
    return AgeDoubt.select(AgeDoubt.id, AgeDoubt.state).where(AgeDoubt.open_for == member_id)
