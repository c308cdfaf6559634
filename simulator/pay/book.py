"""The simulator's own book of the merchant's money, and the JSON of payments for `/_sim`."""

from __future__ import annotations

from typing import Any

from simulator import chat
from simulator.clock import iso
from simulator.sim import Sim
from simulator.world import BookEntry, Order, Phone, Refund, Transfer


def post(sim: Sim, kind: str, ref: str, out_ref: str, amount_fen: int) -> None:
    """Book one movement of the merchant's account (资金流水); 0 fen is not booked."""
    if amount_fen == 0:
        return
    world = sim.world
    world.fund_fen += amount_fen
    world.book.append(
        BookEntry(
            id=world.next_id(),
            at=sim.clock.now(),
            account="BASIC",
            kind=kind,
            ref=ref,
            out_ref=out_ref,
            amount_fen=amount_fen,
            balance_fen=world.fund_fen,
        )
    )


def fee_of(sim: Sim, amount_fen: int) -> int:
    """WeChat's fee (手续费) in fen, rounded half up."""
    return (amount_fen * sim.settings.fee_rate_bp + 5000) // 10_000


def refunded_fen(sim: Sim, out_trade_no: str) -> int:
    """The sum in fen of an order's refunds that succeeded or are in progress."""
    return sum(
        r.amount_fen
        for r in sim.world.refunds.values()
        if r.out_trade_no == out_trade_no and r.state != "CLOSED"
    )


def receipt(sim: Sim, phone: Phone, title: str, amount_fen: int, **facts: str) -> None:
    """Add a line from WeChat Pay to the phone's service messages."""
    body = {"title": title, "amount_fen": amount_fen, **facts}
    chat.deliver(sim, phone, "pay", "receipt", body, sender="wechat", box="services")


def _at(instant: float) -> str | None:
    return iso(instant) if instant else None


def order_json(sim: Sim, order: Order) -> dict[str, Any]:
    """An order as `/_sim` shows it."""
    return {
        "out_trade_no": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "trade_type": order.trade_type,
        "state": order.state,
        "total_fen": order.total_fen,
        "refunded_fen": refunded_fen(sim, order.out_trade_no),
        "fee_fen": order.fee_fen,
        "description": order.description,
        "attach": order.attach,
        "phone": order.phone,
        "openid": order.payer_openid or order.openid,
        "made_at": _at(order.made_at),
        "paid_at": _at(order.paid_at),
    }


def refund_json(refund: Refund) -> dict[str, Any]:
    """A refund as `/_sim` shows it."""
    return {
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "out_trade_no": refund.out_trade_no,
        "amount_fen": refund.amount_fen,
        "reason": refund.reason,
        "state": refund.state,
        "made_at": _at(refund.made_at),
        "finished_at": _at(refund.finished_at),
    }


def transfer_json(transfer: Transfer) -> dict[str, Any]:
    """A transfer as `/_sim` shows it."""
    return {
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "phone": transfer.phone,
        "openid": transfer.openid,
        "amount_fen": transfer.amount_fen,
        "state": transfer.state,
        "fail_reason": transfer.fail_reason,
        "remark": transfer.remark,
        "package_info": transfer.package_info,
        "made_at": _at(transfer.made_at),
        "updated_at": _at(transfer.updated_at),
    }


def entry_json(entry: BookEntry) -> dict[str, Any]:
    """A movement as `/_sim` shows it."""
    return {**vars(entry), "at": iso(entry.at)}
