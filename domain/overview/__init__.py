"""The merchant's overview (今日): work that waits for a person, and daily figures."""

from domain.overview.checkup import (
    Checkup,
    Finding,
    check_days,
    check_orders,
    check_pushes,
    check_stock,
    keep,
)
from domain.overview.queries import (
    BestSeller,
    DayFigures,
    Todo,
    best_sellers,
    days,
    todo,
)
from domain.overview.sealing import seal_due
from domain.overview.troubles import Trouble, troubles

__all__ = [
    "BestSeller", "Checkup", "DayFigures", "Finding", "Todo", "Trouble", "best_sellers",
    "check_days", "check_orders", "check_pushes", "check_stock", "days", "keep", "seal_due",
    "todo", "troubles",
]  # fmt: skip
