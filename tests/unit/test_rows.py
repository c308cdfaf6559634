"""`make rows`: marks are found by AST, name existing rows, and are in folders that count."""

from __future__ import annotations

from pathlib import Path

from tests.rows import COUNTED, ROWS, TESTS, by_row, marks_of, report

MARKED = """
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.row("A3")]

@pytest.mark.row("B9")
@pytest.mark.parametrize("n", [1])
async def test_one(n): ...

@pytest.mark.row("B1", "B2")
def test_two(): ...

def test_three(): ...
"""


def test_every_row_is_listed_once() -> None:
    counts = {"D": 6, "A": 12, "B": 13, "C": 8, "E": 11, "F": 7, "G": 9, "L": 9}
    assert list(ROWS) == [f"{k}{n}" for k, many in counts.items() for n in range(1, many + 1)]
    assert len(set(ROWS.values())) == len(ROWS)


def test_marks_are_found_on_tests_and_on_files(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(MARKED, encoding="utf-8")
    assert sorted(marks_of(path)) == [
        ("A3", "test_it.py"), ("B1", "test_it.py::test_two"), ("B2", "test_it.py::test_two"),
        ("B9", "test_it.py::test_one"),
    ]  # fmt: skip


def test_marks_name_existing_rows_and_are_in_folders_that_count() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    marks = [(path, row) for path in files for row, _ in marks_of(path)]
    assert len(marks) > 50
    assert [(p.name, row) for p, row in marks if row not in ROWS] == []
    assert [p.name for p, _ in marks if p.relative_to(TESTS).parts[0] not in COUNTED] == []


def test_the_report_shows_rows_without_tests() -> None:
    said = report().splitlines()
    found = by_row()
    missing = {line.split()[0] for line in said if line.endswith(": MISSING")}
    assert missing == {row for row, tests in found.items() if not tests}
    assert said[-1] == f"{len(ROWS) - len(missing)} of {len(ROWS)} rows have tests"
