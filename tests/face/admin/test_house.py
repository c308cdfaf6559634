"""Messages, settings, menu, staff, log and reconciliation on the merchant's pages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain import after_restore_hold, catalog, orders, push, service_desk, settings
from domain.payments.ports import SetAside
from domain.push import CampaignForm
from domain.reconcile.asides import record_unreadable_bill, store_unreadable_lines
from kernel import clock
from kernel.errors import Refused
from models import (
    BillAside,
    BillDay,
    BillLine,
    LedgerTransfer,
    Order,
    OutboxRow,
    PushCampaign,
    ServiceTicket,
    Staff,
)
from tests.face.desk import Desk, hire, who_did
from tests.face.shop_with_data import Shop
from tests.factories.catalog import make_product
from tests.factories.distribution import (
    make_customer,
)
from tests.harness.markup import (
    errors_of,
    fields_of,
    is_nowhere,
    lines_of,
    table_of,
    texts_of,
    values_of,
    words_of,
)


@pytest.mark.row("D5")
async def test_composer_counts_the_reach_before_it_saves(desk: Desk, shop: Shop) -> None:
    values = {
        "title": "新酒", "carrier": "service", "text": "新酒到店", "audience": "all",
        "is_promotion": "1",
    }  # fmt: skip
    status, page = await desk.post("/admin/push/new", **values, do="preview")
    assert status == 200
    assert "未同意接收促销" in "；".join(row[2] for row in table_of(page))
    assert PushCampaign.select().count() == 1
    status, place = await desk.post("/admin/push/new", **values, do="save")
    assert status == 303
    assert PushCampaign.select().count() == 2
    _, page = await desk.get(place)
    assert "发给 1 人" in words_of(page, "dialog#start .note")


@pytest.mark.row("D5", "L9")
async def test_a_promotion_by_template_needs_the_owner_s_switch(desk: Desk, shop: Shop) -> None:
    values = {
        "title": "上新", "carrier": "template", "template_id": "tpl1", "v_thing1": "陈酿",
        "audience": "all", "is_promotion": "1", "path": "/m/p/1",
    }  # fmt: skip
    _, page = await desk.post("/admin/push/new", **values, do="preview")
    assert "不得用于营销" in lines_of(page, ".notice-warn")
    assert "需店主在推送规则里开启" in "；".join(row[2] for row in table_of(page))
    _, place = await desk.post("/admin/push/new", **values, do="save")
    await desk.post(f"{place}/start", _typed="发送")
    assert PushCampaign.get_by_id(int(place.rsplit("/", 1)[1])).state == "draft"


@pytest.mark.row("L3", "L9")
async def test_forbidden_words_and_foreign_links_stop_a_campaign(desk: Desk, shop: Shop) -> None:
    bad = {"title": "上新", "carrier": "service", "text": "全网第一", "audience": "all"}
    _, page = await desk.post("/admin/push/new", **bad, do="preview")
    assert "“全网第一”（绝对化用语）" in words_of(page, ".notice-bad")
    status, page = await desk.post("/admin/push/new", **bad, do="save")
    assert status == 422
    assert "“全网第一”：自称第一" in errors_of(page)["text"]
    older = push.draft_campaign(
        CampaignForm("上新", "service", {"text": "全网第一"}, {"kind": "all"}), "staff:boss"
    )
    await desk.post(f"/admin/push/{older}/start", _typed="发送")
    assert "全网第一" in await desk.said()
    foreign = {"title": "上新", "carrier": "template", "template_id": "tpl1", "v_thing1": "酒",
               "audience": "all", "path": "https://evil.example/"}  # fmt: skip
    status, page = await desk.post("/admin/push/new", **foreign, do="save")
    assert status == 422
    assert "本商城的页面" in errors_of(page)["path"]


@pytest.mark.row("D5")
async def test_messages_without_receipts_are_not_shown_as_undelivered(
    desk: Desk, shop: Shop
) -> None:
    """WeChat confirms no customer-service message, so "0 delivered of 2" looked like a failure."""
    _, page = await desk.get(f"/admin/push/{shop.campaign_id}/progress")
    assert "已送达 – 客服消息没有送达回执" in texts_of(page, ".figure")


async def test_a_campaign_needs_its_word_to_start_and_to_stop(desk: Desk, shop: Shop) -> None:
    url = f"/admin/push/{shop.campaign_id}"
    await desk.post(f"{url}/start", _typed="")
    assert PushCampaign.get_by_id(shop.campaign_id).state == "draft"
    await desk.post(f"{url}/start", _typed="发送")
    assert PushCampaign.get_by_id(shop.campaign_id).state == "sending"
    await desk.post(f"{url}/pause")
    assert PushCampaign.get_by_id(shop.campaign_id).state == "paused"
    await desk.post(f"{url}/resume")
    await desk.post(f"{url}/stop", reason="发错了", _typed="停止")
    row = PushCampaign.get_by_id(shop.campaign_id)
    assert (row.state, row.stop_reason) == ("stopped", "发错了")
    assert who_did("campaign.stop") == "staff:boss"


@pytest.mark.row("C6")
async def test_ticket_is_taken_answered_and_closed(desk: Desk, shop: Shop) -> None:
    url = f"/admin/tickets/{shop.ticket_no}"
    await desk.post(f"{url}/take")
    await desk.post(f"{url}/answer", answer="")
    assert ServiceTicket.get().state == "open"
    await desk.post(f"{url}/answer", answer="订单完成后可开。")
    row = ServiceTicket.get()
    assert (row.state, row.owner, row.answer) == ("answered", "staff:boss", "订单完成后可开。")
    await desk.post(f"{url}/close")
    assert ServiceTicket.get().state == "closed"


async def test_a_ticket_says_whether_its_order_is_the_writer_s(desk: Desk, shop: Shop) -> None:
    """A ticket can name any order. The desk took it for the writer's own."""
    number = shop.order.order_no
    own = service_desk.open_ticket(shop.customer_id, "少一瓶", order_no=number)
    foreign = service_desk.open_ticket(shop.distributor_id, "退我", order_no=number)
    _, page = await desk.get(f"/admin/tickets/{own}")
    assert f"/admin/orders/{number}" in values_of(page, "main a", "href")
    _, page = await desk.get(f"/admin/tickets/{foreign}")
    assert f"/admin/orders/{number}" not in values_of(page, "a", "href")
    assert f"提到的订单 {number} 不是这位会员的" in lines_of(page, ".note")


