"""Every list of the menu: its views, filters and pages, and its file."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from python_calamine import CalamineWorkbook

from admin.kit import exporting
from admin.kit.columns import file_columns
from admin.kit.lists import ListSpec
from admin.kit.page import Page
from admin.menu import MENU, PAGES
from admin.shop import export_files
from domain import aftersales, audit, exports
from domain.exports import ExportRequest
from domain.payments.refunds import refund_failed
from domain.staff import ROLES
from gateways.private_files import PrivateFiles
from kernel import clock
from kernel.faults import Fault
from models import AuditEntry, ExportFile, Member, OutboxRow, Refund, Staff
from tests.face.desk import Desk, hire
from tests.face.shop_with_data import Shop, make_shop
from tests.factories.bills import make_difference
from tests.factories.members import make_member
from tests.factories.pickups import make_place, ready_pickup
from tests.harness.made_once import made_once
from tests.harness.markup import count_of, table_of, texts_of, values_of
from tests.queries import counted

LISTS: dict[str, tuple[Page, ListSpec[Any]]] = {
    part.address(page): (page, part)
    for page in PAGES for part in page.parts if isinstance(part, ListSpec)
}  # fmt: skip
WITH_FILE = sorted(key for key, (_, spec) in LISTS.items() if spec.has_file)
QUERIES_MOST = 60
SHORT = {"exports": "of one's own files", "places": "a shop has few places"}
"""Lists without views and filters, and why."""


def full_shop(desk: Desk) -> Shop:
    """One of everything. Time has passed, so the owner signs in again."""
    shop = made_once("shop with a full list at the desk", _make_full_shop)
    desk.sign_in("boss")
    return shop


def _make_full_shop() -> Shop:
    shop = make_shop()
    total_fen = aftersales.case_detail_for_merchant(shop.case_id).total_fen
    aftersales.answer_case(shop.case_id, "approve", "", total_fen, restock=False, may_act=True)
    refund_failed(Refund.get().id, Fault("ABNORMAL"))
    audit.record_event("refund.abnormal", "refund", 1)
    make_difference()
    ready_pickup(make_place())
    return shop


def addresses(key: str, spec: ListSpec[Any]) -> list[str]:
    """The list without conditions, in each view, and with each filter set."""
    views = [{"view": view.key} for view in spec.views]
    said = {"text": "没有这样的", "day": "2026-11-30"}
    filters = [
        {each.name: each.options[0][0] if each.kind == "choice" else said[each.kind]}
        for each in spec.filters
    ]
    return [f"/admin/{key}", *(f"/admin/{key}?{urlencode(q)}" for q in (*views, *filters))]


def test_the_menu_has_lists() -> None:
    assert len(LISTS) >= 13
    assert all(spec.views or spec.filters or key in SHORT for key, (_, spec) in LISTS.items())


@pytest.mark.parametrize("key", LISTS)
async def test_an_empty_list_says_so_in_each_view_and_filter(desk: Desk, key: str) -> None:
    page, spec = LISTS[key]
    asked = addresses(key, spec)
    assert asked
    for address in asked:
        status, text = await desk.get(address)
        assert status == 200, address
        assert texts_of(text, "h1") == [spec.title(page)], address
        assert len(texts_of(text, "#list .empty h2")) + len(table_of(text)) > 0, address


@pytest.mark.parametrize("key", LISTS)
async def test_a_full_list_opens_in_each_view_and_filter(desk: Desk, key: str, db: Any) -> None:
    full_shop(desk)
    _, spec = LISTS[key]
    rows = 0
    for address in addresses(key, spec):
        with counted(db) as seen:
            status, text = await desk.get(address)
        assert status == 200, address
        assert len(texts_of(text, "h1")) == 1, address
        assert len(seen) <= QUERIES_MOST, (address, len(seen))
        rows += len(table_of(text))
    assert rows > 0 or key == "exports"


@pytest.mark.parametrize("key", WITH_FILE)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_a_list_as_a_file_has_its_columns_and_rows(desk: Desk, key: str, kind: str) -> None:
    full_shop(desk)
    _, spec = LISTS[key]
    view = spec.views[-1].key if spec.views and spec.views[0].key != "all" else "all"
    status, body, headers = await fetch(desk, key, kind, view=view)
    assert status == 200
    assert headers["Cache-Control"] == "no-store, private"
    rows = read_rows(kind, body)
    assert rows[0] == [c.title for c in file_columns(spec.columns, Everything())]
    assert len(rows) - 1 == await shown_on_all_pages(desk, f"/admin/{key}?view={view}") < 200
    assert all(len(row) == len(rows[0]) for row in rows)


async def shown_on_all_pages(desk: Desk, address: str) -> int:
    """The number of rows of a list on all its pages."""
    count = 0
    while address:
        _, text = await desk.get(address)
        count += len(table_of(text))
        address = next(iter(values_of(text, "a[rel=next]", "href")), "")
    return count


class Everything:
    """Somebody who may do everything."""

    rights = frozenset(ROLES["owner"])

    def may(self, right: str) -> bool:
        """True for every right."""
        return True


async def fetch(desk: Desk, key: str, kind: str, **values: str) -> tuple[int, bytes, Any]:
    """A list as a file: status, bytes, headers."""
    from kernel.web.browsers import Browser

    data = {"format": kind, "_csrf": Browser.csrf_of(desk.cookie), **values}
    answer = await desk.client.post(
        f"/admin/{key}/file", data=data, headers=desk._headers(), allow_redirects=False
    )
    return answer.status, await answer.read(), answer.headers


def read_rows(kind: str, body: bytes) -> list[list[Any]]:
    """The rows of a file, as another program reads them."""
    if kind == "csv":
        assert body.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()


async def test_sums_and_times_are_numbers_and_dates_in_a_spreadsheet(desk: Desk) -> None:
    shop = full_shop(desk)
    _, body, _ = await fetch(desk, "orders", "xlsx", view="all")
    head, *rows = read_rows("xlsx", body)
    row = dict(zip(head, next(r for r in rows if r[0] == shop.order.order_no), strict=True))
    assert isinstance(row["实付"], float)
    assert row["实付"] == 596.0
    assert isinstance(row["下单"], datetime | date)
    _, body, _ = await fetch(desk, "orders", "csv", view="all")
    head, *rows = read_rows("csv", body)
    row = dict(zip(head, next(r for r in rows if r[0] == shop.order.order_no), strict=True))
    assert row["实付"] == "596.00"
    assert row["下单"][:10] == str(clock.business_day(clock.now()))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_a_nickname_is_never_a_formula(desk: Desk, kind: str) -> None:
    """A nickname such as =HYPERLINK(...) ran in the spreadsheet of the exported members."""
    for n, name in enumerate(("=1+1", "+cmd", "-2", "@SUM(A1)")):
        Member.update(nickname=name).where(Member.id == make_member(f"o{n}")).execute()
    _, body, _ = await fetch(desk, "tickets", kind, view="open")
    assert len(read_rows(kind, body)) == 1
    _, body, _ = await fetch(desk, "members", kind)
    names = [row[0] for row in read_rows(kind, body)[1:]]
    assert len(names) == 4
    if kind == "csv":
        assert all(name.startswith("'") for name in names)
    else:
        assert b"<f>" not in unpacked(body)


def unpacked(body: bytes) -> bytes:
    """All parts of a workbook."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


