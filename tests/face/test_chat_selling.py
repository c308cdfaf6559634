"""Selling in the chat: posters, links, applications, commission, customers, withdrawal."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from domain import distribution, payouts, settings
from kernel import clock
from kernel.chat import ImageReply
from kernel.errors import Retryable
from models import Sku
from tests.face.chat import LOGIN, Chat
from tests.face.conftest import OpenChat
from tests.factories.catalog import make_product
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    receive_sale,
    refund_line,
    release_sale,
    sell,
)

# --- 海报 and 链接


@pytest.mark.row("D4")
async def test_a_poster_comes_as_a_picture(chat: Chat, seller: int) -> None:
    brand = await chat.say("海报")
    assert (brand.kind, brand.media_id) == ("image", f"poster-{seller}-brand")
    made, best = make_product("陈酿"), make_product("桂花")
    Sku.update(sold=5).where(Sku.id == best.sku_id).execute()
    shop, product = await chat.say("海报"), await chat.say("海报陈酿")
    assert shop.media_id == f"poster-{seller}-{best.product_id}"
    assert product.media_id == f"poster-{seller}-{made.product_id}"


@pytest.mark.row("A7")
async def test_a_text_to_copy_follows_the_poster(
    chat: Chat, seller: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.late.REST_SECONDS", 0)
    made = make_product("陈酿", subtitle="坤沙古法，窖藏五年")
    assert (await chat.say("海报")).kind == "image"
    for _ in range(50):
        if chat.messenger.sent:
            break
        await asyncio.sleep(0.02)
    [(_, kind, words)] = chat.messenger.sent
    code = distribution.distributor(seller).referral_code  # type: ignore[union-attr]
    assert (kind, words.split("\n")) == (
        "text",
        [
            "【广告】陈酿", "坤沙古法，窖藏五年",
            f"识别图中二维码，或点链接看看：http://127.0.0.1:8080/m/l/{code}?p={made.product_id}",
            "由山泉坊酒业有限公司销售、发货并负责售后", "过量饮酒有害健康，未满18周岁禁止购酒",
        ],
    )  # fmt: skip


async def test_a_text_follows_a_late_poster_too(
    open_chat: OpenChat, seller: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> ImageReply:
        await asyncio.sleep(0.8)
        return ImageReply("m1")

    monkeypatch.setattr("bot.webhook.SOON_SECONDS", 0.4)
    chat = await open_chat(poster=slow)
    assert "正在制作" in (await chat.say("海报")).text
    for _ in range(100):
        if len(chat.messenger.sent) > 1:
            break
        await asyncio.sleep(0.02)
    assert [kind for _, kind, _ in chat.messenger.sent] == ["image", "text"]


async def test_an_unknown_product_gets_no_poster(open_chat: OpenChat, seller: int) -> None:
    drawn = []

    async def draw(*what: Any) -> ImageReply:
        drawn.append(what)
        return ImageReply("m")

    chat = await open_chat(poster=draw)
    assert (await chat.say("海报 龙舌兰")).text.startswith("没有找到「龙舌兰」")
    assert drawn == []


async def test_a_poster_that_wechat_refuses_is_answered_with_a_text(
    open_chat: OpenChat, seller: int
) -> None:
    async def fail(*_: Any) -> ImageReply:
        raise Retryable("-1", "system busy")

    chat = await open_chat(poster=fail)
    assert (await chat.say("海报")).text == "微信接口暂时繁忙，请稍后再试。"


async def test_posters_per_hour_are_limited(
    chat: Chat, seller: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.poster.POSTERS_AN_HOUR", 1)
    assert (await chat.say("海报")).kind == "image"
    assert (await chat.say("海报")).text == "您操作得太频繁了，请稍后再试。"


@pytest.mark.row("A7")
async def test_a_link_has_the_distributor_s_code(chat: Chat, seller: int) -> None:
    code = distribution.distributor(seller).referral_code  # type: ignore[union-attr]
    assert f"\nhttp://127.0.0.1:8080/m/l/{code}\n" in (await chat.say("链接")).text


@pytest.mark.row("D2", "A5")
async def test_the_answer_with_a_product_link_has_the_commission(chat: Chat, seller: int) -> None:
    made = make_product("陈酿", price_fen=29800)
    make_rule(500, scope="product", target_id=made.product_id)
    answer = await chat.say("鏈接 陈酿")
    assert f"?p={made.product_id}\n" in answer.text
    assert "按标价每件佣金 ¥14.90，有优惠时按实付计算。" in answer.text
    other = make_product("酒杯")
    assert other
    assert "这件商品目前没有佣金。" in (await chat.say("链接 酒杯")).text


@pytest.mark.parametrize(
    ("command", "wish"),
    [("海报", "领海报"), ("链接", "领推广链接"), ("佣金", "看佣金"), ("我的客户", "看客户"),
     ("提现", "提现")],
)  # fmt: skip
async def test_a_member_who_is_no_distributor_is_invited_to_apply(
    chat: Chat, me: int, command: str, wish: str
) -> None:
    answer = await chat.say(command)
    assert answer.text.startswith(f"{wish}要先成为分销商，完全免费")
    assert answer.pages == [f"{LOGIN}/m/d/"]


# --- 申请分销


async def test_a_question_about_joining_is_answered(chat: Chat, me: int) -> None:
    assert (await chat.say("申请分销")).text.startswith("成为分销商完全免费")


@pytest.mark.row("A6")
async def test_the_state_of_an_application_is_shown(chat: Chat, me: int) -> None:
    settings.change(settings.Distribution, {"admission": "reviewed"})
    distribution.apply_as_distributor(me, "小林推荐", "individual", "v1")
    assert (await chat.say("申请分销")).text.startswith("您的分销申请正在审核")
    distribution.review_application(me, False, "staff:1", "资料不清")
    assert "没有通过：资料不清" in (await chat.say("申请分销")).text


async def test_a_suspended_distributor_keeps_the_balance_and_gets_no_poster(
    chat: Chat, seller: int
) -> None:
    distribution.suspend_distributor(seller, "staff:1", "投诉核实中")
    assert (await chat.say("海报")).text.startswith("您的推广资格已暂停：投诉核实中")
    assert (await chat.say("提现")).text.startswith("可提现 ¥0.00")


async def test_a_distributor_who_applies_again_gets_the_tools(chat: Chat, seller: int) -> None:
    answer = await chat.say("申請分銷")
    assert answer.text.startswith("小林推荐，您已经是分销商。")
    assert answer.commands == ["海报", "链接", "佣金", "我的客户", "提现"]


# --- 推荐人


@pytest.mark.row("A7")
async def test_the_reason_for_the_upline_is_shown(chat: Chat, me: int) -> None:
    assert (await chat.say("推荐人")).text.startswith("您目前没有推荐人。")
    distribution.bind(me, make_distributor("老周"), cause="link", is_new=True)
    today = clock.business_day(clock.now())
    answer = await chat.say("我的上級")
    assert answer.text.splitlines()[0] == (
        f"您的推荐人是「老周推荐」：打开了推广链接，{today} 起，{today + timedelta(days=365)} 止。"
    )
    assert answer.pages == [f"{LOGIN}/m/d/why"]


# --- 佣金, 我的客户, 提现


async def test_without_commission_the_next_step_is_shown(chat: Chat, seller: int) -> None:
    answer = await chat.say("佣金")
    assert "可提现 ¥0.00" in answer.text
    assert "还没有佣金。把海报发给朋友" in answer.text
    assert answer.commands == ["提现", "海报", "链接"]


@pytest.mark.row("A3", "A8")
async def test_commission_is_shown_with_amount_reason_and_date(chat: Chat, seller: int) -> None:
    make_rule(100, mode="pool", pool_bp=1050)
    order_id = sell(make_customer(seller, "小王", agreed=True), paid_fen=20000)
    answer = await chat.say("佣金")
    assert "今日：访客 0，订单 1，佣金 ¥21.00" in answer.text
    assert "待结算 ¥21.00" in answer.text
    assert (
        "（小*，实付 ¥200.00）\n　佣金 ¥21.00，直接推广，¥200.00 × 10.5% = ¥21.00，待收货"
        in answer.text
    )
    receive_sale(order_id)
    until = clock.business_day(clock.now() + timedelta(days=7)).isoformat()
    assert f"，{until} 后结算" in (await chat.say("佣金")).text


async def test_commission_taken_back_is_shown_with_the_debt(chat: Chat, seller: int) -> None:
    make_rule(1000)
    order_id = sell(make_customer(seller, "小王"), paid_fen=20000)
    release_sale(order_id)
    settings.change(settings.Distribution, {"tax_method": "ordinary"})
    assert "可提现 ¥20.00" in (await chat.say("佣金")).text
    refund_line(order_id, 10000)
    answer = await chat.say("佣金")
    assert "可提现 ¥10.00" in answer.text
    assert "¥20.00，已结算，退款扣回 ¥10.00" in answer.text


@pytest.mark.row("A6")
async def test_customers_who_agreed_are_masked_and_others_counted(chat: Chat, seller: int) -> None:
    buyer = make_customer(seller, "王小明", agreed=True)
    make_customer(seller, "阿慧", agreed=True)
    make_customer(seller, "老周")
    make_rule(1000)
    sell(buyer, paid_fen=20000)
    answer = await chat.say("我的客户")
    today = clock.business_day(clock.now()).isoformat()
    assert answer.text.splitlines()[:5] == [
        "您有 3 位客户，近 30 天新增 3 位；经您推荐成交 1 单，共 ¥200.00。",
        "",
        "同意让您看到的：",
        "阿*：还没有下单",
        f"王*明：1 单，共 ¥200.00，最近 {today}",
    ]
    assert "王小明" not in answer.text
    assert "老" not in answer.text


async def test_a_customer_who_buys_every_month_is_due_again(chat: Chat, seller: int) -> None:
    buyer = make_customer(seller, "小王", agreed=True)
    sell(buyer)
    pass_time(days=30)
    sell(buyer)
    pass_time(days=31)
    assert "，该回购了" in (await chat.say("我的客户")).text


async def test_without_customers_poster_and_link_are_offered(chat: Chat, seller: int) -> None:
    answer = await chat.say("客户")
    assert answer.text.startswith("您还没有客户。")
    assert answer.commands == ["海报", "链接"]


async def test_a_frozen_distributor_is_told_where_to_appeal(chat: Chat, seller: int) -> None:
    payouts.freeze_payee(seller, "staff:finance", "疑似刷单")
    answer = await chat.say("提现")
    assert "您的佣金已冻结" in answer.text
    assert answer.pages == [f"{LOGIN}/m/d/freeze", f"{LOGIN}/m/d/entries"]


async def test_with_enough_balance_the_withdrawal_page_is_linked(chat: Chat, seller: int) -> None:
    assert "满 ¥1.00 即可提现。" in (await chat.say("提现")).text
    make_rule(1000)
    release_sale(sell(make_customer(seller), paid_fen=20000))
    answer = await chat.say("提现")
    assert answer.text.startswith("可提现 ¥20.00")
    assert answer.pages == [f"{LOGIN}/m/d/withdraw", f"{LOGIN}/m/d/entries"]


@pytest.mark.parametrize(
    ("said", "amount"),
    [("提现 10", "10.00"), ("提现１０元", "10.00"), ("提现10块5", "10.50"),
     ("提现：¥1,234.50", "1234.50"), ("提现10。", "10.00"), ("提现 0.1万", "1000.00")],
)  # fmt: skip
async def test_an_amount_after_the_command_is_understood(
    chat: Chat, seller: int, said: str, amount: str
) -> None:
    make_rule(1000)
    release_sale(sell(make_customer(seller), paid_fen=20000))
    answer = await chat.say(said)
    assert f"去提现 ¥{amount}" in answer.text
    assert f"/m/d/withdraw?amount={amount}" in unquote(answer.pages[0])


@pytest.mark.parametrize(
    ("said", "told"),
    [("提现 1,50", "逗号位置不对"), ("提现,5", "逗号位置不对"), ("提现 -5", "不能是负数"),
     ("提现 1e3", "不要用 e"), ("提现 0.001", "最多两位小数"), ("提现 1.2.3", "只能有一个小数点"),
     ("提现 1w", "不要带字母")],
)  # fmt: skip
async def test_an_ambiguous_amount_is_not_offered(
    chat: Chat, seller: int, said: str, told: str
) -> None:
    make_rule(1000)
    release_sale(sell(make_customer(seller), paid_fen=20000))
    answer = await chat.say(said)
    assert answer.text.startswith("没看懂金额")
    assert told in answer.text
    assert answer.pages[0] == f"{LOGIN}/m/d/withdraw"


async def test_a_number_in_a_sentence_is_no_amount(chat: Chat, seller: int) -> None:
    for said in ("提现到账要3天吗", "提现 怎么弄", "提现"):
        assert "没看懂金额" not in (await chat.say(said)).text
