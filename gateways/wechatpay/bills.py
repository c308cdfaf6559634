"""WeChat Pay's bills (账单): downloads them, checks their hash, and parses them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from domain.payments.ports import UNREADABLE, FundBill, FundLine, TradeBill, TradeLine
from gateways.wechatpay.bill_text import (
    BadBill,
    Layout,
    Row,
    Table,
    agree_fen,
    exact,
    get,
    optional,
    read_table,
    to_fen,
)
from gateways.wechatpay.client import BILL_BYTES_MAX, PayClient
from kernel.clock import SHANGHAI
from kernel.errors import Refused, Retryable

NO_BILL = "NO_STATEMENT_EXIST"
_Line = TypeVar("_Line", TradeLine, FundLine)


async def trade_bill(client: PayClient, day: date) -> TradeBill:
    """The trade bill (交易账单) of a day in Shanghai; no lines for a day without trade."""
    params = {"bill_date": day.isoformat(), "bill_type": "ALL"}
    fetched = await _fetch(client, "/v3/bill/tradebill", "trade_bill", params)
    if fetched is None:
        return TradeBill(day, "", ())
    content, sha1 = fetched
    table = _read(parse_trade, content)
    return TradeBill(day, sha1, table.lines, table.aside)


async def fund_bill(client: PayClient, day: date) -> FundBill:
    """The fund-flow bill (资金账单) of a day in Shanghai, for the basic account."""
    params = {"bill_date": day.isoformat(), "account_type": "BASIC"}
    fetched = await _fetch(client, "/v3/bill/fundflowbill", "fund_bill", params)
    if fetched is None:
        return FundBill(day, "", ())
    content, sha1 = fetched
    table = _read(parse_fund, content)
    return FundBill(day, sha1, table.lines, table.aside)


async def _fetch(
    client: PayClient, path: str, name: str, params: dict[str, str]
) -> tuple[bytes, str] | None:
    try:
        params |= {"tar_type": "GZIP"}
        raw = await client.call("GET", path, name=name, params=params, usual=NO_BILL)
    except Refused as error:
        if error.code == NO_BILL:
            return None
        raise
    if raw.get("hash_type") != "SHA1" or not raw.get("download_url"):
        raise Retryable("answer_fields", "a bill without SHA1 or download_url")
    content = unpacked(await client.download(str(raw["download_url"])))
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    if sha1 != str(raw.get("hash_value", "")).lower():
        raise Retryable("bill_hash", "the bill differs from its hash")
    return content, sha1


def unpacked(content: bytes) -> bytes:
    """Decompress a bill if it is gzipped; its hash covers the plain text.

    Raises Retryable('bill_gzip').
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(content, BILL_BYTES_MAX)
    except zlib.error as error:
        raise Retryable("bill_gzip", str(error)) from error
    if not reader.eof:
        raise Retryable("bill_gzip", "cut short or too large")
    return plain


def _read(parse: Callable[[str], Table[_Line]], content: bytes) -> Table[_Line]:
    try:
        return parse(content.decode("utf-8-sig"))
    except BadBill as error:
        raise Refused(UNREADABLE, error.code, why=error.code, of_bill=error.facts) from error
    except UnicodeDecodeError as error:
        raise Refused(UNREADABLE, "not_text", why="not_text", of_bill={}) from error


def parse_trade(text: str) -> Table[TradeLine]:
    """Parse a trade bill and check it against its totals. Raises BadBill."""
    table = read_table(text, TRADE)
    lines = table.lines
    agree_fen(table, "订单总金额", sum(line.amount_fen for line in lines))
    agree_fen(table, "申请退款总金额", sum(line.refund_fen for line in lines))
    return table


def parse_fund(text: str) -> Table[FundLine]:
    """Parse a fund-flow bill and check it against its totals. Raises BadBill."""
    table = read_table(text, FUND)
    agree_fen(table, "收入金额", sum(line.in_fen for line in table.lines))
    agree_fen(table, "支出金额", sum(line.out_fen for line in table.lines))
    return table


def _trade_line(row: Row) -> TradeLine:
    refund_no = optional(row, "商户退款单号")
    has_refund = bool(refund_no)
    return TradeLine(
        traded_at=_instant(row, "交易时间"),
        mchid=get(row, "商户号"),
        appid=get(row, "公众账号ID"),
        transaction_id=get(row, "微信订单号"),
        out_trade_no=get(row, "商户订单号"),
        openid=optional(row, "用户标识"),
        trade_type=optional(row, "交易类型"),
        trade_state=get(row, "交易状态"),
        currency=optional(row, "货币种类"),
        amount_fen=exact(row, "订单金额"),
        fee_fen=to_fen(get(row, "手续费")),
        refund_id=optional(row, "微信退款单号") if has_refund else "",
        out_refund_no=refund_no,
        refund_fen=exact(row, "申请退款金额") if has_refund else 0,
        refund_state=optional(row, "退款状态") if has_refund else "",
    )


def _fund_line(row: Row) -> FundLine:
    amount = exact(row, "收支金额")
    direction = get(row, "收支类型")
    if direction not in ("收入", "支出"):
        raise BadBill("no_direction", said=direction[:10])
    return FundLine(
        booked_at=_instant(row, "记账时间"),
        transaction_id=optional(row, "微信支付业务单号"),
        flow_id=optional(row, "资金流水单号"),
        business=optional(row, "业务名称"),
        kind=optional(row, "业务类型"),
        in_fen=amount if direction == "收入" else 0,
        out_fen=amount if direction == "支出" else 0,
        balance_fen=exact(row, "账户结余"),
        voucher=optional(row, "业务凭证号"),
        note=optional(row, "备注"),
    )


def _instant(row: Row, name: str) -> datetime:
    try:
        naive = datetime.strptime(get(row, name), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise BadBill("no_time", column=name) from None
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


TRADE = Layout(
    "trade",
    (
        "交易时间", "公众账号ID", "商户号", "微信订单号", "商户订单号", "交易状态", "商户退款单号",
        "退款状态", "手续费", "订单金额", "申请退款金额",
    ),
    "总交易单数",
    _trade_line,
    lambda line: (line.out_trade_no, line.out_refund_no),
)  # fmt: skip
FUND = Layout(
    "fund",
    ("记账时间", "资金流水单号", "业务名称", "收支类型", "收支金额", "账户结余", "业务凭证号"),
    "资金流水总笔数",
    _fund_line,
    lambda line: line.flow_id or line,
)