async def test_settings_are_saved_and_an_old_version_is_refused(desk: Desk) -> None:
    values = {
        "pay_within_minutes": "45", "receive_within_days": "10", "complete_after_days": "7",
        "refund_answer_hours": "48", "max_line_quantity": "99", "max_cart_lines": "50",
    }  # fmt: skip
    status, _ = await desk.post("/admin/settings/trade", **values, version="0")
    assert status == 303
    assert settings.get(settings.Trade).pay_within_minutes == 45
    status, page = await desk.post("/admin/settings/trade", **values, version="0")
    assert status == 422
    assert "刚被别人修改过" in lines_of(page, "#g-trade .errors li")
    status, page = await desk.post(
        "/admin/settings/trade", **values | {"pay_within_minutes": "1"}, version="1"
    )
    assert status == 422
    assert "应在 5分钟 到 1440分钟 之间" in errors_of(page)["pay_within_minutes"]
    _, page = await desk.post("/admin/settings/freight", flat_fen="1,234.5", free_from_fen="",
                              remote_provinces="", remote_extra_fen="0", version="0")  # fmt: skip
    assert "应在 0.00元 到 1000.00元 之间" in errors_of(page)["flat_fen"]
    assert settings.get(settings.Trade).pay_within_minutes == 45


async def test_the_second_editor_sees_field_by_field_what_changed(desk: Desk) -> None:
    """The page once said 请刷新后重新填写 and lost everything that was typed."""
    _, page = await desk.get("/admin/settings")
    mine = fields_of(page, "/admin/settings/trade")
    await desk.post("/admin/settings/trade", **mine | {
        "pay_within_minutes": "45", "receive_within_days": "11"})  # fmt: skip
    status, page = await desk.post("/admin/settings/trade", **mine | {
        "receive_within_days": "12", "refund_answer_hours": "50"})  # fmt: skip
    assert status == 422
    said = texts_of(page, "#g-trade .has-error .error")
    assert said == ["刚被别人改为“45”，已带入", "刚被别人改为“11”，您填的是“12”"]
    again = fields_of(page, "/admin/settings/trade")
    assert again["refund_answer_hours"] == "50"
    assert (await desk.post("/admin/settings/trade", **again))[0] == 303
    kept = settings.get(settings.Trade)
    assert (kept.pay_within_minutes, kept.receive_within_days) == (45, 12)
    assert kept.refund_answer_hours == 50


