"""Generates a year of trade, with rows as the flows leave them.

Totals agree as far as pages show them. Values that no page shows (encrypted addresses, signatures)
are placeholders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.tools.shop import APPID, in_rows, openid
from kernel import clock
from models import (
    AuditEntry,
    Binding,
    Commission,
    Delivery,
    Distributor,
    Member,
    Order,
    OrderLine,
    OrderLog,
    OutboxRow,
    Parcel,
    Payment,
    PayNotice,
    PushCampaign,
    Sku,
    StockMove,
    VisitDay,
    WechatIdentity,
    Withdrawal,
)

FIRST = 1_000_000  # ids of generated rows begin here, above those of the shop
DAYS = 365
SELLERS = 500
CHUNK = 20_000
Rows = Iterator[dict[str, Any]]


def fill_year(orders: int) -> None:
    """Insert orders by a fifth as many members, with all dependent rows."""
    members = max(orders // 5, SELLERS + 1)
    sku = Sku.select(Sku.id, Sku.product, Sku.price_fen).order_by(Sku.id).first()
    _put(Member, members, _member)
    _put(WechatIdentity, members, _identity)
    _put(Distributor, SELLERS, _distributor)
    _put(Binding, members, _binding)
    _put(Order, orders, lambda n: _order(n, orders, members, sku))
    _put(OrderLine, orders, lambda n: _line(n, sku))
    _put(OrderLog, orders * 3, lambda n: _log(n, orders))
    _put(Parcel, orders, lambda n: _parcel(n, orders))
    _put(Payment, orders, lambda n: _payment(n, orders, sku))
    _put(PayNotice, orders, lambda n: _notice(n, orders))
    _put(StockMove, orders * 2, lambda n: _move(n, orders, sku))
    _put(Commission, orders // 2, lambda n: _commission(n, orders, sku))
    _put(Withdrawal, SELLERS * 6, _withdrawal)
    _put(VisitDay, SELLERS * DAYS, _visits)
    _put(PushCampaign, 10, _campaign)
    _put(Delivery, members * 5, lambda n: _delivery(n, members))
    _put(AuditEntry, orders // 2, lambda n: _audit(n, orders))
    _put(OutboxRow, orders // 10, lambda n: _job(n, orders))


def _put(table: Any, count: int, make: Callable[[int], dict[str, Any]]) -> None:
    for start in range(0, count, CHUNK):
        in_rows(table, [
            {"id": FIRST + n, **make(n)} for n in range(start, min(start + CHUNK, count))
        ])  # fmt: skip


def _when(n: int, of: int) -> datetime:
    """The instant of a row: evenly over the year, the last one a minute ago."""
    return clock.now() - timedelta(minutes=1) - timedelta(days=DAYS) * (1 - (n + 1) / of)


def _state(n: int, of: int) -> str:
    """An order's state: the last 1 % are not yet completed."""
    if n < of - of // 100:
        return "cancelled" if n % 20 == 7 else "completed"
    return ("awaiting_payment", "paid", "shipped", "received")[n % 4]


def _member(n: int) -> dict[str, Any]:
    return {"public_no": f"Y{n:08d}", "nickname": f"酒友{n}", "created_at": _when(n, n + 1_000),
            "push_agreed_at": clock.now()}  # fmt: skip


def _identity(n: int) -> dict[str, Any]:
    return {"member": FIRST + n, "appid": APPID, "openid": openid(n), "is_following": True,
            "followed_at": clock.now()}  # fmt: skip


def _distributor(n: int) -> dict[str, Any]:
    return {"member": FIRST + n, "state": "active", "display_name": f"{n} 号酒铺",
            "referral_code": f"Y{n:06d}", "terms_version": "1",
            "applied_at": clock.now()}  # fmt: skip


def _binding(n: int) -> dict[str, Any]:
    above = FIRST + n % SELLERS if n >= SELLERS else None
    return {"member": FIRST + n, "p1": above, "bound_at": _when(n, n + 1_000),
            "expires_at": clock.now() + timedelta(days=30)}  # fmt: skip


def _order(n: int, of: int, members: int, sku: Any) -> dict[str, Any]:
    at, state = _when(n, of), _state(n, of)
    is_paid = state not in ("cancelled", "awaiting_payment")
    fen = int(sku.price_fen)
    return {
        "order_no": f"ORDYEAR{n:012d}", "member": FIRST + n % members, "state": state,
        "goods_fen": fen, "payable_fen": fen,
        "paid_fen": fen if is_paid else 0, "sealed_address": "-",
        "masked_address": f"酒** 138****{n % 10_000:04d} 四川省泸州市江阳区***",
        "seller": FIRST + n % SELLERS if n % 2 else None, "created_at": at,
        "pay_by_at": at + timedelta(minutes=30), "paid_at": at if is_paid else None,
        "shipped_at": at if is_paid and state != "paid" else None,
        "receive_by_at": at + timedelta(days=10) if state == "shipped" else None,
        "received_at": at if state in ("received", "completed") else None,
        "complete_by_at": at + timedelta(days=17) if state == "received" else None,
        "completed_at": at if state == "completed" else None,
        "cancelled_at": at if state == "cancelled" else None,
    }  # fmt: skip


