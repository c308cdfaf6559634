"""The number of paid levels: one unless the owner signs for another (分销层级)."""

from __future__ import annotations

from domain import audit
from domain.distribution import statements
from domain.distribution.rules.commission import MAX_LEVELS
from kernel import clock
from kernel.errors import Invalid
from kernel.text import clean_line
from models import LevelsSwitch

DEFAULT_LEVELS = 1
_LEAST_TEXT = 20


def levels_now() -> int:
    """The number of people whom one line can pay now."""
    row = statements.levels_switch.first()
    return DEFAULT_LEVELS if row is None else int(row.levels)


def sign_levels(levels: int, signed_name: str, text: str, signed_by: str) -> None:
    """Record the owner's signature for a number of paid levels; it is kept for ever.

    ``text`` is what the page showed: for two and three levels the law and known penalties. Raises
    Invalid, also above three levels. Orders placed before keep their snapshots.
    """
    if not 0 <= levels <= MAX_LEVELS:
        raise Invalid("levels_out_of_range", "levels", most=MAX_LEVELS)
    name = clean_line(signed_name)
    if not 2 <= len(name) <= 30:
        raise Invalid("signature_missing", "signed_name")
    if levels > DEFAULT_LEVELS and len(text.strip()) < _LEAST_TEXT:
        raise Invalid("signed_text_missing", "text")
    before = levels_now()
    LevelsSwitch.insert(
        levels=levels, signed_name=name, signed_by=signed_by[:64], text=text.strip(),
        signed_at=clock.now(),
    ).execute()  # fmt: skip
    audit.record("levels.sign", "levels", levels, before=before,
                 after={"levels": levels, "name": name}, actor=signed_by)  # fmt: skip