async def test_two_editors_of_a_product_lose_nothing(desk: Desk) -> None:
    product = make_product("陈酿")
    url = f"/admin/products/{product.product_id}"
    _, page = await desk.get(url)
    mine = fields_of(page, url)
    await desk.post(url, **mine | {"subtitle": "绵柔顺口", "is_return_exempt": "1"})
    status, page = await desk.post(url, **mine | {"description": "一行\r\n两行"})
    assert status == 422
    said = texts_of(page, ".error")
    assert "刚被别人改为“绵柔顺口”，已带入" in said
    assert "刚被别人改为“是”，已带入" in said
    assert (await desk.post(url, **fields_of(page, url)))[0] == 303
    kept = catalog.product_detail_for_merchant(product.product_id).form
    assert (kept.subtitle, kept.description, kept.is_return_exempt) == (
        "绵柔顺口", "一行\n两行", True,
    )  # fmt: skip


async def test_freight_is_saved_without_a_free_limit(desk: Desk) -> None:
    values = {"flat_fen": "12", "free_from_fen": "", "remote_provinces": "西藏自治区",
              "remote_extra_fen": "20"}  # fmt: skip
    await desk.post("/admin/settings/freight", **values, version="0")
    kept = settings.get(settings.Freight)
    assert (kept.flat_fen, kept.free_from_fen, kept.remote_provinces) == (
        1200, None, ("西藏自治区",),
    )  # fmt: skip


async def test_the_menu_is_saved_and_published_or_refused_with_a_reason(desk: Desk) -> None:
    form = {"b0": "选购", "b0dk": "page", "b0dv": "/m/", "b1": "帮助", "b1i0": "人工",
            "b1i0k": "command", "b1i0v": "人工", "version": "0"}  # fmt: skip
    await desk.post("/admin/menu", **form)
    kept = settings.get(settings.ChatMenu)
    assert [b.name for b in kept.buttons] == ["选购", "帮助"]
    assert desk.menu.published == 0
    await desk.post("/admin/menu", **form | {"version": "1"}, publish="1")
    assert desk.menu.published == 1
    desk.menu.refusal = Refused("40018", "invalid button name size")
    await desk.post("/admin/menu", **form | {"version": "2"}, publish="1")
    assert "40018" in await desk.said()
    long = form | {"b0": "名字实在太长了吧", "version": "3"}
    status, page = await desk.post("/admin/menu", **long)
    assert status == 422
    assert "不符合微信的规定" in words_of(page, ".notice-bad")


async def test_keyword_answers_are_saved_without_the_empty_ones(desk: Desk) -> None:
    form = {"welcome": "您好", "closed": "", "rows": "2", "w0": "发票，开票", "m0": "contains",
            "a0": "一\r\n---\r\n二", "w1": "", "a1": "没有词", "version": "0"}  # fmt: skip
    await desk.post("/admin/chat", **form)
    kept = settings.get(settings.ChatTexts)
    assert kept.welcome == "您好"
    assert [(k.words, k.match, k.answers) for k in kept.keywords] == [
        (("发票", "开票"), "contains", ("一", "二"))
    ]


async def test_the_secrets_of_a_new_account_are_shown_once(desk: Desk) -> None:
    status, page = await desk.post("/admin/staff", login="cai", name="小陈", roles="finance")
    assert status == 200
    assert values_of(page, "img.qr", "src")[0].startswith("data:image/svg+xml")
    row = Staff.get(Staff.login == "cai")
    assert row.roles == ["finance"]
    _, page = await desk.get("/admin/staff")
    assert is_nowhere(page, "data:image/svg+xml")
    status, page = await desk.post("/admin/staff", login="cai", name="又一个", roles="service")
    assert status == 422
    assert "已存在" in errors_of(page)["login"]


