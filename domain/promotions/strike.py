"""The lawful strike price beside an offer's price (划线价). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.catalog import STRIKE_PRICE_WINDOW, STRIKE_SHOWN_FOR, PriceStep


@dataclass(frozen=True)
class Cut:
    """The time in which another offer lowered a SKU's price, and its price by list price (fen)."""

    from_at: datetime
    to_at: datetime
    price: Callable[[int], int | None]


def strike_beside(
    price_fen: int, began: datetime, history: Sequence[PriceStep], cuts: Sequence[Cut],
    now: datetime,
) -> int | None:  # fmt: skip
    """The lowest price in fen of the seven days before the offer began, or None.

    List prices and the prices of other offers of those days count. There is a strike price only if
    it is above the offer's price, for thirty days, and if the SKU had a price for all seven days.
    See ``docs/algorithms/offers.md``.
    """
    if now - began >= STRIKE_SHOWN_FOR:
        return None
    steps = sorted((s for s in history if s.from_at < began), key=lambda s: s.from_at)
    opens = began - STRIKE_PRICE_WINDOW
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
