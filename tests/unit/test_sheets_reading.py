"""Reading uploaded sheets: each kind of file, and the codes of refused files."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from kernel.errors import Invalid
from kernel.sheets import BYTES_MOST, Column, Heading, SheetRow, read_lines, read_sheet, whole_file
from kernel.sheets.xlsx import UNPACKED_MOST
from tests.factories.sheets import HEAD, archive, changed, text_file, workbook

HEADINGS = (
    Heading("no", "订单号", ("订单编号",), is_code=True),
    Heading("company", "快递公司", ("物流公司",)),
    Heading("track", "快递单号", ("运单号",), is_code=True),
)
ROWS = [["ORD1A2B", "顺丰", "SF1234567890"], ["ORD3C4D", "圆通", "YT0001"]]
SHEET = "xl/worksheets/sheet1.xml"


def read(body: bytes, most: int = 100) -> list[SheetRow]:
    """The rows read from a file."""
    return read_sheet(body, HEADINGS, most)


def texts(rows: list[SheetRow]) -> list[list[str]]:
    """The texts of rows, in the order of the columns."""
    return [list(row.texts.values()) for row in rows]


def refused(body: bytes, most: int = 100) -> str:
    """The code with which a file is refused."""
    with pytest.raises(Invalid) as caught:
        read(body, most)
    return caught.value.code


FILES = {
    "xlsx": workbook(ROWS),
    "UTF-8": text_file(ROWS),
    "UTF-8 without a mark": text_file(ROWS, "utf-8"),
    "GB18030, as Excel in China saves it": text_file(ROWS, "gb18030"),
    "semicolons": text_file(ROWS, mark=";"),
    "Unicode text": text_file(ROWS, "utf-16", "\t"),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_of_file_has_the_same_rows(kind: str) -> None:
    found = read(FILES[kind])
    assert texts(found) == ROWS
    assert [row.number for row in found] == [2, 3]
    assert all(row.faults == {} for row in found)


def test_a_title_other_columns_and_other_column_names_are_accepted() -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.merge_range("A1:E1", "11 月 30 日待发货")
        sheet.write_row(2, 0, ["备注", " 订单编号*", "收货人", "运单号（必填）", "物流公司"])
        sheet.write_row(4, 0, ["急", "ORD1", "林小雨", "SF1234", "顺丰"])

    found = read(workbook([], head=(), more=more))
    assert texts(found) == [["ORD1", "顺丰", "SF1234"]]
    assert found[0].number == 5


def test_numbers_keep_their_digits_and_lost_digits_are_reported() -> None:
    def more(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy-m-d"})
        cells: list[tuple[str, Any, Any]] = [
            ("number", 773012345678, None), ("number", 1234567890123456, None),
            ("number", 1.5, None), ("datetime", date(2026, 11, 30), day),
            ("boolean", True, None), ("string", "1.23E+15", None), ("string", "７７３０", None),
            ("string", "SF\u200b123", None), ("number", 0, None),
        ]  # fmt: skip
        for at, (kind, value, shape) in enumerate(cells, 1):
            sheet.write(at, 0, f"ORD{at}")
            getattr(sheet, f"write_{kind}")(at, 2, value, shape)

    found = read(workbook([], more=more))
    assert [row.faults.get("track", "") for row in found] == [
        "", "number_cut", "number_part", "date", "flag", "exponent", "", "", "",
    ]  # fmt: skip
    assert found[0].texts["track"] == "773012345678"
    assert found[6].texts["track"] == "7730"
    assert found[7].texts["track"] == "SF123"


def test_formulas_are_read_by_their_values_and_errors_are_reported() -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.write_column(1, 0, ["ORD1", "ORD2", "ORD3", "ORD4"])
        sheet.write_formula(1, 2, "=VLOOKUP(A2,X:Y,2)", None, "SF1234")
        sheet.write_formula(2, 2, "=VLOOKUP(A3,X:Y,2)", None, "#N/A")
        sheet.write_formula(3, 2, "=A1", None, "")
        sheet.write_formula(4, 2, "=1+1", None, 773012345678)

    found = read(workbook([], more=more))
    assert [row.faults.get("track", "") for row in found] == ["", "error", "formula", ""]
    assert found[0].texts["track"] == "SF1234"
    assert found[3].texts["track"] == "773012345678"


def test_marks_that_keep_digits_in_delimited_text_are_understood() -> None:
    rows = [
        ["ORD1", "顺丰", '="0773012345678"'], ["ORD2", "顺丰", "\t773012345678"],
        ["ORD3", "顺丰", "'773012345678"], ["ORD4", "顺丰", "7.73012E+11"],
        ["ORD5", "顺丰", "=A1&B1"], ["ORD6", "顺丰", "#N/A"],
    ]  # fmt: skip
    found = read(text_file(rows))
    assert [row.faults.get("track", "") for row in found] == [
        "", "", "", "exponent", "formula", "error",
    ]  # fmt: skip
    assert [row.texts["track"] for row in found[:3]] == ["0773012345678", *["773012345678"] * 2]


def test_rows_of_merged_cells_are_reported() -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.merge_range("A2:A3", "ORD1")
        sheet.write_column(1, 2, ["SF1111", "SF2222"])

    found = read(workbook([], more=more))
    assert [row.faults for row in found] == [{}, {"no": "merged"}]


def _merged_head(book: Any, sheet: Any) -> None:
    sheet.merge_range("C1:D1", "快递单号")
    sheet.write_row(1, 0, ["ORD1", "顺丰", "SF1234"])


def _thousand_sheets(xml: bytes) -> bytes:
    one = xml[xml.index(b"<sheet ") : xml.index(b"</sheets>")]
    return xml.replace(one, one * 1000)


def _hidden_first(body: bytes) -> bytes:
    return body.replace(b'<sheet name="', b'<sheet state="hidden" name="')


BOMB = changed(workbook(ROWS), "xl/media/image1.png", lambda _: b"\0" * (UNPACKED_MOST + 1))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
REFUSED = {
    "sheet_empty": b"", "sheet_kind": b"%PDF-1.7 ...", "sheet_xls": OLE,
    "sheet_html": b"\xef\xbb\xbf\r\n<html><table><tr><td>a", "sheet_encoding": b"\x81\xff\x81\xff",
    "sheet_ods": archive(content_xml=b"<x/>", mimetype=b"application/vnd.oasis"),
    "sheet_xlsb": archive(xl__workbook_bin=b"x"), "sheet_zip": archive(photo_jpg=b"x"),
    "sheet_too_big": BOMB, "sheet_rowless": workbook([]),
    "sheet_headless": workbook(ROWS, head=("甲", "乙", "丙")),
    "sheet_columns_missing": workbook(ROWS, head=("订单号", "快递公司", "备注")),
    "sheet_column_twice": workbook(
        [[*ROWS[0], "SF2"]], head=("订单号", "快递公司", "快递单号", "运单号")),
    "sheet_head_merged": workbook([], head=HEAD[:2], more=_merged_head),
    "sheet_broken": workbook(ROWS)[:-300],
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_an_unreadable_file_is_refused_with_its_reason(code: str) -> None:
    assert refused(REFUSED[code]) == code


@pytest.mark.parametrize(
    "body",
    [
        changed(workbook(ROWS), SHEET, lambda xml: xml.replace(b"?>", b"?>" + DOCTYPE, 1)),
        changed(workbook(ROWS), SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>99999</v>")),
        changed(workbook(ROWS), SHEET, lambda xml: xml.replace(b'r="A1"', b'r="A"')),
        changed(workbook(ROWS), SHEET, lambda xml: xml[: len(xml) // 2]),
        changed(workbook(ROWS), "xl/workbook.xml", lambda _: b"<workbook/>"),
        changed(workbook(ROWS), "xl/workbook.xml", _hidden_first),
        b"PK\x03\x04" + b"\xff" * 500,
    ],
)
def test_a_tampered_workbook_is_refused_as_broken(body: bytes) -> None:
    assert refused(body) == "sheet_broken"


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused() -> None:
    """The declared size is 10 bytes; no more is read."""
    body = bytearray(workbook(ROWS))
    with zipfile.ZipFile(io.BytesIO(body)) as known:
        part = known.getinfo(SHEET)
    at = bytes(body).rindex(SHEET.encode()) - 46
    body[at + 24 : at + 28] = struct.pack("<I", 10)
    assert part.file_size > 10
    assert refused(bytes(body)) == "sheet_broken"


def test_a_thousand_sheets_of_one_part_are_read_once() -> None:
    body = changed(workbook(ROWS), "xl/workbook.xml", _thousand_sheets)
    assert texts(read(body)) == ROWS


def test_an_encrypted_archive_is_refused_as_locked() -> None:
    body = bytearray(workbook(ROWS))
    at = bytes(body).index(b"PK\x01\x02")
    body[at + 8] |= 1
    assert refused(bytes(body)) == "sheet_locked"


def test_a_long_text_shared_by_many_cells_is_shortened() -> None:
    """A library would copy the text for each cell: 60 MB from a file of 200 kB."""
    long = "长" * 30_000
    rows = [[f"ORD{n}", long, long] for n in range(2_000)]
    found = read(workbook(rows), 5_000)
    assert len(found) == 2_000
    assert max(len(row.texts["company"]) for row in found) <= 500


def test_a_file_or_a_sheet_that_is_too_long_is_refused() -> None:
    assert refused(b"a" * (BYTES_MOST + 1)) == "sheet_too_large"
    rows = [[f"ORD{n}", "顺丰", f"SF{n:06}"] for n in range(101)]
    assert refused(workbook(rows), 100) == "sheet_too_long"
    assert refused(text_file(rows), 100) == "sheet_too_long"
    assert len(read(workbook(rows), 101)) == 101


def test_rows_without_an_order_count_towards_the_length_of_a_sheet() -> None:
    """Before, the last rows were lost behind many rows without an order."""
    rows = [["", "", "", "合计"]] * 150 + [["ORD1", "顺丰", "SF1234", ""]]
    assert refused(workbook(rows, head=(*HEAD, "备注")), 100) == "sheet_too_long"


def test_of_several_sheets_the_one_with_headings_is_read_and_two_such_are_refused() -> None:
    """Before, the second sheet of a workbook was ignored without an error."""

    def notes_first(book: Any, sheet: Any) -> None:
        sheet.write(2, 5, "说明：第二个工作表是发货表")
        second = book.add_worksheet("十一月")
        for at, row in enumerate([HEAD, *ROWS]):
            second.write_row(at, 0, row)

    body = workbook([], head=(), more=notes_first)
    assert texts(read(body)) == ROWS
    assert refused(workbook(ROWS, more=notes_first)) == "sheet_several"
    long = workbook([["x"]] * 500, head=("甲",), more=notes_first)
    assert texts(read(long)) == ROWS


def test_empty_rows_are_skipped() -> None:
    def more(book: Any, sheet: Any) -> None:
        sheet.write_blank(5, 1, None, book.add_format({"bold": True}))

    found = read(workbook([ROWS[0], ["", " ", ""], ROWS[1]], more=more))
    assert [row.number for row in found] == [2, 4]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("ORD1 顺丰 SF1234\nORD2，圆通，YT1234", [["ORD1", "顺丰", "SF1234"],
                                                 ["ORD2", "圆通", "YT1234"]]),
        ("ORD1\t顺丰\tSF1234\n\nORD2\t\tYT1", [["ORD1", "顺丰", "SF1234"], ["ORD2", "", "YT1"]]),
        ("快递单号\t订单号\t快递公司\nSF1\tORD1\t顺丰", [["ORD1", "顺丰", "SF1"]]),
        ("ORD1 SF1234", [["ORD1", "", "SF1234"]]),
        ("ORD1 邮政 EMS SF1234", [["ORD1", "邮政 EMS", "SF1234"]]),
        ("ORD1", [["ORD1", "", ""]]),
    ],
)  # fmt: skip
def test_pasted_lines_are_read(lines: str, wanted: list[list[str]]) -> None:
    assert texts(read_lines(lines, HEADINGS, 100)) == wanted


def test_errors_of_pasted_lines_are_at_their_field() -> None:
    with pytest.raises(Invalid) as caught:
        read_lines(" \n\n", HEADINGS, 100)
    assert (caught.value.code, caught.value.field) == ("sheet_empty", "lines")
    with pytest.raises(Invalid) as caught:
        read_lines("ORD1 顺丰 SF1\n" * 101, HEADINGS, 100)
    assert (caught.value.code, caught.value.field) == ("sheet_too_long", "lines")


def test_a_written_sheet_is_read_by_us_and_by_another_library() -> None:
    columns = [Column("订单号", "code"), Column("快递公司"), Column("快递单号", "code")]
    rows = [["ORD1", "=1+1", "0012345678901234567"]]
    for kind in ("xlsx", "csv"):
        body = whole_file(kind, columns, rows, "发货")
        (found,) = read(body)
        assert found.texts["track"] == "0012345678901234567"
    book = CalamineWorkbook.from_filelike(io.BytesIO(whole_file("xlsx", columns, rows, "发货")))
    assert book.get_sheet_by_index(0).to_python()[1] == rows[0]


def test_the_reader_agrees_with_another_library_on_plain_sheets() -> None:
    rows = [[f"ORD{n}", f"公司{n} & <{n}>", n * 7919] for n in range(1, 60)]
    body = workbook(rows)
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()[1:]
    ours = texts(read(body))
    assert ours == [[no, company, str(int(n))] for no, company, n in theirs]
