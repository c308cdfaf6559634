"""下单: Pay v3 orders: prepay with the check of repeated requests, query, close."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from simulator.clock import DAY_S, rfc3339
from simulator.errors import PayError
from simulator.ids import random_id
from simulator.pay import gate
from simulator.pay.gate import PayCall, amount_of, param_error
from simulator.sim import Sim
from simulator.world import Order

NUMBER = r"[0-9A-Za-z_\-|*]{6,32}"
TRADE_TYPES = {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE", "app": "APP"}
PREPAY_LIFE_S = 7200
H5_LIFE_S = 300
AUTO_CLOSE_S = 7 * DAY_S
SHEET_LIFE_S = 300
STATES = {
    "NOTPAY": "订单未支付",
    "SUCCESS": "支付成功",
    "CLOSED": "订单已关闭",
    "REFUND": "订单发生过退款，退款详情请查询退款单",
}


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of orders, and their automatic closing."""
    base = "/v3/pay/transactions"
    gate.add_routes(
        app,
        sim,
        [
            ("POST", base + "/{way:jsapi|h5|native|app}", prepay),
            ("GET", base + "/id/{transaction_id}", query_by_id),
            ("GET", base + "/out-trade-no/{out_trade_no}", query),
            ("POST", base + "/out-trade-no/{out_trade_no}/close", close),
        ],
    )
    sim.scheduler.on("order_autoclose", lambda ref: _auto_close(sim, ref))


async def prepay(call: PayCall) -> dict[str, Any]:
    """Make an order; with the same parameters again, a further prepay_id for it (重入)."""
    trade_type = TRADE_TYPES[call.request.match_info["way"]]
    number = call.text("out_trade_no", NUMBER)
    fresh = _checked(call, trade_type, number)
    known = call.sim.world.orders.get(number)
    if known is None:
        call.sim.world.orders[number] = known = fresh
        due_at = call.sim.clock.now() + AUTO_CLOSE_S
        call.sim.scheduler.at(due_at, "order_autoclose", number)
    else:
        _check_reentry(known, fresh)
    return _ways_to_pay(call, known)


