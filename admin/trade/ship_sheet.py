"""批量发货: a sheet of orders to ship is filled in and uploaded; each row ships one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from admin.kit.imports import ImportSpec
from admin.kit.steps import Ask
from domain import gifts, orders
from domain.imports import Verdict
from domain.orders import ShipRow, ToShip
from kernel import clock
from kernel.sheets import Column, Heading

ADDRESS = "orders.personal"
HEADINGS = (
    Heading("order_no", "订单号", ("订单编号", "订单", "商家订单号", "订单号码"), is_code=True),
    Heading("company", "快递公司", ("物流公司", "快递", "承运商", "物流", "快递名称", "物流商")),
    Heading("tracking_no", "快递单号",
            ("运单号", "物流单号", "运单编号", "单号", "快递号", "快递编号"), is_code=True),
)  # fmt: skip


def _columns(ask: Ask) -> Sequence[Column]:
    named = ("收货人", "电话", "地址") if ask.who.may(ADDRESS) else ("收货",)
    return (
        *(Column(each.title, "code" if each.is_code else "text") for each in HEADINGS),
        Column("商品"), Column("件数", "number"), *map(Column, named), Column("买家备注"),
        Column("贺卡"), Column("付款时间", "when"),
    )  # fmt: skip


def _start(ask: Ask, ids: Sequence[int], after: int) -> Sequence[tuple[int, Sequence[Any]]]:
    """Orders after an id, oldest first; an order with nothing left to ship has no row."""
    sees = ask.who.may(ADDRESS)
    found = orders.list_to_ship(ids, after, with_address=sees)
    marks = gifts.packing_of_orders([each.id for each in found])
    return [
        (each.id, _row(each, sees, _mark(marks.get(each.id))) if each.pieces else ())
        for each in found
    ]


def _mark(arrive_by: str | None) -> str:
    """What the packer of a gift has to know; "" for other orders."""
    if arrive_by is None:
        return ""
    until = f"，希望 {arrive_by} 前送达" if arrive_by else ""
    return f"【礼物，不放价格单{until}】"


def _row(it: ToShip, sees_address: bool, mark: str) -> Sequence[Any]:
    local = it.paid_at.astimezone(clock.SHANGHAI).replace(tzinfo=None, microsecond=0)
    said = (mark + it.note, it.greeting)
    return (
        it.order_no, "", "", it.goods, it.pieces, *_receiver(it, sees_address), *said, local,
    )  # fmt: skip


def _receiver(it: ToShip, sees_address: bool) -> Sequence[str]:
    if not sees_address:
        return (it.masked_address,)
    if it.address is None:
        return ("", "", "个人信息已按要求删除")
    where = "".join(it.address[part] for part in ("province", "city", "district", "detail"))
    return (it.address["name"], it.address["phone"], where)


def _check(rows: Sequence[Mapping[str, str]]) -> Sequence[Verdict]:
    return orders.check_ship_rows([ShipRow(**row) for row in rows])


def _save(row: Mapping[str, str], shown: Mapping[str, Any]) -> None:
    """Ship the order in one parcel, if it still has the pieces that the preview showed."""
    orders.ship_row(ShipRow(**row), shown["pieces"])


SHIP_SHEET = ImportSpec(
    "orders/ship-sheet", "批量发货", "订单台", "发货", "单",
    "ORD261130RXZ8AKXGJZWQ8DPC 顺丰 SF1234567890", "orders.ship", HEADINGS, _columns, _start,
    _check, _save, also=(("goods", "商品"), ("pieces", "件数")),
)  # fmt: skip
