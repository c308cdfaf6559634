"""What every migration keeps: a number of its own, and orders of a former release that go on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kernel.migrate import FOLDER
from models import Order
from tests.harness.filled import filled_database, rows_of

ROWS = rows_of("before_payables.json")


def test_no_two_migrations_have_the_same_number() -> None:
    """Two branches that take one number would run in an order that nobody chose."""
    numbers = Counter(path.name[:4] for path in FOLDER.glob("[0-9]*.py"))
    assert [number for number, n in numbers.items() if n > 1] == []


def test_orders_of_before_go_by_parcel(tmp_path: Path) -> None:
    with filled_database(tmp_path, ROWS, "0037_seen_visits"):
        assert {row.delivery for row in Order.select()} == {"express"}
