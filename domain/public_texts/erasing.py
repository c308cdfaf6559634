"""What becomes of the texts that a deleted member asked to show."""

from __future__ import annotations

from kernel.erasure import Drop, Personal
from models import TextRuling

PERSONAL = Personal(
    "public_texts",
    rows=(Drop(TextRuling, lambda who: TextRuling.asked_by == f"member:{who.member_id}"),),
)
