"""Prepared SQL of payouts, used by every sale."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import Payee


@prepared
def frozen(member_ids: Any) -> Any:
    """Those of these members who are frozen."""
    chosen = (Payee.owner_kind == "member") & Payee.owner_id.in_(member_ids)
    return Payee.select(Payee.owner_id).where(chosen & (Payee.is_frozen == True))  # noqa: E712
