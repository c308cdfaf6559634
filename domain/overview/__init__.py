"""The merchant's overview (今日): what waits for a person, and how the shop does day by day."""

from domain.overview.queries import (
    BestSeller,
    DayFigures,
    Todo,
    best_sellers,
    days,
    todo,
)
from domain.overview.troubles import Trouble, troubles

__all__ = [
    "BestSeller", "DayFigures", "Todo", "Trouble", "best_sellers", "days", "todo", "troubles",
]  # fmt: skip
