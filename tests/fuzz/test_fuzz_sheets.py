"""Files of any bytes where a sheet is expected: rows or a reason, never a crash."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.sheets import Heading, SheetRow, read_lines, read_sheet
from tests.factories.sheets import HEAD, changed, text_file, workbook

HEADINGS = (
    Heading("order_no", HEAD[0], is_code=True), Heading("company", HEAD[1]),
    Heading("tracking_no", HEAD[2], is_code=True),
)  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=30), st.integers(-(10**18), 10**18), st.floats(allow_nan=False,
                                                                  allow_infinity=False),
    st.booleans(), st.sampled_from(["=1+1", "#N/A", "1.2E+15", "'001", "\t7", '="01"', "\u200b"]),
)  # fmt: skip
PARTS = (
    "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
)  # fmt: skip
BOOK = workbook([["ORD1", "顺丰", "SF1"], ["ORD2", "圆通", 773012345678]])
JUNK = (b"", b"<", b"</row>", b"9" * 20, b"-1", b"&amp;", b"\xff", b'r="ZZZ9"')
NUMBERS = (b"0", b"-1", b"4294967296", b"1048577", b"1e400", b"nan")
NAMES = (*PARTS, "mimetype", "content.xml", "a/b", "xl/workbook.bin")
NUMBER = re.compile(rb"[0-9]+")


def expect_rows_or_reason(body: bytes) -> None:
    """The file has rows that hold, or a reason of ours."""
    refusal = None
    rows: list[SheetRow] = []
    try:
        rows = read_sheet(body, HEADINGS, 50)
    except Invalid as error:
        refusal = error
    assert refusal is None or refusal.code.startswith("sheet_")
    for row in rows:
        assert set(row.cells) == {each.name for each in HEADINGS}
        assert all("\0" not in cell.text and len(cell.text) <= 500 for cell in row.cells.values())
        assert any(cell.text or cell.fault for cell in row.cells.values())


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    expect_rows_or_reason(body)
    expect_rows_or_reason(b"PK\x03\x04" + body)
    expect_rows_or_reason("，".join(HEAD).encode() + b"\n" + body)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
def test_any_cells_of_a_workbook(rows: list[list[object]]) -> None:
    expect_rows_or_reason(workbook(rows))


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=8),
       st.sampled_from(["utf-8", "gb18030", "utf-16"]), st.sampled_from(",\t;"))  # fmt: skip
def test_any_cells_of_a_text(rows: list[list[str]], encoding: str, mark: str) -> None:
    try:
        body = text_file(rows, encoding, mark)
    except UnicodeEncodeError:
        return
    expect_rows_or_reason(body)


@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=6))
def test_a_workbook_with_some_bytes_changed(at: int, piece: bytes) -> None:
    expect_rows_or_reason(BOOK[:at] + piece + BOOK[at + len(piece) :])
    expect_rows_or_reason(BOOK[:at])


@given(st.sampled_from(PARTS), st.integers(0, 5_000), st.sampled_from(JUNK))
def test_a_part_with_some_text_changed(part: str, at: int, piece: bytes) -> None:
    expect_rows_or_reason(changed(BOOK, part, lambda xml: xml[: at % len(xml)] + piece
                           + xml[at % len(xml) + len(piece) :]))  # fmt: skip


@given(st.sampled_from(PARTS), st.integers(0, 40), st.sampled_from(NUMBERS))
def test_a_part_with_a_number_changed(part: str, which: int, number: bytes) -> None:
    def change(xml: bytes) -> bytes:
        found = list(NUMBER.finditer(xml))
        one = found[which % len(found)]
        return xml[: one.start()] + number + xml[one.end() :]

    expect_rows_or_reason(changed(BOOK, part, change))


@given(st.text(max_size=300))
def test_any_lines(text: str) -> None:
    refusal = None
    rows: list[SheetRow] = []
    try:
        rows = read_lines(text, HEADINGS, 20)
    except Invalid as error:
        refusal = error
    assert refusal is None or refusal.field == "lines"
    assert (refusal is None) == bool(rows)
    assert len(rows) <= 20


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=200), max_size=6))
def test_any_archive(parts: dict[str, bytes]) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, body in parts.items():
            made.writestr(name, body)
    expect_rows_or_reason(out.getvalue())
