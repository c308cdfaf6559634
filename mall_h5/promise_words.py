"""How pages say what the shop promises."""

from __future__ import annotations

from domain.orders import EXPRESS, GIFT
from domain.promises import Promises


def promise_lines(
    promised: Promises, *, is_exempt: bool = False, delivery: str = EXPRESS
) -> list[tuple[str, str]]:
    """The row of promises as (icon, text); ``is_exempt``: a product without free returns.

    What is collected is not shipped; a gift is shipped once a friend has taken it.
    """
    back = f"{promised.free_return_days} 天无理由退货"
    lines = [("back", "定制商品不支持无理由退货" if is_exempt else back)]
    if delivery in (EXPRESS, GIFT):
        since = "好友领取后 " if delivery == GIFT else ""
        lines = [("truck", f"{since}{promised.ship_within_hours} 小时内发货"), *lines]
    return [*lines, ("seal", "破损包赔")] if promised.covers_breakage else lines


def with_promises(text: str, promised: Promises) -> str:
    """A text of the catalogue with the promises that it names: ``{ship_within_hours}``."""
    return text.format_map(vars(promised))
