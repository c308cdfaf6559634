"""账单: daily bills of trades and of fund flow from the simulator's own book, as downloads."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from collections.abc import Callable
from typing import Any

from aiohttp import web

from simulator.clock import CHINA, DAY_S, china
from simulator.errors import PayError
from simulator.ids import random_id
from simulator.pay import gate
from simulator.pay.gate import PayCall
from simulator.sim import Sim
from simulator.world import BookEntry, Order, Refund

READY_HOUR = 10
KEPT_DAYS = 92
TRADE_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUND_HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FUND_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
FUND_NAMES = {
    "trade": ("交易", "交易"),
    "fee": ("交易", "扣除交易手续费"),
    "refund": ("退款", "退款"),
    "refund_back": ("退款", "退款退回"),
    "fee_back": ("退款", "返还交易手续费"),
    "transfer": ("商家转账", "转账"),
    "transfer_back": ("商家转账", "转账退回"),
    "top_up": ("充值", "充值"),
}


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of bills."""
    gate.add_routes(
        app,
        sim,
        [
            ("GET", "/v3/bill/tradebill", trade_bill),
            ("GET", "/v3/bill/fundflowbill", fund_bill),
            ("GET", "/v3/billdownload/file", download),
        ],
    )


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _row(*values: object) -> str:
    return ",".join("`" + str(v).replace(",", " ").replace("\n", " ") for v in values)


def _stamp(at: float) -> str:
    return china(at).strftime("%Y-%m-%d %H:%M:%S")


def _is_of(day: str) -> Callable[[float], bool]:
    start = dt.datetime.fromisoformat(day).replace(tzinfo=CHINA).timestamp()
    return lambda at: start <= at < start + DAY_S


# --- the two files -----------------------------------------------------------------------
def trade_file(sim: Sim, day: str, kind: str) -> str | None:
    """The trades and refunds accepted on a day as CSV; None if there was none."""
    is_of = _is_of(day)
    orders = [o for o in sim.world.orders.values() if o.paid_at and is_of(o.paid_at)]
    refunds = [r for r in sim.world.refunds.values() if is_of(r.made_at)]
    if kind == "SUCCESS":
        refunds = []
    if kind == "REFUND":
        orders = []
    rows = [(o.paid_at, _trade_row(sim, o)) for o in orders]
    rows += [(r.made_at, _refund_row(sim, r)) for r in refunds]
    if not rows:
        return None
    paid, back = sum(o.total_fen for o in orders), sum(r.amount_fen for r in refunds)
    fee = sum(o.fee_fen for o in orders) - sum(r.fee_back_fen for r in refunds)
    totals = _row(len(rows), yuan(paid), yuan(back), yuan(0), yuan(fee), yuan(paid), yuan(back))
    lines = [TRADE_HEAD, *(row for _, row in sorted(rows)), TRADE_TOTALS, totals]
    return "\r\n".join(lines) + "\r\n"


def _rate(sim: Sim) -> str:
    return f"{yuan(sim.settings.fee_rate_bp)}%"


def _trade_row(sim: Sim, order: Order) -> str:
    return _row(
        _stamp(order.paid_at), order.appid, sim.settings.mchid, "0", "",
        order.transaction_id, order.out_trade_no, order.payer_openid, order.trade_type,
        "SUCCESS", "OTHERS", "CNY", yuan(order.total_fen), yuan(0), "0", "0", yuan(0), yuan(0),
        "", "", order.description, order.attach, yuan(order.fee_fen), _rate(sim),
        yuan(order.total_fen), yuan(0), "",
    )  # fmt: skip