async def test_an_export_is_logged_with_its_conditions(desk: Desk) -> None:
    full_shop(desk)
    await fetch(desk, "orders", "csv", view="to_ship", q="林")
    line = AuditEntry.get(AuditEntry.action == "list.export")
    assert line.actor == "staff:boss"
    assert line.after == {"list": "orders", "format": "csv", "view": "to_ship", "q": "林"}
    _, text = await desk.get("/admin/audit?kind=export")
    assert [row[2] for row in table_of(text)] == ["导出列表"]


@pytest.mark.parametrize("key", WITH_FILE)
async def test_a_file_needs_the_rights_to_export_and_to_see_the_list(desk: Desk, key: str) -> None:
    page, _ = LISTS[key]
    made_once("shop at the desk", make_shop)
    for role, rights in ROLES.items():
        hire(f"one-{role}", role)
        desk.sign_in(f"one-{role}")
        may = exports.RIGHT in rights and page.right in rights
        status, _, _ = await fetch(desk, key, "csv")
        assert status == (200 if may else 403), role
        _, text = await desk.get(f"/admin/{key}")
        assert ("导出 Excel" in texts_of(text, "button")) <= may, role
    assert AuditEntry.select().where(AuditEntry.action == "list.export").count() == sum(
        exports.RIGHT in rights and page.right in rights for rights in ROLES.values()
    )


