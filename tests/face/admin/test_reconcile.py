"""对账: the strip of days, days that are read again, differences and how they are closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain import reconcile
from domain.reconcile.wiring import handlers
from domain.staff import rules
from kernel import clock
from kernel.errors import Retryable
from models import AuditEntry, BillLine, OutboxRow, Payment
from tests.face.desk import Desk, hire, who_did
from tests.factories.bills import Bills, trade_line
from tests.factories.distribution import pass_time
from tests.factories.orders import paid_order
from tests.harness.markup import forms_of, lines_of, table_of, texts_of, values_of, words_of

DAYS = "/admin/reconcile/days"
LIST = "/admin/reconcile/differences"


@pytest.fixture
def bills(desk: Desk, wired: None) -> Any:
    """WeChat's bills for the desk's merchant number."""
    made = Bills()
    made.mchid = desk.pay.mchid
    return made


def _outage(desk: Desk, length: int) -> tuple[date, Payment]:
    wanted = clock.day_start(clock.business_day(clock.now())) + timedelta(days=1, hours=15)
    clock.set_offset(clock.offset() + wanted - clock.now())
    bought, day = paid_order(), clock.business_day(clock.now())
    pass_time(days=length)
    desk.sign_in("boss")
    return day, Payment.get(Payment.payable_id == bought.order_id)


async def _work(desk: Desk, bills: Any) -> None:
    for row in list(OutboxRow.select().where(OutboxRow.kind == "reconcile.read")):
        await handlers(desk.store, bills)["reconcile.read"](row.payload, None)  # type: ignore[arg-type]
        OutboxRow.delete().where(OutboxRow.id == row.id).execute()


@pytest.mark.row("G6")
async def test_the_strip_shows_each_day_and_names_the_gaps(desk: Desk, bills: Any) -> None:
    day, paid = _outage(desk, 3)
    bills.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen)]
    await reconcile.reconcile_day(desk.store, bills, day)
    bills.faults[day + timedelta(days=1), "fund"] = Retryable("http_500")
    with pytest.raises(Retryable):
        await reconcile.reconcile_day(desk.store, bills, day + timedelta(days=1))
    _, page = await desk.get("/admin/reconcile")
    said = values_of(page, ".strip a", "aria-label")
    assert [each.partition("：")[2] for each in said] == ["没有差异", "没有核对", "没有核对"]
    assert texts_of(page, ".strip b") == ["✓", "缺", "缺"]
    assert "有 2 天的账单还没有核对" in lines_of(page, ".notice-bad")
    _, today = await desk.get("/admin/")
    assert "有 2 天的微信账单还没有核对" in lines_of(today, ".notice-warn")
    _, page = await desk.get(f"{DAYS}/{day}")
    assert texts_of(page, ".empty h2") == ["没有差异"]
    assert words_of(page, ".empty p").startswith("两份账单都读了")
    _, page = await desk.get(f"{DAYS}/{day + timedelta(days=1)}")
    assert "还没有核对完" in words_of(page, ".notice-bad")
    assert "微信系统出错" in "；".join(row[1] for row in table_of(page))
    assert "没有差异" not in words_of(page)
    assert (await desk.get(f"{DAYS}/2019-01-01"))[0] == 404
    assert (await desk.get(f"{DAYS}/2019-13-01"))[0] == 404


@pytest.mark.row("G6")
async def test_a_day_is_read_again_and_its_page_refreshes_itself(desk: Desk, bills: Any) -> None:
    day, paid = _outage(desk, 2)
    await reconcile.catch_up(desk.store, bills)
    _, page = await desk.get(f"{DAYS}/{day}")
    assert "只有本店有" in texts_of(page, "tbody .badge")
    bills.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen, 3)]
    await desk.post(f"{DAYS}/{day}/read")
    assert "正在读取" in await desk.said()
    _, page = await desk.get(f"{DAYS}/{day}")
    assert values_of(page, "[hx-trigger]", "hx-get") == [f"{DAYS}/{day}"]
    _, page = await desk.get("/admin/reconcile")
    assert values_of(page, "#days [hx-trigger]", "hx-get") == ["/admin/reconcile"]
    for path in (f"{DAYS}/{day}", "/admin/reconcile"):
        fetched = await desk.client.get(path, headers=desk._headers() | {"HX-Request": "true"})
        assert fetched.status == 200
        assert "只有本店有" in texts_of(await fetched.text(), "tbody .badge")
    await _work(desk, bills)
    _, page = await desk.get(f"{DAYS}/{day}")
    assert values_of(page, "[hx-trigger]", "hx-get") == []
    received = f"¥{paid.received_fen / 100:.2f}"
    assert table_of(page, 1)[0] == ["收款", received, received, "一致"]
    assert "后来对上" in table_of(page, 2)[0][4]
    assert who_did("bill_day.read") == "staff:boss"
    row = BillLine.get()
    _, page = await desk.get(f"{LIST}/{row.id}")
    assert "自动了结" in words_of(page, ".notice-ok")
    assert "差异后来对上" in texts_of(page, ".timeline li")[0]


@pytest.mark.row("A9", "G6")
async def test_a_difference_is_taken_noted_and_closed_with_a_reason(
    desk: Desk, bills: Any
) -> None:
    day, paid = _outage(desk, 1)
    bills.trades[day] = [trade_line(paid.out_trade_no, paid.received_fen + 100)]
    await reconcile.catch_up(desk.store, bills)
    row = BillLine.get()
    one = f"{LIST}/{row.id}"
    _, page = await desk.get(LIST)
    assert "金额不一致" in texts_of(page, "tbody .badge")
    assert one in values_of(page, "tbody a", "href")
    _, page = await desk.get(one)
    assert f"/admin/orders/{paid.payable_no}" in values_of(page, "main a", "href")
    await desk.post(f"{one}/take")
    await desk.post(f"{one}/note", note="已问微信支付客服")
    _, page = await desk.get(f"{LIST}?view=mine")
    (row_shown,) = table_of(page)
    assert "已问微信支付客服" in " ".join(row_shown)
    assert "boss" in " ".join(row_shown)
    await desk.post(f"{one}/close", how="booked", reason=" ")
    assert BillLine.get().ended_at is None
    await desk.post(f"{one}/close", how="booked", reason="补记 1 元", _shown="{}")
    assert BillLine.get().ended_at is None
    await desk.post(f"{one}/close", how="booked", reason="补记 1 元")
    _, page = await desk.get(one)
    assert texts_of(page, ".notice-ok") == ["已补记：补记 1 元"]
    assert f"{one}/close" not in [form.action for form in forms_of(page)]
    acts = [each.action for each in AuditEntry.select().order_by(AuditEntry.id)]
    assert [a for a in acts if a.startswith("bill_line")] == [
        "bill_line.take", "bill_line.note", "bill_line.close",
    ]  # fmt: skip
    _, page = await desk.get(f"{LIST}?view=ended&from={day}&to={day}")
    assert paid.out_trade_no in texts_of(page, "#list tbody .num")
    _, page = await desk.get(f"{LIST}?view=all&q={paid.out_trade_no}")
    assert paid.out_trade_no in texts_of(page, "#list tbody .num")


async def test_the_differences_of_a_day_are_exported(desk: Desk, bills: Any) -> None:
    day, paid = _outage(desk, 1)
    bills.trades[day] = [trade_line("NOT_OURS", 12_345)]
    await reconcile.catch_up(desk.store, bills)
    form = {"view": "all", "from": str(day), "to": str(day), "format": "csv"}
    status, sheet = await desk.post(f"{LIST}/file", **form)
    assert status == 200
    for cell in ("NOT_OURS", "123.45", paid.out_trade_no):
        assert cell in sheet


async def test_who_may_only_see_differences_gets_no_buttons(
    desk: Desk, bills: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, _ = _outage(desk, 2)
    await reconcile.reconcile_day(desk.store, bills, day)
    monkeypatch.setitem(rules.ROLES, "looks", frozenset({"today.see", "payouts.see"}))
    hire("looks", "looks")
    row = BillLine.get()
    desk.sign_in("looks")
    for path in ("/admin/reconcile", f"{DAYS}/{day}", f"{LIST}/{row.id}"):
        status, page = await desk.get(path)
        assert status == 200
        assert [
            u for u in values_of(page, "main form", "action") if u.startswith("/admin/rec")
        ] == []
    for path in (f"{DAYS}/{day}/read", "/admin/reconcile/read", f"{LIST}/{row.id}/take"):
        assert (await desk.post(path))[0] == 403
    assert not OutboxRow.select().where(OutboxRow.kind == "reconcile.read").exists()