def _refund_row(sim: Sim, made: Refund) -> str:
    order = sim.world.orders[made.out_trade_no]
    return _row(
        _stamp(made.made_at), order.appid, sim.settings.mchid, "0", "",
        order.transaction_id, order.out_trade_no, order.payer_openid, order.trade_type,
        "REFUND", "OTHERS", "CNY", yuan(0), yuan(0), made.refund_id, made.out_refund_no,
        yuan(made.amount_fen), yuan(0), "ORIGINAL", made.state, order.description, order.attach,
        yuan(-made.fee_back_fen), _rate(sim), yuan(0), yuan(made.amount_fen), "",
    )  # fmt: skip


def fund_file(sim: Sim, day: str) -> str | None:
    """Every movement of a day with the balance after it as CSV; None if there was none."""
    is_of = _is_of(day)
    entries = [e for e in sim.world.book if is_of(e.at)]
    if not entries:
        return None
    came = [e.amount_fen for e in entries if e.amount_fen > 0]
    went = [-e.amount_fen for e in entries if e.amount_fen < 0]
    totals = _row(len(entries), len(came), yuan(sum(came)), len(went), yuan(sum(went)))
    rows = [_fund_row(sim, entry) for entry in entries]
    return "\r\n".join([FUND_HEAD, *rows, FUND_TOTALS, totals]) + "\r\n"


def _fund_row(sim: Sim, entry: BookEntry) -> str:
    name, kind = FUND_NAMES[entry.kind]
    return _row(
        _stamp(entry.at), entry.ref, f"{entry.id:020d}", name, kind,
        "收入" if entry.amount_fen > 0 else "支出", yuan(abs(entry.amount_fen)),
        yuan(entry.balance_fen), f"{sim.settings.mchid}API", "", entry.out_ref,
    )  # fmt: skip


# --- the calls ---------------------------------------------------------------------------
def _day(call: PayCall) -> str:
    text = call.request.query.get("bill_date", "")
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError as error:
        raise PayError(400, "PARAM_ERROR", "账单日期格式错误") from error
    now = call.sim.clock.china()
    ready = day + dt.timedelta(days=1, hours=READY_HOUR)
    if day.date() >= now.date() or (now.date() - day.date()).days > KEPT_DAYS:
        raise PayError(400, "PARAM_ERROR", "只能下载三个月内、昨天及以前的账单")
    if now < ready:
        raise PayError(400, "STATEMENT_CREATING", "账单生成中，请稍后再试")
    return text


def _choice(call: PayCall, name: str, allowed: tuple[str, ...]) -> str:
    value = call.request.query.get(name, allowed[0])
    if value not in allowed:
        raise PayError(400, "PARAM_ERROR", f"参数 {name} 错误")
    return value


def _offer(call: PayCall, text: str | None) -> dict[str, Any]:
    if text is None:
        raise PayError(400, "NO_STATEMENT_EXIST", "该日没有账单")
    data = text.encode()
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if call.request.query.get("tar_type") is not None:
        _choice(call, "tar_type", ("GZIP",))
        data = gzip.compress(data, mtime=0)
    token = random_id(48)
    call.sim.bills[token] = data
    base = f"{call.request.scheme}://{call.request.host}"
    url = f"{base}/v3/billdownload/file?token={token}"
    return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}


async def trade_bill(call: PayCall) -> dict[str, Any]:
    """The download address of a day's trade bill; its SHA-1 is over the uncompressed file."""
    kind = _choice(call, "bill_type", ("ALL", "SUCCESS", "REFUND"))
    return _offer(call, trade_file(call.sim, _day(call), kind))


async def fund_bill(call: PayCall) -> dict[str, Any]:
    """The download address of a day's fund-flow bill."""
    account = _choice(call, "account_type", ("BASIC", "OPERATION", "FEES"))
    day = _day(call)
    return _offer(call, fund_file(call.sim, day) if account == "BASIC" else None)


async def download(call: PayCall) -> web.Response:
    """The file. The request must be signed; the answer is not signed."""
    data = call.sim.bills.get(call.request.query.get("token", ""))
    if data is None:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "下载地址无效或已过期")
    return web.Response(body=data, content_type="application/octet-stream")
