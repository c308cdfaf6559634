"""Where orders come from: the codes of source (来源) and medium (入口), and how they are kept.

The source is what brought the buyer to the shop, the medium is by what they came in for this
order. See ADR 82. Each code's name stands in the catalogues of the faces.
"""

from __future__ import annotations

from domain.orders import statements

LINK, POSTER, CARD, MOMENTS, SCAN = "link", "poster", "card", "moments", "scan"
MENU, CHAT, DIRECT = "menu", "chat", "direct"

OF_DISTRIBUTORS = (LINK, POSTER, CARD, MOMENTS, SCAN)
"""What a distributor hands out: a copied link, a poster's code, a card sent to a friend, one in
Moments, a code of the account that is scanned."""

OF_THE_ACCOUNT = (MENU, CHAT)
"""The account's own ways into the mall: its menu, and links in its messages."""

ORIGINS = (*OF_DISTRIBUTORS, *OF_THE_ACCOUNT, DIRECT)
"""All codes of a source or a medium; ``direct``: nothing is known."""


def record_origin(order_id: int, source: str, medium: str, seller_id: int | None = None) -> None:
    """Keep where an order comes from and who sold it; called while it is being placed (归属).

    ``seller_id`` is the distributor, None without one. An order begins as ``direct``.
    """
    if source not in ORIGINS or medium not in ORIGINS:
        raise ValueError(f"no such origin: {source!r}, {medium!r}")
    if seller_id is not None or (source, medium) != (DIRECT, DIRECT):
        statements.set_origin.run(order_id, source, medium, seller_id)
