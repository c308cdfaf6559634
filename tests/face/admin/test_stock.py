"""库存: adjustments with a cause, arrivals by lot, stocktaking by sheet."""

from __future__ import annotations

from typing import Any

import pytest

from domain import catalog, orders
from domain.staff import ROLES
from models import AuditEntry, Sku, StockLot, StockMove
from tests.face.desk import Desk, hire
from tests.face.sheets import fetch, send_sheet
from tests.factories.catalog import Made, make_product
from tests.factories.orders import paid_order
from tests.factories.sheets import workbook
from tests.harness.markup import table_of, texts_of, words_of

PAGE = "/admin/stock/count-sheet"
pytestmark = pytest.mark.row("B4")


@pytest.fixture
def made(desk: Desk) -> Made:
    return make_product("陈酿", stock=20)


def stock_of(made: Made) -> int:
    return int(Sku.get_by_id(made.sku_id).stock)


async def test_an_adjustment_has_a_cause_and_needs_words_only_for_other(
    desk: Desk, made: Made
) -> None:
    page = f"/admin/stock/{made.sku_id}"
    await desk.post(page, back=page, cause="damage", delta="-2", why="")
    assert stock_of(made) == 18
    assert "报损" in words_of((await desk.get(page))[1], "tbody")
    await desk.post(page, back=page, cause="other", delta="-2", why="")
    assert stock_of(made) == 18
    await desk.post(page, back=page, cause="damage", delta="2")
    assert await desk.said() == "未完成：到货填正数，报损和领用填负数"
    await desk.post(page, back=page, cause="theft", delta="2")
    assert stock_of(made) == 18


async def test_an_arrival_is_shown_with_its_lot_and_day(desk: Desk, made: Made) -> None:
    page = f"/admin/stock/{made.sku_id}"
    status, _ = await desk.post(
        f"{page}/arrivals", quantity="24", lot_no="20261101-A", made_on="2026-11-01",
        note="质检合格", _idem="0123456789abcdef",
    )  # fmt: skip
    assert status == 303
    assert await desk.said() == "已入库 24 件，批号 20261101-A"
    _, text = await desk.get(page)
    assert stock_of(made) == 44
    (lot,) = table_of(text, 1)
    assert lot[1:] == ["2026-11-01", "24", "24"]
    assert lot[0].startswith("20261101-A")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"quantity": "0", "lot_no": "A1"}, "请输入 1 到"),
        ({"quantity": "5", "lot_no": ""}, "请填写"),
        ({"quantity": "5", "lot_no": "A1", "made_on": "昨天"}, "请填写正确的日期"),
        ({"quantity": "5", "lot_no": "A1", "made_on": "2999-01-01"}, "生产日期应在"),
    ],
)
async def test_a_wrong_arrival_is_refused(
    desk: Desk, made: Made, typed: dict[str, str], error: str
) -> None:
    page = f"/admin/stock/{made.sku_id}/arrivals"
    _, place = await desk.post(page, **typed, _idem="0123456789abcdef")
    assert error in await desk.said() or error in place
    assert not StockLot.select().exists()
    assert stock_of(made) == 20


async def test_a_stocktake_is_downloaded_counted_and_uploaded(desk: Desk, made: Made) -> None:
    other = make_product("新酿", stock=8)
    paid_order(items=[(made.sku_id, 3)])
    status, rows = await fetch(desk, f"{PAGE}/file", ids=[made.sku_id, other.sku_id])
    assert status == 200
    head, *lines = rows
    assert head[:4] == ["规格编号", "账面数", "实盘数", "差异说明"]
    assert [line[1] for line in lines[:2]] == [20, 8]  # three are sold and still in the house
    lines[0][2:4] = [18, "破两瓶"]
    lines[1][2] = 8
    status, place = await send_sheet(desk, PAGE, workbook([head, *lines]), "盘点.xlsx")
    assert status == 303, place
    _, preview = await desk.get(place)
    assert table_of(preview)[0][-4:] == ["陈酿 500ml", "20", "-2", "可盘点"]
    await desk.post(f"{place}/run")
    assert stock_of(made) == 15
    move = StockMove.select().order_by(StockMove.id.desc()).get()
    assert (move.cause, move.delta, move.note) == ("count", -2, "破两瓶")
    counted = AuditEntry.select().where(AuditEntry.action == "stock.count")
    assert [row.after["delta"] for row in counted] == [-2, 0]
    assert catalog.skus_out_of_balance() == []
    await desk.post(f"{place}/run")  # a second tap
    assert stock_of(made) == 15


async def test_a_parcel_that_left_meanwhile_stops_its_row(desk: Desk, made: Made) -> None:
    bought = paid_order(items=[(made.sku_id, 3)])
    row: list[Any] = [["规格编号", "账面数", "实盘数", "差异说明"], [str(made.sku_id), 20, 19, ""]]
    _, place = await send_sheet(desk, PAGE, workbook(row), "盘点.xlsx")
    orders.ship_parcel(bought.order_id, orders.ShipForm("顺丰速运", "SF7788990011"))
    await desk.post(f"{place}/run")
    assert stock_of(made) == 17
    assert "账面数已变（表里 20 件，现为 17 件）" in words_of((await desk.get(place))[1])


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_only_who_may_change_stock_takes_stock(desk: Desk, made: Made, role: str) -> None:
    may = "products.stock" in ROLES[role]
    hire("lisa", role)
    desk.sign_in("lisa")
    status, _ = await desk.get(PAGE)
    assert status == (200 if may else 403)
    status, _ = await desk.post(
        f"/admin/stock/{made.sku_id}/arrivals", quantity="5", lot_no="A1", _idem="0123456789abcdef"
    )
    assert (status == 303) == may
    _, text = await desk.get(f"/admin/stock/{made.sku_id}")
    assert (texts_of(text, ".card-head") != []) == may
    assert stock_of(made) == (25 if may else 20)