async def test_an_account_without_a_code_gets_one_with_its_new_role(desk: Desk) -> None:
    staff_id = hire("lisa", "operator")
    # as accounts were before every role needed a code
    Staff.update(sealed_totp=None).where(Staff.id == staff_id).execute()
    status, page = await desk.post(f"/admin/staff/{staff_id}/roles", roles="finance")
    assert status == 200
    assert values_of(page, "img.qr", "src")[0].startswith("data:image/svg+xml")
    assert Staff.get_by_id(staff_id).sealed_totp is not None


async def test_nobody_disables_themselves_or_the_last_owner(desk: Desk) -> None:
    me = Staff.get(Staff.login == "boss").id
    await desk.post(f"/admin/staff/{me}/disable", _typed="停用")
    assert Staff.get_by_id(me).state == "active"
    other = hire("lisa", "operator")
    await desk.post(f"/admin/staff/{other}/disable", _typed="")
    assert Staff.get_by_id(other).state == "active"
    await desk.post(f"/admin/staff/{other}/disable", _typed="停用")
    assert Staff.get_by_id(other).state == "disabled"
    await desk.post(f"/admin/staff/{me}/roles", roles="operator")
    assert Staff.get_by_id(me).roles == ["owner"]


async def test_a_dead_letter_is_replayed_or_skipped(desk: Desk, shop: Shop) -> None:
    url = f"/admin/outbox/{shop.dead_id}"
    await desk.post(f"{url}/skip", reason="不需要了", _typed="")
    assert OutboxRow.get_by_id(shop.dead_id).state == "dead"
    await desk.post(f"{url}/replay")
    assert OutboxRow.get_by_id(shop.dead_id).state == "due"
    OutboxRow.update(state="dead").where(OutboxRow.id == shop.dead_id).execute()
    await desk.post(f"{url}/skip", reason="不需要了", _typed="放弃")
    assert OutboxRow.get_by_id(shop.dead_id).state == "skipped"
    assert who_did("outbox.skip") == "staff:boss"


async def test_log_is_filtered_by_part_and_person(desk: Desk) -> None:
    hire("lisa", "operator")
    product = make_product()
    desk.sign_in("lisa")
    await desk.post(f"/admin/stock/{product.sku_id}", delta="1", why="盘点")
    desk.sign_in("boss")
    _, page = await desk.get("/admin/audit?kind=sku&who=lisa")
    assert [row[2] for row in table_of(page)] == ["调整库存"]
    _, page = await desk.get("/admin/audit?kind=sku&who=nobody")
    assert texts_of(page, "#list .empty h2") == ["没有符合条件的记录"]


@pytest.mark.row("B4")
async def test_today_counts_what_waits(desk: Desk, shop: Shop) -> None:
    _, page = await desk.get("/admin/")
    waiting = dict(zip(texts_of(page, ".figure small"), texts_of(page, ".figure b"), strict=True))
    expected = {
        "待发货": "2", "售后待处理": "1", "提现待审": "1", "分销申请": "1", "库存预警": "1",
        "待答复工单": "1", "后台失败": "1",
    }  # fmt: skip
    assert {k: waiting[k] for k in expected} == expected
    assert Order.select().where(Order.state == "paid").count() == 2
    assert make_customer(shop.distributor_id)
    assert orders.order_counts()["refunding"] == 1


async def test_hold_is_lifted_only_after_the_bills_were_read(desk: Desk) -> None:
    after_restore_hold.begin_hold("restored", clock.now())
    _, page = await desk.get("/admin/")
    assert "等待核对" in words_of(page, ".stop")
    form = {"reason": "逐笔看过", "_typed": "解除保全"}
    await desk.post("/admin/reconcile/lift", **form)
    assert "需要先核对" in await desk.said()
    assert after_restore_hold.is_held()
    today = clock.business_day(clock.now())
    after_restore_hold.record_reading(today, today, 0, ["payment P1 ours 100"])
    _, page = await desk.get("/admin/reconcile")
    assert texts_of(page, "details li") == ["payment P1 ours 100"]
    await desk.post("/admin/reconcile/lift", **form | {"_typed": ""})
    assert after_restore_hold.is_held()
    await desk.post("/admin/reconcile/lift", **form)
    assert not after_restore_hold.hold_state().is_held
    assert who_did("hold.lift") == "staff:boss"


