"""The merchant's overview (今日): work that waits for a person, and daily figures."""

from domain.overview.checkup import (
    Checkup,
    Finding,
    check_days,
    check_orders,
    check_pushes,
    check_stock,
    store_findings,
)
from domain.overview.claims import TextAtRisk, texts_at_risk
from domain.overview.queries import (
    BestSeller,
    DayFigures,
    Todo,
    list_best_sellers,
    list_days,
    todo,
)
from domain.overview.sealing import seal_due
from domain.overview.troubles import Trouble, list_troubles

__all__ = [
    "BestSeller", "Checkup", "DayFigures", "Finding", "TextAtRisk", "Todo", "Trouble",
    "check_days", "check_orders", "check_pushes", "check_stock", "list_best_sellers", "list_days",
    "list_troubles", "seal_due", "store_findings", "texts_at_risk", "todo",
]  # fmt: skip