async def test_a_column_with_its_own_right_is_left_out_without_it() -> None:
    from admin.kit import columns as cols

    columns = (cols.text("名", str), cols.text("电话", str, right="orders.personal"))

    class Nobody(Everything):
        def may(self, right: str) -> bool:
            return False

    assert [c.title for c in file_columns(columns, Everything())] == ["名", "电话"]
    assert [c.title for c in file_columns(columns, Nobody())] == ["名"]


async def test_the_next_page_keeps_the_filters_and_a_wrong_date_is_named(desk: Desk) -> None:
    for n in range(31):
        Member.update(nickname=f"小酒{n}").where(Member.id == make_member(f"o{n}")).execute()
    _, text = await desk.get("/admin/members?q=小酒")
    assert len(table_of(text)) == 30
    (further,) = [
        link for link in values_of(text, "a[rel=next]", "href")
        if "q=" in link and "before=" in link
    ]  # fmt: skip
    _, text = await desk.get(further)
    assert len(table_of(text)) == 1
    assert count_of(text, "a[rel=prev]") == 1
    status, text = await desk.get("/admin/orders?from=2026-13-40&view=paid-or-so&before=x")
    assert status == 200
    assert any("请填日期" in each for each in texts_of(text, ".notice"))


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is long from its third row on, and is read two rows at a time."""
    monkeypatch.setattr(exporting, "AT_ONCE_ROWS", 2)
    monkeypatch.setattr(exporting, "BATCH", 2)


async def ask_for_members(desk: Desk, kind: str = "xlsx", count: int = 7) -> int:
    """Ask for the members as a file that the worker makes; answers the id of its row."""
    for n in range(count):
        make_member(f"o{n}")
    status, _, headers = await fetch(desk, "members", kind)
    assert (status, headers["Location"]) == (303, "/admin/exports")
    row = ExportFile.get()
    assert OutboxRow.get(OutboxRow.kind == "export.make").payload == {"export_id": row.id}
    return int(row.id)


async def test_the_worker_makes_a_long_list_and_only_its_asker_fetches_it(
    desk: Desk, store: Any, tmp_path: Path, long_lists: None
) -> None:
    export_id = await ask_for_members(desk)
    _, text = await desk.get("/admin/exports")
    assert "排队中" in table_of(text)[0][1]
    assert values_of(text, "[hx-trigger]", "hx-trigger") == ["every 3s"]
    files = files_of(desk)
    await export_files.make_file(store, files, MENU, export_id)
    await export_files.make_file(store, files, MENU, export_id)  # a second run changes nothing
    _, text = await desk.get("/admin/exports")
    assert table_of(text)[0][1:3] == ["可下载", "7"]
    status, body = await download(desk, export_id)
    assert status == 200
    assert len(read_rows("xlsx", body)) == 8
    hire("lisa", "operator")
    desk.sign_in("lisa")
    assert (await download(desk, export_id))[0] == 404
    _, text = await desk.get("/admin/exports")
    assert table_of(text) == []


def files_of(desk: Desk) -> PrivateFiles:
    """Where the desk keeps finished files."""
    from admin.deps import DEPS

    for sub in desk.client.app._subapps:
        if DEPS in sub:
            found: Any = sub[DEPS].exports
            return found  # type: ignore[no-any-return]
    raise LookupError("no merchant's pages")


async def download(desk: Desk, export_id: int) -> tuple[int, bytes]:
    """The file as a browser gets it."""
    answer = await desk.client.get(
        f"/admin/exports/{export_id}/file", headers=desk._headers(), allow_redirects=False
    )
    return answer.status, await answer.read()


async def test_rights_are_checked_when_a_file_is_made_and_when_it_is_fetched(
    desk: Desk, store: Any, long_lists: None
) -> None:
    first = await ask_for_members(desk)
    files = files_of(desk)
    await export_files.make_file(store, files, MENU, first)
    Staff.update(roles=["service"]).where(Staff.login == "boss").execute()
    assert (await download(desk, first))[0] == 403
    ExportFile.update(state="waiting", file=None).where(ExportFile.id == first).execute()
    await export_files.make_file(store, files, MENU, first)
    assert ExportFile.get_by_id(first).why == "right_missing"


async def test_a_file_needs_the_right_to_its_list_when_it_is_fetched(
    desk: Desk, store: Any
) -> None:
    asked = ExportRequest("tickets", "客服与投诉", "csv", {"view": "open"})
    export_id = await store.write(exports.queue_export, asked, "staff:boss")
    await export_files.make_file(store, files_of(desk), MENU, export_id)
    assert (await download(desk, export_id))[0] == 200
    Staff.update(roles=["finance"]).where(Staff.login == "boss").execute()  # exports, no tickets
    assert (await download(desk, export_id))[0] == 403


async def test_a_file_expires_and_is_removed(desk: Desk, store: Any, long_lists: None) -> None:
    export_id = await ask_for_members(desk)
    files = files_of(desk)
    await export_files.make_file(store, files, MENU, export_id)
    name = ExportFile.get_by_id(export_id).file
    assert files.path(name) is not None
    clock.set_offset(timedelta(hours=25))
    desk.sign_in("boss")
    assert (await download(desk, export_id))[0] == 404
    _, text = await desk.get("/admin/exports")
    assert "已过期" in table_of(text)[0][1]
    assert await store.write(exports.delete_expired) == []
    clock.set_offset(timedelta(hours=49))
    assert await store.write(exports.delete_expired) == [name]
    await files.remove([name])
    assert files.path(name) is None
    assert ExportFile.select().count() == 0


async def test_a_workbook_that_would_be_too_long_is_refused_with_advice(
    desk: Desk, store: Any, long_lists: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "XLSX_ROWS", 5)
    export_id = await ask_for_members(desk)
    await export_files.make_file(store, files_of(desk), MENU, export_id)
    _, text = await desk.get("/admin/exports")
    assert "请改用 CSV" in table_of(text)[0][1]


async def test_rows_are_read_in_batches(desk: Desk, store: Any, long_lists: None) -> None:
    for n in range(5):
        make_member(f"o{n}")
    _, spec = LISTS["members"]
    wanted = spec.wanted(Everything(), "staff:boss", lambda _: "")
    sizes = [len(rows) async for rows in exporting.batches(store, spec, wanted)]
    assert sizes == [2, 2, 1]


async def test_a_file_that_is_asked_for_twice_is_made_once(desk: Desk, long_lists: None) -> None:
    export_id = await ask_for_members(desk)
    await fetch(desk, "members", "xlsx")
    assert ExportFile.select().count() == 1
    await fetch(desk, "members", "csv")
    assert ExportFile.get(ExportFile.id != export_id).kind == "csv"


async def test_a_file_is_made_anew_after_its_worker_died(
    desk: Desk, store: Any, long_lists: None
) -> None:
    export_id = await ask_for_members(desk)
    await store.write(exports.begin_export, export_id)
    await store.write(exports.record_progress, export_id, 4)
    await export_files.make_file(store, files_of(desk), MENU, export_id)
    row = ExportFile.get_by_id(export_id)
    assert (row.state, row.rows_done) == ("ready", 7)
    assert len(read_rows("xlsx", (await download(desk, export_id))[1])) == 8


def test_a_missing_or_expired_export_is_not_made(db: Any) -> None:
    assert exports.begin_export(4711) is None
    export_id = exports.queue_export(ExportRequest("members", "会员", "csv", {}), "staff:boss")
    clock.set_offset(timedelta(hours=25))
    assert exports.begin_export(export_id) is None
