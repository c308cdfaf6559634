"""Integer money: fen (分) and basis points. Nothing here knows a float.

``docs/algorithms/money.md`` is the prose for the two splitting functions. What a person types is
read by ``kernel.typed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

BP = 10_000


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


def sum_shown(base_fen: int, rates: Sequence[Fraction], amount_fen: int) -> str:
    """A sum as people check it: '¥298.00 × 14% = ¥41.72'.

    Without the '=' where the amount is not what the rates give to the fen: a cap, or a share that
    came on top.
    """
    given = Fraction(base_fen)
    for rate in rates:
        given *= rate
    times = "".join(f" × {_percent(rate)}" for rate in rates)
    result = f" = ¥{yuan(amount_fen)}" if abs(given - amount_fen) < 1 else ""
    return f"¥{yuan(base_fen)}{times}{result}"


def _percent(rate: Fraction) -> str:
    bp = rate * BP
    if bp.denominator != 1:
        return f"{rate.numerator}/{rate.denominator}"
    whole, rest = divmod(bp.numerator, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"
