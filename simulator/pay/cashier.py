"""收银台: a person sees an order and pays, cancels, or fails to pay."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator import chat
from simulator.crypto import rsa_verify
from simulator.errors import SimError, SimMissing
from simulator.ids import digits
from simulator.pay import book, notify
from simulator.pay.orders import H5_LIFE_S, PREPAY_LIFE_S, transaction
from simulator.people import phones
from simulator.sim import Sim
from simulator.world import Order, Phone

JSAPI_FIELDS = ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")


class Refused(Exception):
    """The cashier refuses this payment; the text is shown to the person."""


def find(sim: Sim, data: dict[str, Any]) -> Order:
    """The order that a prepay_id, package, number, QR code or H5 address refers to."""
    if params := data.get("params"):
        check_params(sim, params)
        return find(sim, {"package": params["package"]})
    if number := data.get("out_trade_no"):
        found = sim.world.orders.get(str(number))
    elif code_url := data.get("code_url"):
        found = next((o for o in sim.world.orders.values() if o.code_url == code_url), None)
    else:
        found = _by_prepay(sim, data)
    if found is None:
        raise SimMissing("no such order")
    return found


def _by_prepay(sim: Sim, data: dict[str, Any]) -> Order | None:
    prepay_id = str(data.get("prepay_id") or "")
    life_s = PREPAY_LIFE_S
    if package := data.get("package"):
        prepay_id = str(package).removeprefix("prepay_id=")
    elif h5_url := data.get("h5_url"):
        prepay_id = parse_qs(urlsplit(str(h5_url)).query).get("prepay_id", [""])[0]
        life_s = H5_LIFE_S
    if not prepay_id:
        raise SimError("give prepay_id, package, params, out_trade_no, code_url or h5_url")
    for order in sim.world.orders.values():
        if prepay_id in order.prepay:
            if sim.clock.now() - order.prepay[prepay_id] > life_s:
                raise Refused("支付凭证已过期，请重新下单")
            return order
    return None


def check_params(sim: Sim, params: dict[str, Any]) -> None:
    """Check the six JSAPI fields and their paySign, as the phone does."""
    if missing := [name for name in JSAPI_FIELDS if not params.get(name)]:
        raise Refused(f"调用支付JSAPI缺少参数：{missing[0]}")
    if params["appId"] != sim.settings.appid:
        raise Refused("调用支付JSAPI的appId有误")
    if not isinstance(params["timeStamp"], str) or params["signType"] != "RSA":
        raise Refused("支付验证签名失败")
    text = "".join(f"{params[n]}\n" for n in ("appId", "timeStamp", "nonceStr", "package"))
    key = sim.keys.merchant
    if key is None or not rsa_verify(key, text.encode(), str(params["paySign"])):
        raise Refused("支付验证签名失败")


def check(sim: Sim, phone: Phone, order: Order) -> None:
    """Check that this person can pay this order now; raises Refused."""
    now = sim.clock.now()
    if order.state == "CLOSED":
        raise Refused("订单已关闭")
    if order.state != "NOTPAY":
        raise Refused("该订单已支付")
    if order.expires_at is not None and order.expires_at <= now:
        raise Refused("订单已超过支付有效期")
    if order.openid and order.openid != phone.openid:
        raise Refused("下单用户与支付用户不一致")
    if order.code_url and now - order.code_made_at > PREPAY_LIFE_S:
        raise Refused("二维码已过期")
    if phone.wallet_fen < order.total_fen:
        raise Refused("零钱余额不足")


def sheet(sim: Sim, phone: Phone, order: Order) -> dict[str, Any]:
    """Open the pay sheet; the order counts as being paid until it is paid, left or times out."""
    order.sheets[phone.id] = sim.clock.now()
    return {
        "out_trade_no": order.out_trade_no,
        "prepay_id": max(order.prepay, key=lambda k: order.prepay[k], default=""),
        "description": order.description,
        "merchant": sim.settings.merchant_name,
        "total_fen": order.total_fen,
        "trade_type": order.trade_type,
        "state": order.state,
        "wallet_fen": phone.wallet_fen,
    }


def act(sim: Sim, phone: Phone, data: dict[str, Any]) -> dict[str, Any]:
    """Pay, cancel or fail; a refusal is the result `fail` with its reason."""
    wish = data.get("result", "ok")
    if wish not in ("ok", "cancel", "fail"):
        raise SimError("result must be ok, cancel or fail")
    order: Order | None = None
    reason = ""
    try:
        order = find(sim, data)
        order.sheets.pop(phone.id, None)
        if wish == "ok":
            check(sim, phone, order)
            pay(sim, phone, order)
    except Refused as error:
        wish, reason = "fail", str(error)
    return {
        "result": wish,
        "err_msg": f"get_brand_wcpay_request:{wish}",
        "reason": reason,
        "order": book.order_json(sim, order) if order else None,
    }


def pay(sim: Sim, phone: Phone, order: Order) -> None:
    """Complete the payment (支付成功): wallet, merchant's book, receipt, notification."""
    order.state = "SUCCESS"
    order.sheets.clear()
    order.phone = phone.id
    order.payer_openid = phone.openid
    order.paid_at = sim.clock.now()
    order.transaction_id = "4200" + digits(24)
    order.fee_fen = book.fee_of(sim, order.total_fen)
    phone.wallet_fen -= order.total_fen
    number, ours = order.transaction_id, order.out_trade_no
    book.post(sim, "trade", number, ours, order.total_fen)
    book.post(sim, "fee", number, ours, -order.fee_fen)
    sim.scheduler.cancel("order_autoclose", ours)
    chat.open_window(sim, phone, "payment")
    book.receipt(sim, phone, "支付凭证", order.total_fen, out_trade_no=ours, state="SUCCESS")
    phones.changed(sim, phone)
    sim.hub.publish(phone.id, "order", order=book.order_json(sim, order))
    notify.enqueue(
        sim, "pay", "TRANSACTION.SUCCESS", order.notify_url, "transaction", transaction(sim, order)
    )
