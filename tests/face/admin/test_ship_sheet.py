"""批量发货: the sheet of orders to ship, its upload, its mistakes and its processing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, get_args

import pytest

from admin import import_runs
from admin.kit import imports as kit_imports
from admin.menu import MENU
from admin.trade.ship_sheet import SHIP_SHEET
from admin.words import IMPORT, IMPORT_ROW, IMPORT_WHY
from domain import aftersales, imports, orders
from domain.aftersales import CaseForm
from domain.orders import ShipForm, ShipRow
from domain.orders.ship_sheet import ShipFault
from domain.product_sheets import ProductFault
from domain.staff import ROLES
from domain.warehouse.counting import CountFault
from kernel import clock, sheets
from kernel.sheets.cells import Fault
from models import (
    AuditEntry,
    Member,
    Order,
    OrderLog,
    OutboxRow,
    Parcel,
    SheetImport,
    SheetImportRow,
    Staff,
)
from tests.face.desk import Desk, hire
from tests.face.sheets import fetch, send_sheet
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import Bought, paid_order, placed_order, ship_all
from tests.factories.sheets import text_file, workbook
from tests.harness.markup import errors_of, lines_of, table_of, texts_of, values_of, words_of

PAGE = "/admin/orders/ship-sheet"
pytestmark = pytest.mark.row("B7")


def some_orders(count: int) -> list[Bought]:
    """Paid orders of different buyers."""
    product = make_product(stock=count * 3)
    return [paid_order(make_member(f"buyer{n}"), product=product) for n in range(count)]


async def send(
    desk: Desk, body: bytes | None = None, name: str = "发货.xlsx", **fields: str
) -> tuple[int, str]:
    """Upload a file; answers the status and where it leads, or the page."""
    return await send_sheet(desk, PAGE, body, name, **fields)


async def preview(desk: Desk, rows: Sequence[Sequence[Any]]) -> str:
    """Upload a workbook with these rows; answers the address of its preview."""
    status, place = await send(desk, workbook(rows))
    assert status == 303, place
    return place


def states() -> list[str]:
    """The states of the rows of the last sheet."""
    last = SheetImport.select().order_by(SheetImport.id.desc()).get()
    rows = SheetImportRow.select().where(SheetImportRow.sheet == last.id)
    return [row.state for row in rows.order_by(SheetImportRow.number)]


def whys() -> list[str]:
    """What was found wrong with the rows of the last sheet."""
    last = SheetImport.select().order_by(SheetImport.id.desc()).get()
    rows = SheetImportRow.select().where(SheetImportRow.sheet == last.id)
    return [row.why for row in rows.order_by(SheetImportRow.number)]


async def test_a_sheet_is_downloaded_filled_in_uploaded_and_ships_the_orders(desk: Desk) -> None:
    made = some_orders(3)
    status, rows = await fetch(desk, f"{PAGE}/file")
    assert AuditEntry.get(AuditEntry.action == "list.export").after["list"] == "orders/ship-sheet"
    head, *lines = rows
    assert status == 200
    assert [line[0] for line in lines] == [each.order_no for each in made]
    assert {"商品", "件数", "收货人", "电话", "地址", "买家备注"} <= set(head)
    for n, line in enumerate(lines):
        line[1:3] = ["SF", f"SF10000000{n}"]
    status, place = await send(desk, workbook(lines, head=head))
    assert status == 303
    assert Parcel.select().count() == 0, "nothing is shipped before it is confirmed"
    _, text = await desk.get(place)
    assert "确认发货 3 单" in texts_of(text, "button")
    assert [row[2] for row in table_of(text)] == ["顺丰速运"] * 3
    status, after = await desk.post(f"{place}/run")
    assert (status, after) == (303, place)
    _, text = await desk.get(place)
    assert texts_of(text, ".notice") == ["已处理完，全部成功。"]
    assert {order.state for order in Order.select()} == {"shipped"}
    assert {(p.company, p.by) for p in Parcel.select()} == {("顺丰速运", "staff:boss")}
    logs = OrderLog.select().where(OrderLog.to_state == "shipped")
    assert {log.actor for log in logs} == {"staff:boss"}
    line = AuditEntry.get(AuditEntry.action == "sheet.import")
    assert (line.actor, line.after["rows"]) == ("staff:boss", 3)
    told = OutboxRow.select().where(OutboxRow.kind == "notify.member")
    assert sum("OrderShipped" in str(row.payload) or "order_shipped" in str(row.payload)
               for row in told) == 3  # fmt: skip


async def test_the_same_file_twice_ships_nothing_twice(desk: Desk) -> None:
    made = some_orders(2)
    rows = [[each.order_no, "中通", f"ZT10000{n}"] for n, each in enumerate(made)]
    first = await preview(desk, rows)
    await desk.post(f"{first}/run")
    second = await preview(desk, rows)
    assert states() == ["known", "known"]
    _, text = await desk.get(second)
    assert "确认发货" not in words_of(text)
    await desk.post(f"{second}/run")
    assert "没有可以处理的行" in await desk.said()
    await desk.post(f"{first}/run")
    assert "已经确认过了" in await desk.said()
    assert Parcel.select().count() == 2


async def test_each_mistake_is_named_in_its_cell_and_good_rows_are_shipped(
    desk: Desk,
) -> None:
    one, two, three, gone, sent, waits, refunding, twice = some_orders(8)
    ship_all(sent)
    parcel = Parcel.get(Parcel.order == sent.order_id)
    Order.update(state="refunded").where(Order.id == gone.order_id).execute()
    unpaid = placed_order(make_member("unpaid"))
    aftersales.request_case(CaseForm(
        refunding.member_id, refunding.order_no, "refund_only", ((refunding.line_ids[0], 1),),
        "late",
    ))  # fmt: skip
    rows: list[tuple[Sequence[Any], str, str]] = [
        ([one.order_no.lower(), "顺丰", "SF　1234-5678"], "good", ""),
        ([two.order_no, "", "SF22345678"], "wrong", "company_bad"),
        ([three.order_no, "圆通", "单号"], "wrong", "tracking_no_bad"),
        (["ORD0000", "圆通", "YT12345"], "wrong", "order_missing"),
        (["", "圆通", "YT12345"], "wrong", "order_no_missing"),
        ([gone.order_no, "圆通", "YT22345"], "wrong", "order_refunded"),
        ([unpaid.order_no, "圆通", "YT32345"], "wrong", "order_unpaid"),
        ([sent.order_no, parcel.company, parcel.tracking_no], "known", ""),
        ([sent.order_no, "圆通", "YT42345"], "wrong", "shipped_before"),
        ([waits.order_no, "", ""], "blank", ""),
        ([refunding.order_no, "圆通", "YT52345"], "wrong", "nothing_to_ship"),
        ([twice.order_no, "圆通", "YT62345"], "wrong", "order_twice"),
        ([twice.order_no, "圆通", "YT62346"], "wrong", "order_twice"),
        ([one.order_no, "顺丰", "SF12345678"], "double", ""),
        ([waits.order_no, "SF12345678", "SF7234567"], "wrong", "company_digits"),
        ([waits.order_no, "顺丰", 1234567890123456], "wrong", "cell_number_cut"),
    ]
    place = await preview(desk, [row for row, _, _ in rows])
    _, text = await desk.get(place)
    found = dict(zip(range(2, 99), zip(states(), whys(), strict=True), strict=False))
    wanted = {n: (state, why) for n, (_, state, why) in enumerate(rows, 2)}
    assert found == wanted
    assert "操作未完成（" not in words_of(text)
    assert len(texts_of(text, "td.has-error .error")) == sum(
        s == "wrong" for s, _ in found.values()
    )
    await desk.post(f"{place}/run")
    assert Parcel.select().where(Parcel.order == one.order_id).count() == 1
    assert Parcel.select().count() == 2


async def test_bad_rows_are_downloaded_with_their_reasons_and_sent_again(desk: Desk) -> None:
    one, two = some_orders(2)
    place = await preview(desk, [
        [one.order_no, "顺丰", "SF1234567"], [two.order_no, "顺丰", "1.23E+15"],
    ])  # fmt: skip
    await desk.post(f"{place}/run")
    status, (head, line) = await fetch(desk, f"{place}/file")
    assert status == 200
    assert head == ["订单号", "快递公司", "快递单号", "原因"]
    assert line[0] == two.order_no
    assert "设为“文本”" in line[3]
    line[2] = "SF7654321"
    again = await send(desk, workbook([line], head=head))
    await desk.post(f"{again[1]}/run")
    assert {order.state for order in Order.select()} == {"shipped"}


async def test_a_number_repeated_for_another_buyer_is_refused(desk: Desk) -> None:
    one, two, three = some_orders(3)
    orders.ship_parcel(three.order_id, ShipForm("顺丰", "SF7777777"))
    await preview(desk, [
        [one.order_no, "顺丰", "SF5555555"], [two.order_no, "顺丰", "SF5555555"],
    ])  # fmt: skip
    assert whys() == ["number_of_other"] * 2
    await preview(desk, [[one.order_no, "顺丰", "SF7777777"]])
    assert whys() == ["number_of_other"]
    mine = paid_order(one.member_id, product=one.product)
    await preview(desk, [
        [one.order_no, "顺丰", "SF6666666"], [mine.order_no, "顺丰", "SF6666666"],
    ])  # fmt: skip
    assert states() == ["good", "good"], "one buyer's orders may go in one parcel"


async def test_rows_that_changed_after_the_preview_are_refused(desk: Desk) -> None:
    product = make_product(stock=50)
    shipped, part, fine = (
        paid_order(make_member(f"b{n}"), product=product, quantity=2) for n in range(3)
    )
    place = await preview(desk, [
        [each.order_no, "顺丰", f"SF12345{n}"] for n, each in enumerate((shipped, part, fine))
    ])  # fmt: skip
    orders.ship_parcel(shipped.order_id, ShipForm("圆通", "YT99999"))
    aftersales.request_case(
        CaseForm(part.member_id, part.order_no, "refund_only", ((part.line_ids[0], 1),), "late")
    )
    await desk.post(f"{place}/run")
    assert states() == ["refused", "refused", "done"]
    assert whys() == ["shipped_before", "ship_sheet_moved", ""]
    _, text = await desk.get(place)
    assert "订单已经发货（圆通速递 YT99999）" in lines_of(text, "td .error")
    assert "待发 2 件，现为 1 件" in lines_of(text, "td .error")
    assert Parcel.select().count() == 2


async def test_a_sheet_expires_after_a_day(desk: Desk) -> None:
    (one,) = some_orders(1)
    place = await preview(desk, [[one.order_no, "顺丰", "SF1234567"]])
    clock.set_offset(timedelta(hours=25))
    desk.sign_in("boss")
    await desk.post(f"{place}/run")
    assert "请重新上传" in await desk.said()
    assert Parcel.select().count() == 0


async def test_lines_can_be_pasted_instead(desk: Desk) -> None:
    one, two = some_orders(2)
    lines = f"{one.order_no}\t顺丰\tSF1234567\r\n{two.order_no} 中通 ZT7654321"
    status, place = await desk.post(PAGE, lines=lines)
    assert status == 303
    assert states() == ["good", "good"]
    status, text = await desk.post(PAGE, lines="")
    assert status == 422
    assert "里面没有内容" in errors_of(text)["lines"]
    many = "\n".join(f"ORD{n} 顺丰 SF{n:06}" for n in range(imports.ROWS_MOST + 1))
    status, text = await desk.post(PAGE, lines=many)
    assert status == 422
    assert "一次最多 5000 行" in errors_of(text)["lines"]
    assert "ORD4999" in lines_of(text, "textarea[name=lines]"), "what was pasted is kept"
    assert await desk.get(place)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "里面没有内容"), (b"%PDF-1.7", "这不是表格"), (b"PK\x03\x04junk", "文件打不开"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "旧版 .xls"), (b"<html><table>", "其实是网页"),
        (text_file([["a", "b", "c"]], head=("甲", "乙", "丙")), "没有找到表头"),
        (text_file([["a", "b"]], head=("订单号", "乙")), "缺少这些列：快递公司、快递单号"),
        (b"a" * (sheets.BYTES_MOST + 1), "超过 8 MB"),
    ],
    ids=range(8),
)  # fmt: skip
async def test_another_kind_of_file_is_refused_in_words(
    desk: Desk, body: bytes, said: str
) -> None:
    status, text = await send(desk, body)
    assert status == 422
    assert said in "".join(texts_of(text, ".has-error .error"))
    assert SheetImport.select().count() == 0


async def test_excel_in_china_writes_csv_as_gb18030(desk: Desk) -> None:
    one, two = some_orders(2)
    rows = [[one.order_no, "韵达", "YD1234567"], [two.order_no, "邮政EMS", "EE123456789CN"]]
    status, _ = await send(desk, text_file(rows, "gb18030"), "发货.csv")
    assert status == 303
    assert states() == ["good", "good"]


async def test_the_sheet_has_only_the_ticked_orders(desk: Desk) -> None:
    one, two, three = some_orders(3)
    _, text = await desk.get("/admin/orders?view=to_ship")
    assert "下载发货表" in texts_of(text, "button")
    _, rows = await fetch(desk, f"{PAGE}/file", ids=str(two.order_id))
    assert [row[0] for row in rows[1:]] == [two.order_no]
    ship_all(one), ship_all(two), ship_all(three)
    _, text = await desk.get("/admin/orders?view=all")
    assert "下载发货表" not in words_of(text), "there is nothing to tick"


async def test_receivers_are_in_the_sheet_only_with_the_right_and_are_logged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, erased = some_orders(2)
    Member.update(wrapped_key=None).where(Member.id == erased.member_id).execute()
    _, (head, first, second) = await fetch(desk, f"{PAGE}/file")
    assert first[head.index("电话")].isdigit()
    assert second[head.index("地址")] == "个人信息已按要求删除"
    looks = AuditEntry.select().where(AuditEntry.action == "order.address")
    assert [look.target_id for look in looks] == [str(one.order_id)]
    monkeypatch.setitem(ROLES, "operator", ROLES["operator"] - {"orders.personal"})
    hire("lisa", "operator")
    desk.sign_in("lisa")
    _, (head, first, _) = await fetch(desk, f"{PAGE}/file")
    assert "电话" not in head
    assert "****" in first[head.index("收货")]
    assert looks.count() == 1


async def test_without_the_right_to_ship_every_page_is_refused(desk: Desk) -> None:
    (one,) = some_orders(1)
    place = await preview(desk, [[one.order_no, "顺丰", "SF1234567"]])
    for role, rights in ROLES.items():
        hire(f"one-{role}", role)
        desk.sign_in(f"one-{role}")
        may = "orders.ship" in rights
        assert (await desk.get(PAGE))[0] == (200 if may else 403), role
        assert (await send(desk, workbook([])))[0] == (422 if may else 403), role
        assert (await fetch(desk, f"{PAGE}/file"))[0] == (200 if may else 403), role
        others = 404 if may else 403  # a sheet is seen by its sender only
        assert (await desk.get(place))[0] == others, role
        assert (await desk.post(f"{place}/run"))[0] == others, role
        assert (await fetch(desk, f"{place}/file"))[0] == others, role
        _, text = await desk.get("/admin/orders")
        assert ("批量发货" in texts_of(text, ".head a")) <= may, role
    desk.use("")
    assert (await desk.get(place))[0] == 303
    assert Parcel.select().count() == 0


async def test_the_worker_processes_a_long_sheet_and_the_page_shows_progress(
    desk: Desk, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_imports, "AT_ONCE_ROWS", 2)
    made = some_orders(4)
    rows = [[each.order_no, "顺丰", f"SF12345{n}"] for n, each in enumerate(made)]
    place = await preview(desk, rows)
    await desk.post(f"{place}/run")
    assert "正在后台处理" in await desk.said()
    assert Parcel.select().count() == 0
    _, text = await desk.get(place)
    assert "还剩 4 行" in words_of(text, ".notice")
    assert values_of(text, "#import", "hx-trigger") == ["every 2s"]
    import_id = int(place.rsplit("/", 1)[1])
    assert OutboxRow.get(OutboxRow.kind == "import.run").payload == {"import_id": import_id}
    await import_runs.run_import(store, MENU, import_id)
    await import_runs.run_import(store, MENU, import_id)  # a second run changes nothing
    _, text = await desk.get(place)
    assert texts_of(text, ".notice") == ["已处理完，全部成功。"]
    assert {parcel.by for parcel in Parcel.select()} == {"staff:boss"}
    assert Parcel.select().count() == 4


async def test_processing_continues_after_the_worker_died(
    desk: Desk, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_imports, "AT_ONCE_ROWS", 0)
    made = some_orders(3)
    rows = [[each.order_no, "顺丰", f"SF12345{n}"] for n, each in enumerate(made)]
    place = await preview(desk, rows)
    await desk.post(f"{place}/run")
    real, calls = orders.ship_row, []

    def dies(row: ShipRow, pieces: int) -> int:
        calls.append(row)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return real(row, pieces)

    monkeypatch.setattr(orders, "ship_row", dies)
    import_id = int(place.rsplit("/", 1)[1])
    with pytest.raises(RuntimeError):
        await import_runs.run_import(store, MENU, import_id)
    assert states() == ["done", "good", "good"]
    await import_runs.run_import(store, MENU, import_id)
    assert states() == ["done"] * 3
    assert Parcel.select().count() == 3


async def test_the_worker_checks_the_rights_again(
    desk: Desk, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_imports, "AT_ONCE_ROWS", 0)
    (one,) = some_orders(1)
    place = await preview(desk, [[one.order_no, "顺丰", "SF1234567"]])
    await desk.post(f"{place}/run")
    Staff.update(roles=["finance"]).where(Staff.login == "boss").execute()
    await import_runs.run_import(store, MENU, int(place.rsplit("/", 1)[1]))
    assert Parcel.select().count() == 0
    assert SheetImport.get().state == "stopped"


async def test_the_page_lists_one_s_own_uploads(desk: Desk) -> None:
    (one,) = some_orders(1)
    await preview(desk, [[one.order_no, "顺丰", "SF1234567"]])
    _, text = await desk.get(PAGE)
    (row,) = table_of(text)
    assert row[1:3] == ["发货.xlsx", "1"]
    hire("lisa", "operator")
    desk.sign_in("lisa")
    _, text = await desk.get(PAGE)
    assert table_of(text) == []


def test_sheets_are_deleted_after_thirty_days(db: Any) -> None:
    imports.keep_import("orders/ship-sheet", "a.xlsx", "staff:boss", [])
    assert imports.delete_expired_imports() == 0
    clock.set_offset(timedelta(days=31))
    assert imports.delete_expired_imports() == 1
    assert SheetImport.select().count() == 0


def test_every_state_and_reason_has_a_text() -> None:
    assert set(IMPORT) == set(imports.STATES)
    assert set(IMPORT_ROW) == set(imports.ROW_STATES)
    cells = {f"cell_{fault}" for fault in get_args(Fault) if fault}
    faults = (ShipFault, CountFault, ProductFault)
    assert set(IMPORT_WHY) == cells.union(*(get_args(each) for each in faults))


def test_the_sheet_knows_the_companies_of_the_form() -> None:
    for typed, wanted in (("SF", "顺丰速运"), ("圆通", "圆通速递"), ("ｅｍｓ", "邮政EMS"),
                          ("顺丰速运", "顺丰速运"), ("某某快运", "某某快运")):  # fmt: skip
        assert orders.checked_tracking(typed, "A12345")[0] == wanted
    assert len(orders.COMPANIES) > 8
    assert SHIP_SHEET.right == "orders.ship"
