"""Integer money: fen (分) and basis points. Nothing here knows a float.

``docs/algorithms/money.md`` is the prose for the two splitting functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernel.errors import Invalid

BP = 10_000
_YUAN = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts sum to it exactly (largest remainder).

    No part is negative; ties go to the earlier position; with all weights 0 only a total of 0 can
    be split. When ``total <= sum(weights)`` no part exceeds its own weight.
    """
    if total_fen < 0 or any(w < 0 for w in weights):
        raise ValueError("allocate takes no negative amounts")
    whole = sum(weights)
    if whole == 0:
        if total_fen:
            raise ValueError("nothing to allocate to")
        return [0] * len(weights)
    parts = [total_fen * w // whole for w in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i)
    )
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def due(share_fen: int, part_fen: int, whole_fen: int) -> int:
    """What of a share is owed back once ``part`` of ``whole`` has been refunded, cumulatively.

    A refund takes ``due(after) - due(before)``: however the refunds are cut, they end at the same
    fen, and a full refund takes all. A whole of 0 owes nothing.
    """
    if not 0 <= part_fen <= whole_fen:
        raise ValueError("the part must lie within the whole")
    return share_fen * part_fen // whole_fen if whole_fen else 0


def rate_of(base_fen: int, rate_bp: int) -> int:
    """A rate of a base, rounded down to the fen."""
    if base_fen < 0 or rate_bp < 0:
        raise ValueError("rate_of takes no negative amounts")
    return base_fen * rate_bp // BP


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 1230 → '12.30', -5 → '-0.05'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def parse_yuan(text: str, field: str | None = None) -> int:
    """Yuan typed by a person, as fen. Raises Invalid('amount_unreadable')."""
    match = _YUAN.fullmatch(text.strip().removeprefix("¥").replace(",", ""))
    if not match:
        raise Invalid("amount_unreadable", field, text=text[:20])
    whole, cents = match.group(1), (match.group(2) or "").ljust(2, "0")
    return int(whole) * 100 + int(cents)
