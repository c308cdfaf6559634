"""What the program itself knows about personal data: an assessment begins with it.

What packages hold, and what stays after a deletion, is read from their declarations
(``kernel/erasure.py``), which a test compares with the columns of all tables.
"""

from __future__ import annotations

from typing import Any

from domain import legal, members
from domain.personal_data import DECLARED
from kernel.erasure import Blank, Drop

OTHERS = ("wechat", "courier", "distributor", "identity_check", "assistant")
"""Who may get personal data; the last two only where the merchant connected a provider."""


_connected: set[str] = set()


def connect(*names: str) -> None:
    """Name the providers that this installation has set up; called where they are connected."""
    _connected.clear()
    _connected.update(names)


def registers() -> dict[str, Any]:
    """Data by package, purposes, recipients and terms, as codes and counts."""
    times, ours = members.rights_times(), legal.times()
    return {
        "held": [_held(each) for each in DECLARED],
        "purposes": list(legal.PURPOSES),
        "recipients": [
            name for name in OTHERS
            if name not in ("identity_check", "assistant") or name in _connected
        ],
        "terms": {
            "request_days": ours.request_days, "cooling_days": times.cooling_days,
            "file_days": times.file_days, "order_years": times.order_years,
            "tax_years": times.tax_years,
        },
    }  # fmt: skip


def _held(each: Any) -> dict[str, Any]:
    """How many columns of a package go with their person, and which stay on what ground."""
    gone = sum(len(part.columns) for part in each.rows if isinstance(part, Drop | Blank))
    masked = sum(len(part.columns) for part in each.masks)
    kept: dict[str, int] = {}
    for part in each.kept:
        kept[part.ground] = kept.get(part.ground, 0) + len(part.columns)
    return {"package": each.package, "gone": gone, "masked": masked, "kept": kept}
