"""Integer money: fen (分) and basis points, never floats.

``docs/algorithms/money.md`` explains the two splitting functions. ``kernel.typed`` parses amounts
that people type.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

BP = 10_000


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split a total (fen) by weights (largest remainder); the parts sum exactly to the total.

    Ties go to the earlier position. If ``total <= sum(weights)``, no part exceeds its own weight.
    Raises ValueError for a negative number, and for a total above 0 with all weights 0.
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
    """Fen of a share that must be returned once ``part`` of ``whole`` (cumulative) is refunded.

    A refund takes ``due(after) - due(before)``. So the total does not depend on how refunds are
    divided, and a full refund takes the whole share. For a whole of 0 the result is 0.
    """
    if not 0 <= part_fen <= whole_fen:
        raise ValueError("the part must lie within the whole")
    return share_fen * part_fen // whole_fen if whole_fen else 0


def rate_of(base_fen: int, rate_bp: int) -> int:
    """``rate_bp`` of a base, rounded down to the fen. Raises ValueError if either is negative."""
    if base_fen < 0 or rate_bp < 0:
        raise ValueError("rate_of takes no negative amounts")
    return base_fen * rate_bp // BP


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals: 1230 → '12.30', -5 → '-0.05'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def yuan_grouped(fen: int) -> str:
    """Fen as yuan with two decimals and thousands separators: 1234500 → '12,345.00'."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def calculation_text(base_fen: int, rates: Sequence[Fraction], amount_fen: int) -> str:
    """A calculation as text: '¥298.00 × 14% = ¥41.72'.

    The '=' part is left out if the rates do not give the amount, because of a cap or a further
    share.
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
