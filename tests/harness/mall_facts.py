"""The expected state in ``test_mall_state_machine``, kept independently of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Rates:
    """The commission rule in force, and the number of levels that the owner signed for."""

    levels: int = 1
    mode: str = "levels"
    pool_bp: int = 0
    shares: tuple[int, ...] = (1000,)

    def of(self, paid_fen: int, people: int) -> list[int]:
        """The fen that each level earns of a line; a second implementation of the formula."""
        weights = [*self.shares, 0, 0, 0][:3]
        if self.mode == "pool":
            exact = Fraction(paid_fen * self.pool_bp, 10_000)
            pool, whole = int(exact), sum(weights)
            parts = [Fraction(pool * w, whole) for w in weights]
            fen = [int(part) for part in parts]
            by_rest = sorted(range(3), key=lambda n: (-(parts[n] - fen[n]), n))
            for n in by_rest[: pool - sum(fen)]:
                fen[n] += 1
        else:
            fen = [int(Fraction(paid_fen * w, 10_000)) for w in weights]
        return fen[: min(self.levels, people)]


@dataclass
class Facts:
    """The expected state of the world."""

    sellers: list[int] = field(default_factory=list)
    buyers: list[int] = field(default_factory=list)
    skus: list[int] = field(default_factory=list)
    upline: dict[int, int] = field(default_factory=dict)
    expected: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    rates: Rates = field(default_factory=Rates)
    taken_in: set[int] = field(default_factory=set)
