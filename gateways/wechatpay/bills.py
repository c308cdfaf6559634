"""WeChat Pay's bills (账单): fetched, compared with their hash, read without a float."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeVar

from domain.payments.ports import FundBill, FundLine, TradeBill, TradeLine
from gateways.wechatpay.client import BILL_BYTES_MAX, PayClient
from kernel.clock import SHANGHAI
from kernel.errors import Refused, Retryable

NO_BILL = "NO_STATEMENT_EXIST"
Row = Mapping[str, str]
_Line = TypeVar("_Line", TradeLine, FundLine)


class BadBill(ValueError):
    """A bill whose hash holds but that can't be read."""


async def trade_bill(client: PayClient, day: date) -> TradeBill:
    """The trade bill of a day; a day without business has no lines."""
    params = {"bill_date": day.isoformat(), "bill_type": "ALL"}
    fetched = await _fetch(client, "/v3/bill/tradebill", "trade_bill", params)
    if fetched is None:
        return TradeBill(day, "", ())
    content, sha1 = fetched
    return TradeBill(day, sha1, _read(parse_trade, content))


async def fund_bill(client: PayClient, day: date) -> FundBill:
    """The fund-flow bill of a day, on the basic account."""
    params = {"bill_date": day.isoformat(), "account_type": "BASIC"}
    fetched = await _fetch(client, "/v3/bill/fundflowbill", "fund_bill", params)
    if fetched is None:
        return FundBill(day, "", ())
    content, sha1 = fetched
    return FundBill(day, sha1, _read(parse_fund, content))


async def _fetch(
    client: PayClient, path: str, name: str, params: dict[str, str]
) -> tuple[bytes, str] | None:
    try:
        raw = await client.call("GET", path, name=name, params=params | {"tar_type": "GZIP"})
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
    """A bill without its gzip, if it has one: the hash is that of the plain text."""
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


def _read(parse: Callable[[str], tuple[_Line, ...]], content: bytes) -> tuple[_Line, ...]:
    try:
        return parse(content.decode("utf-8-sig"))
    except (BadBill, UnicodeDecodeError) as error:
        raise Refused("bill_shape", str(error)) from error


def parse_trade(text: str) -> tuple[TradeLine, ...]:
    """The lines of a trade bill, checked against its totals."""
    rows, totals = _table(text)
    lines = tuple(_trade_line(row) for row in rows)
    _agree(totals, "总交易单数", len(lines))
    _agree_fen(totals, "订单总金额", sum(line.amount_fen for line in lines))
    _agree_fen(totals, "申请退款总金额", sum(line.refund_fen for line in lines))
    return lines


def parse_fund(text: str) -> tuple[FundLine, ...]:
    """The lines of a fund-flow bill, checked against its totals."""
    rows, totals = _table(text)
    lines = tuple(_fund_line(row) for row in rows)
    _agree(totals, "资金流水总笔数", len(lines))
    _agree_fen(totals, "收入金额", sum(line.in_fen for line in lines))
    _agree_fen(totals, "支出金额", sum(line.out_fen for line in lines))
    return lines


def to_fen(text: str) -> int:
    """Yuan with decimals as fen. A bill's fees have five decimals: they round half up."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadBill(f"no amount: {text[:20]!r}") from None
    if not value.is_finite():
        raise BadBill(f"no amount: {text[:20]!r}")
    return int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _trade_line(row: Row) -> TradeLine:
    refund_no = _optional(row, "商户退款单号")
    has_refund = bool(refund_no)
    return TradeLine(
        traded_at=_instant(row, "交易时间"),
        mchid=_get(row, "商户号"),
        appid=_get(row, "公众账号ID"),
        transaction_id=_get(row, "微信订单号"),
        out_trade_no=_get(row, "商户订单号"),
        openid=_optional(row, "用户标识"),
        trade_type=_optional(row, "交易类型"),
        trade_state=_get(row, "交易状态"),
        currency=_optional(row, "货币种类"),
        amount_fen=_exact(row, "订单金额"),
        fee_fen=to_fen(_get(row, "手续费")),
        refund_id=_optional(row, "微信退款单号") if has_refund else "",
        out_refund_no=refund_no,
        refund_fen=_exact(row, "申请退款金额") if has_refund else 0,
        refund_state=_optional(row, "退款状态") if has_refund else "",
    )


def _fund_line(row: Row) -> FundLine:
    amount = _exact(row, "收支金额")
    direction = _get(row, "收支类型")
    if direction not in ("收入", "支出"):
        raise BadBill(f"neither income nor expense: {direction[:10]!r}")
    return FundLine(
        booked_at=_instant(row, "记账时间"),
        transaction_id=_optional(row, "微信支付业务单号"),
        flow_id=_optional(row, "资金流水单号"),
        business=_optional(row, "业务名称"),
        kind=_optional(row, "业务类型"),
        in_fen=amount if direction == "收入" else 0,
        out_fen=amount if direction == "支出" else 0,
        balance_fen=_exact(row, "账户结余"),
        voucher=_optional(row, "业务凭证号"),
        note=_optional(row, "备注"),
    )


def _table(text: str) -> tuple[list[Row], Row]:
    """Rows by column name, and the totals; the last two lines are the totals' names and values.

    A value begins with a backtick and is never quoted, so rows are cut at ``,```: a name with a
    comma in it stays whole.
    """
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) < 3:
        raise BadBill("no totals")
    head = _names(lines[0])
    rows = [_row(head, line) for line in lines[1:-2]]
    return rows, _row(_names(lines[-2]), lines[-1])


def _names(line: str) -> list[str]:
    """Column names without their unit: 收支金额(元) is 收支金额."""
    names = [name.strip().strip("`") for name in line.split(",")]
    return [name.partition("(")[0].partition("（")[0] for name in names]


def _row(head: Sequence[str], line: str) -> Row:
    if not line.startswith("`"):
        raise BadBill("a value without its backtick")
    values = [value.strip() for value in line[1:].split(",`")]
    if len(values) != len(head):
        raise BadBill(f"{len(values)} values for {len(head)} columns")
    return dict(zip(head, values, strict=True))


def _get(row: Row, name: str) -> str:
    if name not in row:
        raise BadBill(f"no column {name}")
    return row[name]


def _optional(row: Row, name: str) -> str:
    """A value, or '' where the bill writes 0 or / for none."""
    value = row.get(name, "")
    return "" if value in ("0", "/") else value


def _exact(row: Row, name: str) -> int:
    """An amount in whole fen; a fraction of a fen can't be anybody's money."""
    text = _get(row, name)
    fen = to_fen(text)
    if Decimal(text) * 100 != fen:
        raise BadBill(f"a fraction of a fen: {text[:20]!r}")
    return fen


def _instant(row: Row, name: str) -> datetime:
    try:
        naive = datetime.strptime(_get(row, name), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise BadBill(f"no time in {name}") from None
    return naive.replace(tzinfo=SHANGHAI).astimezone(UTC)


def _agree(totals: Row, name: str, found: int) -> None:
    said = _get(totals, name)
    if not said.isdigit() or int(said) != found:
        raise BadBill(f"{name}: {said[:20]} in the totals, {found} in the lines")


def _agree_fen(totals: Row, name: str, found: int) -> None:
    if name in totals and _exact(totals, name) != found:
        raise BadBill(f"{name}: {totals[name][:20]} in the totals, {found} fen in the lines")
