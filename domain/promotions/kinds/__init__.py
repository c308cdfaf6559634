"""The kinds of promotions, one file each. Add a new kind as a file, and to ``KINDS``."""

from __future__ import annotations

from domain.promotions.kind import Kind
from domain.promotions.kinds import limited_price, second_piece

KINDS: dict[str, Kind] = {kind.name: kind for kind in (limited_price.KIND, second_piece.KIND)}
