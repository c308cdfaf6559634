"""What becomes of a deleted person in queued and done work."""

from __future__ import annotations

from kernel.erasure import Mask, Personal
from models import OutboxRow

PERSONAL = Personal(
    "outbox", masks=(Mask(OutboxRow, ("payload", "last_error", "last_error_facts")),)
)
