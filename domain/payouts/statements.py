"""What every sale asks of payees: SQL that is made once."""

from __future__ import annotations

from typing import Any

from kernel.store import prepared
from models import Payee


@prepared
def frozen(member_ids: Any) -> Any:
    """Who of these members is frozen."""
    chosen = (Payee.owner_kind == "member") & Payee.owner_id.in_(member_ids)
    return Payee.select(Payee.owner_id).where(chosen & (Payee.is_frozen == True))  # noqa: E712
