"""The warehouse (仓库): arrivals by lot, stocktaking by sheet, alerts of low stock.

See ``docs/algorithms/stock.md``.
"""

from domain.warehouse.alerts import tell_of_low_stock
from domain.warehouse.arrivals import Arrival, LotView, list_lots, record_arrival
from domain.warehouse.counting import (
    CountRow,
    ToCount,
    check_count_rows,
    list_to_count,
    save_count_row,
)

__all__ = [
    "Arrival", "CountRow", "LotView", "ToCount", "check_count_rows", "list_lots",
    "list_to_count", "record_arrival", "save_count_row", "tell_of_low_stock",
]  # fmt: skip
