"""退款: refunds in parts, never above the order's amount; one number is one refund."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.clock import DAY_S, rfc3339
from simulator.errors import PayError
from simulator.ids import digits
from simulator.pay import book, gate, notify
from simulator.pay.gate import PayCall, amount_of, param_error
from simulator.pay.orders import check_notify_url
from simulator.people import phones
from simulator.sim import Sim
from simulator.world import Order, Refund

MAX_REFUNDS = 50
APART_S = 60
FINAL = ("SUCCESS", "CLOSED", "ABNORMAL")


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of refunds, and their completion."""
    base = "/v3/refund/domestic/refunds"
    gate.add_routes(
        app,
        sim,
        [
            ("POST", base, refund),
            ("GET", base + "/{out_refund_no}", query),
            ("POST", base + "/{refund_id}/apply-abnormal-refund", apply_abnormal),
        ],
    )
    sim.scheduler.on("refund_settle", lambda ref: _settle(sim, ref))


async def refund(call: PayCall) -> dict[str, Any]:
    """Request a refund; a repetition with the same parameters returns its current state."""
    order = _order_of(call)
    number = call.text("out_refund_no", r"[0-9A-Za-z_\-|*@]{1,64}")
    amount = call.part("amount")
    refund_fen, total_fen = amount_of(amount, "refund"), amount_of(amount, "total")
    if amount.get("currency") != "CNY":
        raise param_error("amount.currency")
    notify_url = check_notify_url(call) if "notify_url" in call.body else ""
    reason = call.optional("reason", 80)
    known = call.sim.world.refunds.get(number)
    if known is not None:
        if (known.out_trade_no, known.amount_fen) != (order.out_trade_no, refund_fen):
            raise PayError(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致")
        return refund_view(call.sim, known)
    _check(call.sim, order, refund_fen, total_fen)
    made = Refund(
        out_refund_no=number,
        refund_id="50" + digits(26),
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id,
        amount_fen=refund_fen,
        total_fen=total_fen,
        reason=reason,
        notify_url=notify_url,
        made_at=call.sim.clock.now(),
        request=call.body,
    )
    _accept(call.sim, order, made)
    return refund_view(call.sim, made)


def _order_of(call: PayCall) -> Order:
    number, wechat_number = call.body.get("out_trade_no"), call.body.get("transaction_id")
    if bool(number) == bool(wechat_number):
        raise param_error("out_trade_no", "transaction_id 与 out_trade_no 须二选一")
    for order in call.sim.world.orders.values():
        if order.out_trade_no == number or (wechat_number == order.transaction_id != ""):
            return order
    raise PayError(404, "RESOURCE_NOT_EXISTS", "订单号不存在")


def _check(sim: Sim, order: Order, refund_fen: int, total_fen: int) -> None:
    now = sim.clock.now()
    if order.state not in ("SUCCESS", "REFUND"):
        raise PayError(400, "INVALID_REQUEST", "订单未支付，不能退款")
    if now - order.paid_at > 365 * DAY_S:
        raise PayError(400, "INVALID_REQUEST", "订单已超过一年，不能退款")
    if total_fen != order.total_fen:
        raise PayError(400, "INVALID_REQUEST", "订单金额不一致")
    earlier = [r for r in sim.world.refunds.values() if r.out_trade_no == order.out_trade_no]
    if len(earlier) >= MAX_REFUNDS:
        raise PayError(400, "INVALID_REQUEST", "一笔订单最多 50 次部分退款")
    if any(now - r.made_at < sim.scaled(APART_S) for r in earlier):
        raise PayError(429, "FREQUENCY_LIMITED", "同一订单两次退款须间隔 1 分钟")
    if book.refunded_fen(sim, order.out_trade_no) + refund_fen > order.total_fen:
        raise PayError(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")
    if sim.world.fund_fen < refund_fen:
        raise PayError(403, "NOT_ENOUGH", "商户可用余额不足")


def _fee_back(sim: Sim, order: Order, made: Refund) -> int:
    """The fee that is returned with a refund; over all refunds never more than was charged."""
    before = book.refunded_fen(sim, order.out_trade_no)
    after = before + made.amount_fen
    return order.fee_fen * after // order.total_fen - order.fee_fen * before // order.total_fen


def _accept(sim: Sim, order: Order, made: Refund) -> None:
    made.fee_back_fen = _fee_back(sim, order, made)
    sim.world.refunds[made.out_refund_no] = made
    order.state = "REFUND"
    book.post(sim, "refund", made.refund_id, made.out_refund_no, -made.amount_fen)
    book.post(sim, "fee_back", made.refund_id, made.out_refund_no, made.fee_back_fen)
    due_at = sim.clock.now() + sim.scaled(1)
    sim.scheduler.at(due_at, "refund_settle", made.out_refund_no)


async def _settle(sim: Sim, number: str) -> None:
    outcomes = sim.world.refund_outcomes
    outcome = outcomes.pop(0) if outcomes else "SUCCESS"
    made = sim.world.refunds[number]
    if made.state == "PROCESSING" and outcome in FINAL:
        finish(sim, made, outcome)


def finish(sim: Sim, made: Refund, outcome: str) -> None:
    """End a refund: SUCCESS pays the person, CLOSED returns the money to the merchant."""
    order = sim.world.orders[made.out_trade_no]
    made.state = outcome
    made.finished_at = sim.clock.now()
    phone = sim.world.phones.get(order.phone)
    if outcome == "SUCCESS" and phone is not None:
        phone.wallet_fen += made.amount_fen
        facts = {"out_trade_no": order.out_trade_no, "state": "REFUND"}
        book.receipt(sim, phone, "退款到账通知", made.amount_fen, **facts)
        phones.changed(sim, phone)
        sim.hub.publish(phone.id, "order", order=book.order_json(sim, order))
    if outcome == "CLOSED":
        book.post(sim, "refund_back", made.refund_id, made.out_refund_no, made.amount_fen)
        book.post(sim, "fee", made.refund_id, made.out_refund_no, -made.fee_back_fen)
        if book.refunded_fen(sim, order.out_trade_no) == 0:
            order.state = "SUCCESS"
    url = made.notify_url
    notify.enqueue(sim, "refund", f"REFUND.{outcome}", url, "refund", _told(sim, made))


def _amounts(made: Refund) -> dict[str, Any]:
    return {
        "total": made.total_fen,
        "refund": made.amount_fen,
        "payer_total": made.total_fen,
        "payer_refund": made.amount_fen,
    }


def refund_view(sim: Sim, made: Refund) -> dict[str, Any]:
    """A refund in the form of WeChat's answers."""
    answer: dict[str, Any] = {
        "refund_id": made.refund_id,
        "out_refund_no": made.out_refund_no,
        "transaction_id": made.transaction_id,
        "out_trade_no": made.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(made.made_at),
        "status": made.state,
        "funds_account": "AVAILABLE",
        "amount": _amounts(made)
        | {
            "settlement_total": made.total_fen,
            "settlement_refund": made.amount_fen,
            "discount_refund": 0,
            "currency": "CNY",
            "from": [],
        },
        "promotion_detail": [],
    }
    if made.state == "SUCCESS":
        answer["success_time"] = rfc3339(made.finished_at)
    return answer


def _told(sim: Sim, made: Refund) -> dict[str, Any]:
    told: dict[str, Any] = {
        "mchid": sim.settings.mchid,
        "transaction_id": made.transaction_id,
        "out_trade_no": made.out_trade_no,
        "refund_id": made.refund_id,
        "out_refund_no": made.out_refund_no,
        "refund_status": made.state,
        "user_received_account": "支付用户零钱",
        "amount": _amounts(made),
    }
    if made.state == "SUCCESS":
        told["success_time"] = rfc3339(made.finished_at)
    return told


async def query(call: PayCall) -> dict[str, Any]:
    """A refund by the merchant's number (out_refund_no)."""
    made = call.sim.world.refunds.get(call.request.match_info["out_refund_no"])
    if made is None:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return refund_view(call.sim, made)


async def apply_abnormal(call: PayCall) -> dict[str, Any]:
    """Redirect an abnormal refund to a bank card (异常退款)."""
    refund_id = call.request.match_info["refund_id"]
    number = call.text("out_refund_no", r".{1,64}")
    made = call.sim.world.refunds.get(number)
    if made is None or made.refund_id != refund_id:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    if made.state != "ABNORMAL":
        raise PayError(400, "INVALID_REQUEST", "退款单不是异常状态")
    if call.body.get("type") not in ("USER_BANK_CARD", "MERCHANT_BANK_CARD"):
        raise param_error("type")
    made.state = "PROCESSING"
    due_at = call.sim.clock.now() + call.sim.scaled(1)
    call.sim.scheduler.at(due_at, "refund_settle", number)
    return refund_view(call.sim, made)