@pytest.mark.row("G6")
async def test_the_page_does_not_say_that_unread_bills_agree(desk: Desk, shop: Shop) -> None:
    """The page said 账本一致 before anything was compared, and did not name missing days."""
    _, page = await desk.get("/admin/reconcile")
    assert "还没有核对过账单" in texts_of(page, ".empty h2")
    assert "账本一致" not in words_of(page)
    first_at = clock.now() - timedelta(days=4)
    LedgerTransfer.update(created_at=first_at).execute()
    begun = clock.business_day(first_at)
    for bill in ("trade", "fund"):
        BillDay.create(
            mchid=desk.pay.mchid, day=begun.isoformat(), bill=bill, state="read",
            read_at=clock.now(),
        )  # fmt: skip
    _, page = await desk.get("/admin/reconcile")
    missing = (begun + timedelta(days=1)).isoformat()
    warning = words_of(page, ".notice-bad")
    assert missing in warning
    assert "没有核对" in warning
    assert "账本一致" not in words_of(page)
    _, page = await desk.get("/admin/")
    assert "微信账单还没有核对" in lines_of(page, ".notice-warn")
    await desk.post("/admin/reconcile/read")
    assert "正在读取" in await desk.said()
    assert OutboxRow.select().where(OutboxRow.kind == "reconcile.read").count() == 1


@pytest.mark.row("A9", "G6")
async def test_a_difference_is_closed_with_a_result_and_a_reason(desk: Desk) -> None:
    line = BillLine.create(
        bill_day="2026-11-21",
        mchid="1900000001",
        kind="payment",
        out_number="P1",
        amount_fen=100,
        ours_fen=None,
        state="theirs_only",
        opened_at=clock.now(),
        created_at=clock.now(),
    )
    _, page = await desk.get("/admin/")
    assert "1 处差异未平" in lines_of(page, ".notice-warn")
    close = f"/admin/reconcile/differences/{line.id}/close"
    for form in ({"how": "explained", "reason": ""}, {"how": "", "reason": "测试账户的收款"}):
        await desk.post(close, **form)
        assert BillLine.get_by_id(line.id).state == "theirs_only"
    await desk.post(close, how="explained", reason="测试账户的收款")
    row = BillLine.get_by_id(line.id)
    assert (row.state, row.closed_by) == ("closed", "staff:boss")


async def test_an_unreadable_bill_is_shown_until_it_is_marked_as_seen(
    desk: Desk,
) -> None:
    found = SetAside(
        "trade",
        7,
        "`2026-11-21 10:00:00,`<b>陈酿\n500ml",
        "columns",
        {"found": 28, "expected": 27},
    )
    store_unreadable_lines(date(2026, 11, 21), "1900000001", [found])
    record_unreadable_bill(
        date(2026, 11, 22),
        "1900000001",
        "fund",
        "total_differs",
        {"total": "收入金额", "said_fen": 123456, "found_fen": 100},
    )
    _, page = await desk.get("/admin/reconcile")
    rows = {row[0]: row for row in table_of(page)}
    _, bill, reason, raw, _ = rows["2026-11-21"]
    assert bill.endswith("第 7 行")
    assert reason == "列数不对（28/27）"
    assert "<b>陈酿 500ml" in raw
    _, bill, reason, *_ = rows["2026-11-22"]
    assert bill == "资金账单"
    assert reason == "整份没有读入 “收入金额”是 ¥1,234.56，各行合计 ¥1.00"
    for row in BillAside.select():
        await desk.post(f"/admin/reconcile/asides/{row.id}/seen")
    assert "已标为看过" in await desk.said()
    _, page = await desk.get("/admin/reconcile")
    assert "未读入的账单行" not in words_of(page)
    assert {row.seen_by for row in BillAside.select()} == {"staff:boss"}
    assert who_did("bill_aside.seen") == "staff:boss"