def _check_reentry(known: Order, fresh: Order) -> None:
    if known.state in ("SUCCESS", "REFUND"):
        raise PayError(400, "ORDERPAID", "该订单已支付")
    if known.state == "CLOSED":
        raise PayError(400, "ORDER_CLOSED", "该订单已关闭")
    if known.trade_type != fresh.trade_type or known.request != fresh.request:
        raise PayError(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")


def _checked(call: PayCall, trade_type: str, number: str) -> Order:
    sim, now = call.sim, call.sim.clock.now()
    if call.body.get("appid") != sim.settings.appid:
        raise PayError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    call.check_mchid(call.body.get("mchid"))
    amount = call.part("amount")
    if amount.get("currency", "CNY") != "CNY":
        raise param_error("amount.currency")
    order = Order(
        out_trade_no=number,
        trade_type=trade_type,
        request=json.loads(call.raw),
        appid=sim.settings.appid,
        openid=_payer(call) if trade_type == "JSAPI" else "",
        description=call.text("description", r".{1,127}"),
        total_fen=amount_of(amount, "total"),
        notify_url=check_notify_url(call),
        attach=call.optional("attach", 128),
        made_at=now,
        expires_at=_expiry(call),
    )
    call.optional("goods_tag", 32)
    if trade_type == "MWEB":
        _check_h5(call)
    return order


def _payer(call: PayCall) -> str:
    openid = call.part("payer").get("openid")
    if not isinstance(openid, str) or call.sim.world.by_openid(openid) is None:
        raise param_error("payer.openid", "appid和openid不匹配")
    return openid


def check_notify_url(call: PayCall) -> str:
    """The notify URL: https without query; plain http on this machine only."""
    url = call.text("notify_url", r".{1,255}")
    split = urlsplit(url)
    is_local = split.hostname in ("127.0.0.1", "localhost", "::1")
    if split.query or not (split.scheme == "https" or (split.scheme == "http" and is_local)):
        raise param_error("notify_url", "通知地址必须为https，且不能携带参数")
    return url


def _expiry(call: PayCall) -> float | None:
    value = call.body.get("time_expire")
    if value is None:
        return None
    try:
        at = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise param_error("time_expire") from error
    if at.tzinfo is None or not re.search(r"T\d\d:\d\d:\d\d", str(value)):
        raise param_error("time_expire")
    ahead = at.timestamp() - call.sim.clock.now()
    if not 60 - 1 <= ahead <= 90 * DAY_S:
        raise param_error("time_expire", "支付结束时间应在 1 分钟以后、90 天以内")
    return at.timestamp()


def _check_h5(call: PayCall) -> None:
    scene = call.part("scene_info")
    call.text("payer_client_ip", r"[0-9a-fA-F.:]{3,45}", where=scene)
    kind = call.part("h5_info", scene).get("type")
    if kind not in ("Wap", "iOS", "Android"):
        raise param_error("scene_info.h5_info.type")


def _ways_to_pay(call: PayCall, order: Order) -> dict[str, Any]:
    sim, now = call.sim, call.sim.clock.now()
    prepay_id = f"wx{rfc3339(now)[:10].replace('-', '')}{random_id(26, '0123456789abcdef')}"
    order.prepay = {k: at for k, at in order.prepay.items() if now - at < PREPAY_LIFE_S}
    order.prepay[prepay_id] = now
    if order.trade_type == "MWEB":
        base = sim.base_url or f"{call.request.scheme}://{call.request.host}"
        path = "/cgi-bin/mmpayweb-bin/checkmweb"
        package = random_id(10, "0123456789")
        return {"h5_url": f"{base}{path}?prepay_id={prepay_id}&package={package}"}
    if order.trade_type == "NATIVE":
        order.code_url = f"weixin://wxpay/bizpayurl?pr={random_id(9)}"
        order.code_made_at = now
        return {"code_url": order.code_url}
    return {"prepay_id": prepay_id}


# --- query, close ------------------------------------------------------------------------
def transaction(sim: Sim, order: Order) -> dict[str, Any]:
    """An order in the form of queries and notifications."""
    answer: dict[str, Any] = {
        "appid": order.appid,
        "mchid": sim.settings.mchid,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": STATES[order.state],
        "attach": order.attach,
        "payer": {},
        "amount": {"total": order.total_fen, "currency": "CNY"},
        "promotion_detail": [],
    }
    if order.transaction_id:
        answer |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.trade_type,
            "bank_type": "OTHERS",
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": order.payer_openid},
        }
        answer["amount"] |= {"payer_total": order.total_fen, "payer_currency": "CNY"}
    return answer


def _order(call: PayCall) -> Order:
    order = call.sim.world.orders.get(call.request.match_info["out_trade_no"])
    if order is None:
        raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


async def query(call: PayCall) -> dict[str, Any]:
    """An order by the merchant's number (out_trade_no)."""
    call.check_mchid(call.request.query.get("mchid"))
    return transaction(call.sim, _order(call))


async def query_by_id(call: PayCall) -> dict[str, Any]:
    """An order by WeChat's number (transaction_id)."""
    call.check_mchid(call.request.query.get("mchid"))
    wanted = call.request.match_info["transaction_id"]
    for order in call.sim.world.orders.values():
        if order.transaction_id == wanted:
            return transaction(call.sim, order)
    raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")


async def close(call: PayCall) -> None:
    """Close an unpaid order (关单). Closing it again succeeds; a paid order can't be closed.

    While a person has its pay sheet open, the answer is 202 and the order stays open.
    """
    call.check_mchid(call.body.get("mchid"))
    order = _order(call)
    if order.state in ("SUCCESS", "REFUND"):
        raise PayError(400, "ORDERPAID", "该订单已支付，请发起退款")
    if _is_being_paid(call.sim, order):
        raise PayError(202, "USERPAYING", "用户支付中，需要输入密码")
    _close(call.sim, order)


def _is_being_paid(sim: Sim, order: Order) -> bool:
    now = sim.clock.now()
    is_over = order.expires_at is not None and order.expires_at <= now
    return not is_over and any(now - at < SHEET_LIFE_S for at in order.sheets.values())


def _close(sim: Sim, order: Order) -> None:
    if order.state == "NOTPAY":
        order.state = "CLOSED"
        order.closed_at = sim.clock.now()
        sim.scheduler.cancel("order_autoclose", order.out_trade_no)


async def _auto_close(sim: Sim, number: str) -> None:
    if order := sim.world.orders.get(number):
        _close(sim, order)
