"""Which price may stand struck through beside an offer's (划线价). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.catalog import STRIKE_LOOKS_BACK, STRIKE_SHOWN_FOR, PriceStep


@dataclass(frozen=True)
class Cut:
    """From when until when another offer made the SKU cheaper, and to what (list price → fen)."""

    from_at: datetime
    to_at: datetime
    price: Callable[[int], int | None]


def strike_beside(
    price_fen: int, began: datetime, history: Sequence[PriceStep], cuts: Sequence[Cut],
    now: datetime,
) -> int | None:  # fmt: skip
    """The lowest price of the seven days before the offer began, or None.

    List prices and other offers of those days count. It is shown only above the offer's price
    and for thirty days; nothing is struck for a SKU that had no price in all of those days.
    """
    if now - began >= STRIKE_SHOWN_FOR:
        return None
    steps = sorted((s for s in history if s.from_at < began), key=lambda s: s.from_at)
    opens = began - STRIKE_LOOKS_BACK
    if not steps or steps[0].from_at > opens:
        return None
    asked: list[int] = []
    for n, step in enumerate(steps):
        ends = steps[n + 1].from_at if n + 1 < len(steps) else began
        begins = max(step.from_at, opens)
        if ends <= begins:
            continue
        asked.append(step.price_fen)
        for cut in cuts:
            if cut.from_at < ends and cut.to_at > begins:
                cheaper = cut.price(step.price_fen)
                asked += [] if cheaper is None else [cheaper]
    lowest = min(asked, default=0)
    return lowest if lowest > price_fen else None
