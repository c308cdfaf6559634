"""WeChat Pay's bills: compared with their hash, read exactly, refused if they do not add up."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from aiohttp import web

from gateways.wechatpay import WeChatPay, bills
from kernel.errors import Refused, Retryable
from simulator.keys import DemoKeys
from tests.contract.fakes import Fake, PaySeal
from tests.contract.paying import (
    is_signed,
    said,
)

# --- bills

TRADE_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_ROWS = (
    "`2026-11-21 00:00:00,`wx5de3000000000001,`1900000001,`0,`,`4200001,`PA1,`oA,`JSAPI,`SUCCESS,"
    "`CMC,`CNY,`298.00,`0.00,`0,`0,`0.00,`0.00,`,`,`陈酿,500ml,`,`1.79000,`0.60%,`298.00,`0.00,`\n"
    "`2026-11-21 23:59:59,`wx5de3000000000001,`1900000001,`0,`,`4200001,`PA1,`oA,`JSAPI,`REFUND,"
    "`CMC,`CNY,`0.00,`0.00,`5001,`RF1,`0.01,`0.00,`ORIGINAL,`SUCCESS,`陈酿,500ml,`,`-0.00500,"
    "`0.60%,`0.00,`0.01,`\n"
)
TRADE_TOTALS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n"
    "`2,`298.00,`0.01,`0.00,`1.78500,`298.00,`0.01\n"
)
TRADE = f"\ufeff{TRADE_HEAD}\n{TRADE_ROWS}{TRADE_TOTALS}"
FUND = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
    "`2026-11-21 08:00:00,`4200001,`F1,`交易,`交易,`收入,`298.00,`1298.00,`system,`结算,`PA1\n"
    "`2026-11-21 08:00:00,`4200001,`F2,`交易,`扣除交易手续费,`支出,`1.79,`1296.21,`system,`,`PA1\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n"
    "`2,`1,`298.00,`1,`1.79\n"
)
DAY = date(2026, 11, 21)


def bill_routes(fake: Fake, seal: PaySeal, path: str, text: str, sent: bytes) -> None:
    sha1 = hashlib.sha1(text.encode()).hexdigest()
    answer = {
        "hash_type": "SHA1",
        "hash_value": sha1,
        "download_url": f"{fake.base}/v3/billdownload/file?token=a%2Bb",
    }
    fake.routes[path] = lambda _: seal.answer(answer)
    fake.routes["/v3/billdownload/file"] = lambda _: web.Response(body=sent)


@pytest.mark.parametrize("pack", [lambda b: b, gzip.compress])
async def test_a_trade_bill_is_compared_with_its_hash_and_read_exactly(
    fake: Fake, pay: WeChatPay, seal: PaySeal, keys: DemoKeys, pack: Callable[[bytes], bytes]
) -> None:
    bill_routes(fake, seal, "/v3/bill/tradebill", TRADE, pack(TRADE.encode()))
    bill = await pay.trade_bill(DAY)
    asked = fake.of("/v3/billdownload/file")[0]
    assert asked.target == "/v3/billdownload/file?token=a%2Bb"
    assert is_signed(asked, keys)
    assert bill.sha1 == hashlib.sha1(TRADE.encode()).hexdigest()
    paid, back = bill.lines
    assert (paid.out_trade_no, paid.amount_fen, paid.fee_fen, paid.refund_fen) == (
        "PA1",
        29800,
        179,
        0,
    )
    assert (paid.out_refund_no, paid.refund_id, paid.trade_state) == ("", "", "SUCCESS")
    assert paid.traded_at == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert (back.out_refund_no, back.refund_fen, back.amount_fen) == ("RF1", 1, 0)
    assert (back.refund_state, back.fee_fen) == ("SUCCESS", -1)


async def test_a_fund_bill_is_read_with_its_movements_in_and_out(
    fake: Fake, pay: WeChatPay, seal: PaySeal
) -> None:
    bill_routes(fake, seal, "/v3/bill/fundflowbill", FUND, FUND.encode())
    came, went = (await pay.fund_bill(DAY)).lines
    assert (came.in_fen, came.out_fen, came.balance_fen, came.voucher) == (29800, 0, 129800, "PA1")
    assert (went.in_fen, went.out_fen, went.kind) == (0, 179, "扣除交易手续费")
    assert fake.of("/v3/bill/fundflowbill")[0].query["account_type"] == "BASIC"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (TRADE.replace("298.00", "299.00").encode(), "bill_hash"),
        (b"\x1f\x8b broken", "bill_gzip"),
        (gzip.compress(TRADE.encode())[:-20], "bill_gzip"),
        (b"", "bill_hash"),
    ],
)
async def test_a_bill_that_differs_from_its_hash_is_retryable(
    fake: Fake, pay: WeChatPay, seal: PaySeal, sent: bytes, code: str
) -> None:
    bill_routes(fake, seal, "/v3/bill/tradebill", TRADE, sent)
    with pytest.raises(Retryable) as caught:
        await pay.trade_bill(DAY)
    assert caught.value.code == code


async def test_a_missing_bill_is_empty_and_an_unfinished_one_is_retryable(
    fake: Fake, pay: WeChatPay, caplog: pytest.LogCaptureFixture
) -> None:
    """A day without trade was once told as a refusal by WeChat, in the log and on 今日."""
    told: list[str] = []
    pay.client.book = SimpleNamespace(  # type: ignore[assignment]
        record_success=lambda *_: told.append("answered"),
        record_refusal=lambda *_, **__: told.append("refused"),
    )
    fake.routes["/v3/bill/tradebill"] = said(400, "NO_STATEMENT_EXIST")
    assert (await pay.trade_bill(DAY)).lines == ()
    assert told == ["answered"]
    assert [each for each in caplog.records if each.levelname == "WARNING"] == []
    fake.routes["/v3/bill/tradebill"] = said(400, "STATEMENT_CREATING")
    with pytest.raises(Retryable):
        await pay.trade_bill(DAY)


@pytest.mark.parametrize(
    "url", ["https://evil.example/v3/billdownload/file", "https://mch.weixin.qq.com.evil.example/"]
)
async def test_a_bill_on_an_unknown_host_is_not_fetched(
    fake: Fake, pay: WeChatPay, seal: PaySeal, url: str
) -> None:
    answer = {"hash_type": "SHA1", "hash_value": "0", "download_url": url}
    fake.routes["/v3/bill/tradebill"] = lambda _: seal.answer(answer)
    with pytest.raises(Refused) as caught:
        await pay.trade_bill(DAY)
    assert caught.value.code == "bill_url"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("`2,`298.00", "`3,`298.00"),
        ("`1.78500,`298.00", "`1.78500,`298.01"),
        ("`2,`298.00", "`1,`298.00"),
        ("`2,`298.00", "`two,`298.00"),
        ("订单金额,申请", "某金额,申请"),
        ("交易时间,", "时间,"),
        (TRADE_TOTALS, ""),
        (TRADE_ROWS, ""),
    ],
)
def test_a_bill_that_does_not_add_up_is_refused(old: str, new: str) -> None:
    assert old in TRADE
    with pytest.raises(bills.BadBill):
        bills.parse_trade(TRADE.replace(old, new))


PAID_ROW, BACK_ROW = TRADE_ROWS.splitlines()
AT = "`2026-11-21 10:00:00,`"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("陈酿,500ml", "陈酿\n500ml", ("line_break", {})),
        ("陈酿,500ml", "陈酿\r\n500ml", ("line_break", {})),
        ("陈酿,500ml", "陈酿\n\n\n500ml", ("line_break", {})),
        ("陈酿,500ml", f"陈酿\n{AT}wx1,`500ml", ("line_break", {})),
        ("陈酿,500ml", f"陈酿\n{BACK_ROW}\n500ml", ("line_break", {})),
        ("陈酿,500ml", "陈酿,`500ml", ("columns", {"found": 28, "expected": 27})),
        ("`JSAPI,`SUCCESS,", "`SUCCESS,", ("columns", {"found": 26, "expected": 27})),
        ("`298.00,`0.00,`", "`298.001,`0.00,`", ("amount_unreadable", {"said": "298.001"})),
        ("`298.00,`0.00,`", "`NaN,`0.00,`", ("amount_unreadable", {"said": "NaN"})),
        ("`298.00,`0.00,`", "`2_98.00,`0.00,`", ("amount_unreadable", {"said": "2_98.00"})),
        ("`298.00,`0.00,`", "`２９８.00,`0.00,`", ("amount_unreadable", {"said": "２９８.00"})),
        ("`298.00,`0.00,`", "`,`0.00,`", ("amount_unreadable", {"said": ""})),
        ("`1.79000", "`1e3", ("amount_unreadable", {"said": "1e3"})),
        ("2026-11-21 00:00:00", "21.11.2026", ("no_time", {"column": "交易时间"})),
        ("2026-11-21 00:00:00", "2026-13-21 00:00:00", ("no_time", {"column": "交易时间"})),
    ],
)
@pytest.mark.parametrize("at", ["first", "last"])
def test_an_unreadable_record_is_set_aside_and_the_others_are_read(
    old: str, new: str, reason: tuple[str, dict[str, object]], at: str
) -> None:
    odd = PAID_ROW.replace(old, new)
    assert odd != PAID_ROW
    rows = [odd, BACK_ROW] if at == "first" else [BACK_ROW, odd]
    text = f"\ufeff{TRADE_HEAD}\n" + "\n".join(rows) + "\n" + TRADE_TOTALS
    table = bills.parse_trade(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert [line.out_refund_no for line in table.lines] == ["RF1"]
    (aside,) = table.aside
    assert (aside.bill, (aside.reason, aside.facts)) == ("trade", reason)
    assert aside.line == (2 if at == "first" else 3)
    assert aside.raw == odd.replace("\r\n", "\n")


@pytest.mark.parametrize("count", ["`2,", "`3,"])
def test_a_repeated_line_is_read_once_and_set_aside(count: str) -> None:
    text = TRADE.replace(TRADE_ROWS, f"{TRADE_ROWS}{PAID_ROW}\n").replace(
        "`2,`298", f"{count}`298"
    )
    table = bills.parse_trade(text)
    assert len(table.lines) == 2
    assert [(each.line, each.reason) for each in table.aside] == [(4, "duplicate")]


def test_the_totals_may_exceed_the_read_lines_by_those_set_aside() -> None:
    odd = TRADE.replace("陈酿,500ml,`,`1.79000", "陈酿,`500ml,`,`1.79000")
    assert len(bills.parse_trade(odd).lines) == 1
    with pytest.raises(bills.BadBill):
        bills.parse_trade(odd.replace("`298.00,`0.01\n", "`298.00,`0.00\n"))


def test_a_bill_with_mostly_unreadable_lines_is_refused() -> None:
    rows = "".join(PAID_ROW.replace("PA1", f"PA{n}").replace("`JSAPI,", "") + "\n" for n in "1234")
    text = TRADE.replace(TRADE_ROWS, rows).replace("`2,`298.00", "`4,`298.00")
    with pytest.raises(bills.BadBill, match="most_unreadable"):
        bills.parse_trade(text)


def test_unknown_columns_and_another_order_of_columns_are_accepted() -> None:
    def moved(line: str, cut: str, name: str) -> str:
        first, _, rest = line.partition(cut)
        return (
            f"{rest}{cut}{name}{cut}{first}"
            if cut == ","
            else f"`{rest}{cut}{name}{cut}{first[1:]}"
        )

    head = moved(TRADE_HEAD, ",", "新列")
    rows = "".join(moved(row, ",`", "新值") + "\n" for row in TRADE_ROWS.splitlines())
    table = bills.parse_trade(f"{head}\n{rows}{TRADE_TOTALS}")
    assert table.lines == bills.parse_trade(TRADE).lines
    assert table.aside == ()


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n\n", TRADE_HEAD, "网页"])
async def test_an_empty_file_with_the_right_hash_is_refused_with_its_reason(
    fake: Fake, pay: WeChatPay, seal: PaySeal, content: str
) -> None:
    bill_routes(fake, seal, "/v3/bill/tradebill", content, content.encode())
    with pytest.raises(Refused) as caught:
        await pay.trade_bill(DAY)
    assert caught.value.code == "bill_shape"
    assert caught.value.facts == {"why": "no_totals", "of_bill": {}}


def test_an_unreadable_movement_of_the_fund_bill_is_set_aside() -> None:
    table = bills.parse_fund(FUND.replace("`结算,`PA1", "`结\n算,`PA1"))
    assert [line.kind for line in table.lines] == ["扣除交易手续费"]
    assert [(each.bill, each.reason) for each in table.aside] == [("fund", "line_break")]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0.00", 0),
        ("298.00", 29800),
        ("1.78500", 179),
        ("-0.00600", -1),
        ("0.004", 0),
        ("12", 1200),
    ],
)
def test_yuan_becomes_fen(text: str, fen: int) -> None:
    assert bills.to_fen(text) == fen