def _line(n: int, sku: Any) -> dict[str, Any]:
    fen = int(sku.price_fen)
    return {"order": FIRST + n, "sku": sku.id, "product": sku.product_id, "title": "山泉坊·陈酿",
            "unit_price_fen": fen, "quantity": 1, "line_fen": fen, "paid_fen": fen,
            "adjustments": []}  # fmt: skip


def _log(n: int, of: int) -> dict[str, Any]:
    steps = ((None, "awaiting_payment"), ("awaiting_payment", "paid"), ("paid", "shipped"))
    before, after = steps[n % 3]
    return {"order": FIRST + n // 3, "from_state": before, "to_state": after,
            "actor": "system", "at": _when(n // 3, of)}  # fmt: skip


def _parcel(n: int, of: int) -> dict[str, Any]:
    return {"order": FIRST + n, "company": "顺丰速运", "tracking_no": f"SF{n:012d}",
            "shipped_at": _when(n, of), "by": "staff:1"}  # fmt: skip


def _payment(n: int, of: int, sku: Any) -> dict[str, Any]:
    at, fen = _when(n, of), int(sku.price_fen)
    is_paid = _state(n, of) not in ("cancelled", "awaiting_payment")
    return {
        "payable_kind": "order", "payable_id": FIRST + n, "payable_no": f"ORDYEAR{n:012d}",
        "out_trade_no": f"PAYYEAR{n:012d}", "channel": "jsapi",
        "mchid": "1900000001", "appid": APPID, "amount_fen": fen,
        "received_fen": fen if is_paid else 0, "state": "paid" if is_paid else "closed",
        "transaction_id": f"42{n:026d}" if is_paid else None, "created_at": at,
        "expires_at": at + timedelta(minutes=30), "paid_at": at if is_paid else None,
    }  # fmt: skip


def _notice(n: int, of: int) -> dict[str, Any]:
    return {"notice_id": f"year-{n}", "event_type": "TRANSACTION.SUCCESS",
            "out_number": f"PAYYEAR{n:012d}", "content": "{}", "received_at": _when(n, of),
            "outcome": "done"}  # fmt: skip


def _move(n: int, of: int, sku: Any) -> dict[str, Any]:
    is_sale = bool(n % 2)
    return {"sku": sku.id, "delta": 0 if is_sale else -1, "quantity": 1,
            "reason": "sold" if is_sale else "hold", "source": f"ORDYEAR{n // 2:012d}",
            "actor": "system", "at": _when(n // 2, of)}  # fmt: skip


def _commission(n: int, of: int, sku: Any) -> dict[str, Any]:
    order = 2 * n + 1
    state = {"completed": "released", "cancelled": "void"}.get(_state(order, of), "pending")
    fen = int(sku.price_fen)
    return {
        "line": FIRST + order, "order": FIRST + order, "level": 1,
        "member": FIRST + order % SELLERS, "base_fen": fen, "amount_fen": fen * 14 // 100,
        "rule": {"mode": "pool", "pool_bp": 2000}, "state": state,
        "frozen_until": _when(order, of) + timedelta(days=7) if state == "pending" else None,
        "created_at": _when(order, of),
    }  # fmt: skip


def _withdrawal(n: int) -> dict[str, Any]:
    at = _when(n, SELLERS * 6)
    return {"member": FIRST + n % SELLERS, "out_bill_no": f"WDYEAR{n:012d}", "state": "paid",
            "gross_fen": 10_000, "net_fen": 10_000, "openid": openid(n % SELLERS),
            "requested_at": at}  # fmt: skip


def _visits(n: int) -> dict[str, Any]:
    day = (clock.now() - timedelta(days=n // SELLERS)).date().isoformat()
    return {"referrer": FIRST + n % SELLERS, "day": day, "visits": 5, "visitors": 3}


def _campaign(n: int) -> dict[str, Any]:
    at = _when(n, 10)
    return {"title": f"活动 {n}", "carrier": "template", "is_promotion": True, "state": "done",
            "content": {"text": "-"}, "audience": {"kind": "all"}, "created_by": "staff:1",
            "created_at": at, "started_at": at, "finished_at": at}  # fmt: skip


def _delivery(n: int, members: int) -> dict[str, Any]:
    return {"campaign": FIRST + n // members, "member": FIRST + n % members,
            "openid": openid(n % members), "state": "delivered", "msg_id": f"y{n}",
            "at": _when(n // members, 10)}  # fmt: skip


def _audit(n: int, of: int) -> dict[str, Any]:
    return {"actor": "staff:1", "action": "order.ship", "target_type": "order",
            "target_id": f"ORDYEAR{n:012d}", "at": _when(n, of // 2)}  # fmt: skip


def _job(n: int, of: int) -> dict[str, Any]:
    at = _when(of - of // 10 + n, of)
    return {"kind": "notify.member", "payload": {}, "state": "done", "next_at": at,
            "created_at": at, "done_at": at}  # fmt: skip
