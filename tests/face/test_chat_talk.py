"""Texts and taps of people and the account's answers: each command through the real webhook."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.call import Call
from bot.understanding.matcher import NONE, Meaning
from domain import distribution, members, notices, push, service_desk, settings
from domain.distribution.ports import SceneCode
from domain.distribution.service.posters import save_scene
from domain.members import MemberFollowed
from domain.orders import ShipForm, ship_parcel
from domain.orders.wiring import subscribe_all as orders_are_paid
from kernel import clock, events
from kernel.errors import Refused
from models import Binding, Delivery, PushCampaign
from tests.face.chat import LOGIN, OPENID, Chat, cdata
from tests.factories.catalog import make_picture, make_product
from tests.factories.distribution import (
    make_distributor,
)
from tests.factories.members import APPID, make_member
from tests.factories.orders import paid_order, placed_order


def followed(event: MemberFollowed) -> None:
    distribution.record_scene_touch(
        event.member_id, event.openid, event.scene, is_new=event.is_new
    )


@pytest.fixture(autouse=True)
def _wired() -> None:
    events.subscribe(MemberFollowed, followed)
    orders_are_paid()
    notices.subscribe_all()


def scene(member_id: int, name: str = "d0001", product_id: int | None = None) -> str:
    """The scene of a distributor's WeChat code."""
    save_scene(member_id, product_id, SceneCode(name, "t", "http://weixin.qq.com/q/1", "", None))
    return name


# --- spelling of commands


@pytest.mark.parametrize(
    "text",
    ["帮助", " 帮 助 ", "帮助！", "幫助", "ＨＥＬＰ", "Help", "「帮助」", "帮助一下", "bangzhu"],
)
async def test_a_command_is_understood_in_any_shape(chat: Chat, text: str) -> None:
    assert (await chat.say(text)).text.startswith("您可以点击，或直接发送：")


@pytest.mark.row("D2")
async def test_taps_are_answered_like_the_typed_command(chat: Chat) -> None:
    typed = await chat.say("帮助")
    assert (await chat.tap("帮助")).text == typed.text
    assert (await chat.say("全部功能", menu_id="帮助")).text == typed.text
    assert (await chat.say("帮助", menu_id="17")).text == typed.text


@pytest.mark.row("D2")
async def test_help_names_every_command_and_each_is_answered(chat: Chat, me: int) -> None:
    commands = (await chat.say("帮助")).commands
    assert len(commands) == 12
    for command in commands:
        answer = await chat.say(command)
        assert answer.raw != "success", command
        assert not answer.text.startswith("抱歉"), command


async def test_a_typing_error_is_understood_or_asked_about(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await chat.say("海抱")).text.startswith("领海报要先成为分销商")
    assert (await chat.say("投拆")).text.startswith("请发送「投诉」加上具体情况")
    monkeypatch.setattr(Call, "meaning", property(lambda _: Meaning(intent=NONE)))
    answer = await chat.say("投拆")
    assert answer.text.startswith("您是想说")
    assert answer.commands == ["投诉", "帮助"]


async def test_a_text_without_meaning_gets_suggestions(chat: Chat) -> None:
    answer = await chat.say("今天天气真不错啊")
    assert answer.text.startswith("抱歉，没有明白您的意思。")
    assert "人工" in answer.commands


async def test_a_text_that_is_not_understood_can_be_left_as_a_message_with_one_tap(
    chat: Chat, me: int
) -> None:
    answer = await chat.say("今天天气真不错啊")
    wish = answer.commands[0]
    assert wish == "留言 今天天气真不错啊"
    assert (await chat.say(wish)).text.startswith("已记下，编号 TK")
    assert [ticket.kind for ticket in service_desk.list_tickets_of_member(me)] == ["question"]


async def test_a_message_for_a_person_keeps_capitals_and_spaces(chat: Chat) -> None:
    """The desk once got 'ord123', the text normalised for matching."""
    answer = await chat.say("王 Lao Shi 住 DaLian 吗？")
    assert answer.commands[0].replace("\u3000", " ") == "留言 王 Lao Shi 住 DaLian 吗？"


@pytest.mark.parametrize("words", ["取消", "取消付款"])
async def test_cancel_is_not_taken_for_withdraw(chat: Chat, words: str) -> None:
    answer = await chat.say(words)
    assert ("提现" in answer.text, "订单" in answer.text) == (False, True)


async def test_a_sentence_about_a_poster_is_understood(chat: Chat, seller: int) -> None:
    answer = await chat.say("为什么我的海报打不开")
    assert answer.text.startswith("重新要一张就好，二维码、价格和名称都是最新的：")
    assert answer.commands[0] == "海报"


@pytest.mark.parametrize(
    ("text", "start", "page"),
    [
        ("我收到的酒碎了", "很抱歉给您添麻烦了", "/m/orders"),
        ("发票", "需要发票，请发送「留言 发票」", ""),
        ("你们多久发货呀", "付款后 48 小时内发货", ""),
        ("怎么改地址", "收货地址在这里", "/m/addresses"),
    ],
)
async def test_a_buyer_s_free_sentence_is_answered(
    chat: Chat, text: str, start: str, page: str
) -> None:
    answer = await chat.say(text)
    assert answer.text.startswith(start)
    assert answer.pages == ([f"{LOGIN}{page}"] if page else [])
    assert "人工" in answer.commands


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("退款", "您还没有可以退款的订单。"),
        ("怎么退货", "没发货：随时可退款。收到后：签收次日起 7 天内可无理由退货。"),
        ("我要退", "您还没有可以退款的订单。"),
        ("售后", "您还没有可以退款的订单。"),
        ("什么时候到", "您还没有订单。"),
        ("取消订单", "您没有可以取消的订单。"),
    ],
)
async def test_a_usual_question_of_a_buyer_is_understood(
    chat: Chat, text: str, start: str
) -> None:
    assert (await chat.say(text)).text.startswith(start)


async def test_a_question_about_prices_lists_products(chat: Chat) -> None:
    made = [make_product(f"礼盒{n}", position=n) for n in range(2)]
    answer = await chat.say("多少钱？")
    assert answer.pages[:2] == [f"{LOGIN}/m/p/{m.product_id}" for m in made]


@pytest.mark.parametrize("text", ["谢谢", "好的", "OK"])
async def test_thanks_are_answered(chat: Chat, text: str) -> None:
    assert (await chat.say(text)).text.startswith("不客气")


async def test_a_single_digit_is_no_search(chat: Chat) -> None:
    make_product("坛藏 1L")
    assert (await chat.say("1")).text.startswith("没有看懂。")


async def test_a_very_long_search_is_shortened_in_the_answer(chat: Chat) -> None:
    answer = await chat.say("商品 " + "酒" * 300)
    assert answer.text.startswith(f"没有找到「{'酒' * 19}…」")


@pytest.mark.parametrize("text", ["😀", "你好", "在吗？", "!!!"])
async def test_a_greeting_is_answered(chat: Chat, text: str) -> None:
    assert (await chat.say(text)).text.startswith("您好！")


# --- 商品


@pytest.mark.row("D2")
async def test_one_product_is_a_card_with_a_signed_in_link(chat: Chat) -> None:
    made = make_product("山泉坊·陈酿", subtitle="陶坛五年", strength="52%vol")
    answer = await chat.say("商品 陈酿")
    assert answer.kind == "news"
    assert answer.cards == [
        ("山泉坊·陈酿　¥298", "52%vol · 陶坛五年", "", f"{LOGIN}/m/p/{made.product_id}&s=chat")
    ]


async def test_a_card_has_the_product_s_picture(chat: Chat, db: Any) -> None:
    from domain import catalog

    made = make_product("陈酿")
    catalog.set_pictures(made.product_id, [make_picture("c")])
    (card,) = (await chat.say("陈酿")).cards
    assert card[2] == f"http://127.0.0.1:8080/uploads/cc/{'c' * 64}-800.jpg"


async def test_several_products_are_links_or_after_a_tap_cards(chat: Chat) -> None:
    made = [make_product(f"礼盒{n}", position=n) for n in range(6)]
    answer = await chat.say("商品 礼盒")
    assert answer.text.startswith("为您找到「礼盒」：")
    assert answer.pages[:5] == [f"{LOGIN}/m/p/{m.product_id}" for m in made[:5]]
    assert answer.pages[5:] == [f"{LOGIN}/m/search%3Fq%3D%E7%A4%BC%E7%9B%92"]
    assert [c[0] for c in (await chat.tap("商品")).cards] == [f"礼盒{n}　¥298" for n in range(5)]


@pytest.mark.row("B3")
async def test_the_name_of_a_product_needs_no_command(chat: Chat) -> None:
    make_product("桂花露酒")
    assert (await chat.say("桂花")).cards[0][0] == "桂花露酒　¥298"


@pytest.mark.parametrize(
    "text",
    ["来两瓶陈酿", "请问有没有陈酿？", "推荐一款52度的酒", "陳釀", "五十二度"],
)
async def test_a_sentence_about_a_product_shows_it(chat: Chat, db: Any, text: str) -> None:
    make_product("山泉坊·陈酿", strength="52%vol")
    make_product("小泉", strength="42%vol")
    assert [card[0] for card in (await chat.say(text)).cards] == ["山泉坊·陈酿　¥298"]


async def test_a_question_about_a_price_is_answered_with_the_page(chat: Chat, db: Any) -> None:
    made = make_product("山泉坊·陈酿", strength="52%vol")
    make_product("小泉", strength="42%vol")
    answer = await chat.say("陈酿多少钱")
    assert answer.text.startswith("山泉坊·陈酿 52%vol\n500ml ¥298\n")
    assert answer.pages == [f"{LOGIN}/m/p/{made.product_id}"]


async def test_a_wish_to_buy_lists_products(chat: Chat, db: Any) -> None:
    made = [make_product(f"陈年{n}", position=n) for n in range(2)]
    answer = await chat.say("我想买点酒")
    assert answer.pages[:2] == [f"{LOGIN}/m/p/{m.product_id}" for m in made]


async def test_an_unknown_product_or_an_empty_shop_gets_a_next_step(chat: Chat) -> None:
    empty = await chat.say("商品")
    assert empty.text.startswith("商城正在上新")
    missing = await chat.say("商品 龙舌兰")
    assert missing.text.startswith("没有找到「龙舌兰」")
    assert missing.pages == [f"{LOGIN}/m/"]


# --- 关注 and 扫码


async def test_a_new_follower_is_welcomed(chat: Chat) -> None:
    answer = await chat.event("subscribe", EventKey="")
    assert answer.text.startswith("您好，欢迎关注山泉坊！")
    assert "推荐人" not in answer.text
    assert answer.pages == [f"{LOGIN}/m/"]


@pytest.mark.row("A7")
async def test_a_follower_by_a_poster_sees_inviter_and_product(chat: Chat, db: Any) -> None:
    upline, made = make_distributor("小林"), make_product("陈酿")
    name = scene(upline, product_id=made.product_id)
    answer = await chat.event("subscribe", EventKey=f"qrscene_{name}", Ticket="t")
    assert "您的推荐人是「小林推荐」。" in answer.text
    assert answer.pages == [f"{LOGIN}/m/p/{made.product_id}", f"{LOGIN}/m/"]
    member_id = members.member_by_openid(APPID, OPENID)
    assert Binding.get(Binding.member == member_id).p1_id == upline


async def test_a_returning_follower_is_welcomed_back(chat: Chat, me: int) -> None:
    await chat.event("unsubscribe")
    assert (await chat.event("subscribe", EventKey="")).text.startswith("欢迎回来")


async def test_a_buyer_who_follows_for_the_first_time_is_welcomed_as_new(chat: Chat) -> None:
    """They have signed in and bought on the pages, but never followed the account."""
    members.sign_in(APPID, OPENID, None, "v")
    assert (await chat.event("subscribe", EventKey="")).text.startswith("您好，欢迎关注")


async def test_the_merchant_s_welcome_replaces_ours(chat: Chat, db: Any) -> None:
    text = '老友您好！<a href="https://example.com/">看活动</a>'
    settings.change(settings.ChatTexts, {"welcome": text})
    answer = await chat.event("subscribe", EventKey="")
    assert answer.text.startswith(text)


async def test_a_scan_by_a_follower_shows_the_product(chat: Chat, me: int) -> None:
    made = make_product("陈酿")
    name = scene(make_distributor("小林"), product_id=made.product_id)
    answer = await chat.event("SCAN", EventKey=name, Ticket="t")
    assert answer.cards[0][3] == f"{LOGIN}/m/p/{made.product_id}&s=chat"


async def test_a_scan_of_the_own_code_is_answered_differently(chat: Chat, seller: int) -> None:
    own = scene(seller, "d-own")
    other = scene(make_distributor("老周"), "d-other")
    assert (await chat.event("SCAN", EventKey=own)).text.startswith("这是您自己的推广码")
    assert (await chat.event("SCAN", EventKey=other)).text.startswith("您扫了「老周推荐」的推广码")
    assert (await chat.event("SCAN", EventKey="unknown")).text.startswith("扫码成功")


# --- 订单


async def test_orders_are_shown_with_state_and_parcel(chat: Chat, me: int) -> None:
    assert (await chat.say("订单")).text.startswith("您还没有订单。")
    product = make_product("陈酿")
    first = paid_order(me, product=product)
    second = placed_order(me, product=product, quantity=2)
    ship_parcel(first.order_id, ShipForm("顺丰速运", "SF0000000001"))
    answer = await chat.say("我的订单")
    lines = answer.text.splitlines()
    today = clock.business_day(clock.now()).isoformat()
    assert answer.pages == [
        f"{LOGIN}/m/orders/{second.order_no}", f"{LOGIN}/m/pay/{second.order_no}",
        f"{LOGIN}/m/orders/{first.order_no}", f"{LOGIN}/m/orders",
    ]  # fmt: skip
    assert "陈酿×2</a> ¥" in lines[0]
    assert lines[1].startswith(f"　{today} 待付款，请在 ")
    assert lines[3] == f"　{today} 已发货"
    assert lines[4] == f"　顺丰速运 SF0000000001，{today} 发出"
    on_the_way = await chat.say("物流")
    assert on_the_way.pages[0] == f"{LOGIN}/m/orders/{first.order_no}"


async def test_only_the_own_order_is_found_by_its_number(chat: Chat, me: int) -> None:
    mine, other = placed_order(me), placed_order(make_member("小王"))
    found = await chat.say(f"订单 {mine.order_no.lower()}")
    assert found.pages[0] == f"{LOGIN}/m/orders/{mine.order_no}"
    strange = await chat.say(f"订单{other.order_no}")
    assert strange.text.startswith("没有找到这个订单号")
    assert other.order_no not in strange.text


# --- 退订 and 恢复


@pytest.mark.row("C7")
async def test_promotions_are_stopped_and_resumed_by_a_command(chat: Chat, me: int) -> None:
    members.agree_to_promotions(me)
    assert (await chat.say("td")).text.startswith("已为您退订")
    assert not members.member_detail(me).wants_promotions
    assert (await chat.say("恢复")).text.startswith("好的，有活动时会通知您。")
    assert members.member_detail(me).wants_promotions


@pytest.mark.parametrize(
    "text", ["我要退订", "退訂吧", "请不要再发广告了", "别给我推送", "退订所有消息"]
)
async def test_a_short_sentence_stops_promotions_too(chat: Chat, me: int, text: str) -> None:
    members.agree_to_promotions(me)
    assert (await chat.say(text)).text.startswith("已为您退订")
    assert not members.member_detail(me).wants_promotions


async def test_a_longer_sentence_with_the_command_stops_nothing(chat: Chat, me: int) -> None:
    members.agree_to_promotions(me)
    for text in ("退订单要怎么办", "我要退订单", "先别发货", "不要发顺丰"):
        await chat.say(text)
    assert members.member_detail(me).wants_promotions


# --- keywords of the merchant


async def test_exact_keywords_precede_commands_and_contained_ones_follow(
    chat: Chat, me: int
) -> None:
    keywords = [
        {"words": ["帮助", "退订"], "answers": ["本店帮助"]},
        {"words": ["发票"], "match": "contains", "answers": ["请在订单页申请"]},
        {"words": ["订"], "match": "contains", "answers": ["不应出现"]},
    ]
    settings.change(settings.ChatTexts, {"keywords": keywords})
    assert (await chat.say("帮助")).text == "本店帮助"
    assert (await chat.say("怎么开發票")).text == "请在订单页申请"
    assert (await chat.say("订单")).text.startswith("您还没有订单。")
    assert (await chat.say("退订")).text.startswith("已为您退订")


# --- messages that are no text


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"MsgType": "image", "MediaId": "m", "PicUrl": "http://x/"}, "已收到。如果是商品有破损"),
        ({"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"}, "已收到。如果是商品有破损"),
        ({"MsgType": "voice", "MediaId": "m", "Format": "amr"}, "抱歉，这条语音没能转成文字"),
        (
            {"MsgType": "location", "Location_X": "30.6", "Location_Y": "104.1", "Scale": "16",
             "Label": "成都"},
            "已收到，谢谢。",
        ),
        ({"MsgType": "link", "Title": "t", "Url": "http://x/"}, "已收到，谢谢。"),
    ],
)  # fmt: skip
async def test_a_message_that_is_no_text_gets_an_answer(
    chat: Chat, fields: dict[str, str], start: str
) -> None:
    answer = await chat.push(chat.xml(MsgId="99", **fields))
    assert answer.text.startswith(start)
    assert "人工" in answer.commands


async def test_the_scanner_of_the_menu_accepts_our_codes_only(chat: Chat) -> None:
    def info(url: str) -> str:
        return f"<ScanType>qrcode</ScanType><ScanResult>{cdata(url)}</ScanResult>"

    ours = await chat.event(
        "scancode_waitmsg", EventKey="扫码", ScanCodeInfo=info("http://127.0.0.1:8080/m/p/3")
    )
    assert ours.pages == [f"{LOGIN}/m/p/3"]
    other = await chat.event(
        "scancode_waitmsg", EventKey="扫一扫", ScanCodeInfo=info("http://127.0.0.1:80801/")
    )
    assert other.text.startswith("这不是本店的二维码")


@pytest.mark.parametrize("name", ["VIEW", "LOCATION", "kf_create_session", "user_info_modified"])
async def test_an_event_without_a_question_gets_no_answer(chat: Chat, name: str) -> None:
    assert (await chat.event(name, EventKey="http://x/")).raw == "success"


# --- results of sent messages


def listed(**fields: str) -> str:
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in fields.items())
    return f"<List>{inner}</List>"


@pytest.mark.row("C7")
async def test_accepted_notices_are_counted_and_can_be_revoked(chat: Chat, me: int) -> None:
    yes = listed(TemplateId="T1", SubscribeStatusString="accept", PopupScene="1")
    no = listed(TemplateId="T2", SubscribeStatusString="reject", PopupScene="1")
    answer = await chat.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent=yes + no)
    assert answer.raw == "success"
    assert push.grants_of(me) == {"T1": 1}
    off = listed(TemplateId="T1", SubscribeStatusString="reject")
    await chat.event("subscribe_msg_change_event", SubscribeMsgChangeEvent=off)
    assert push.grants_of(me) == {}


@pytest.mark.parametrize(
    ("status", "state"), [("success", "delivered"), ("failed:user block", "blocked")]
)
async def test_the_result_of_a_template_message_is_booked_once(
    chat: Chat, me: int, status: str, state: str
) -> None:
    campaign = PushCampaign.create(
        title="t",
        carrier="template",
        content={},
        audience={},
        created_by="s",
        state="done",
        created_at=clock.now(),
    )
    sent = Delivery.create(
        campaign=campaign.id,
        member=me,
        openid=OPENID,
        state="sent",
        msg_id="200163836",
        at=clock.now(),
    )
    xml = chat.xml(
        MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="200163836", Status=status
    )
    for _ in range(2):
        assert (await chat.push(xml)).raw == "success"
    assert Delivery.get_by_id(sent.id).state == state


# --- 人工, 留言, 投诉


def at_hour(hour: int) -> None:
    """Move the clock to an hour of the current day in Shanghai."""
    now = clock.now().astimezone(clock.SHANGHAI)
    clock.set_offset(clock.offset() + (now.replace(hour=hour, minute=30) - now))


@pytest.mark.parametrize("text", ["人工", "轉人工", "客户服务", "我要找你们真人"])
@pytest.mark.row("C6")
async def test_during_service_hours_a_person_takes_over(chat: Chat, text: str) -> None:
    at_hour(10)
    answer = await chat.say(text)
    assert (answer.kind, answer.text) == ("transfer_customer_service", "")


async def test_a_handed_over_member_gets_an_answer(chat: Chat) -> None:
    at_hour(10)
    await chat.say("人工")
    await asyncio.sleep(0)
    told = "已为您转接人工客服，请直接说您的问题，客服会在这里回复。"
    assert chat.messenger.sent == [(OPENID, "text", told)]


async def test_after_the_hand_over_a_sentence_goes_to_the_agent(chat: Chat) -> None:
    """It was once answered with an apology, and no agent saw it."""
    at_hour(10)
    await chat.say("人工")
    for said in ("瓶口漏酒了怎么处理", "你好", "什么时候发货"):
        assert (await chat.say(said)).kind == "transfer_customer_service"
    assert (await chat.say("订单")).text.startswith("您还没有订单")
    await asyncio.sleep(0)
    assert len(chat.messenger.sent) == 1  # this is announced once
    await chat.event("kf_close_session", KfAccount="kf@gh")
    assert (await chat.say("瓶口漏酒了怎么处理")).kind == "text"


async def test_outside_service_hours_the_account_answers(chat: Chat) -> None:
    at_hour(20)
    await chat.say("人工")
    at_hour(21)
    assert (await chat.say("瓶口漏酒了怎么处理")).kind == "text"


async def test_a_failed_message_does_not_undo_a_hand_over(chat: Chat) -> None:
    at_hour(10)
    chat.messenger.refusal = Refused("wechat_45015")
    answer = await chat.say("人工")
    await asyncio.sleep(0)
    assert (answer.kind, chat.messenger.sent) == ("transfer_customer_service", [])


async def test_a_tap_on_the_menu_asks_for_a_text_first(chat: Chat) -> None:
    at_hour(10)
    answer = await chat.tap("人工")
    assert answer.text.startswith("客服在线（9:00-21:00）")
    assert answer.commands[0] == "人工"


async def test_outside_service_hours_a_message_is_stored(chat: Chat, me: int) -> None:
    at_hour(22)
    answer = await chat.say("人工")
    assert answer.text.startswith("现在不在服务时间（9:00-21:00）")
    taken = await chat.say("留言 礼盒可以开 發票 吗？")
    (ticket,) = service_desk.list_tickets_of_member(me)
    assert (ticket.kind, ticket.text) == ("question", "留言 礼盒可以开 發票 吗？")
    assert taken.text.startswith(f"已记下，编号 {ticket.ticket_no}。")


@pytest.mark.row("C6")
async def test_a_complaint_gets_a_number_and_an_answer_and_is_closed(chat: Chat, me: int) -> None:
    assert (await chat.say("投诉")).text.startswith("请发送「投诉」加上具体情况")
    assert service_desk.list_tickets_of_member(me) == []
    await chat.say("投诉 酒瓶破损")
    number = service_desk.list_tickets_of_member(me)[0].ticket_no
    assert f"投诉 {number}\n　处理中" in (await chat.say("工单")).text
    service_desk.answer_ticket(number, "已为您补发<b>", "staff:1")
    shown = await chat.say("工单")
    assert "　答复：已为您补发＜b＞" in shown.text
    assert shown.commands[:2] == [f"满意 {number}", f"不满意 {number}"]
    assert (await chat.say(f"不满意 {number}")).text.startswith("抱歉没能让您满意")
    assert service_desk.ticket_detail(number).state == "open"
    service_desk.answer_ticket(number, "已退款", "staff:1")
    assert (await chat.say(f"满意 {number}")).text.startswith("谢谢您的认可")
    assert service_desk.ticket_detail(number).state == "closed"


async def test_a_complaint_of_another_member_is_not_closed(chat: Chat, me: int) -> None:
    number = service_desk.open_ticket(make_member("小王"), "投诉 漏液", "complaint")
    assert (await chat.say(f"满意 {number}")).text.startswith("没有找到这个编号")
    assert service_desk.ticket_detail(number).state == "open"


async def test_open_tickets_of_a_member_are_limited(chat: Chat, me: int) -> None:
    for n in range(service_desk.MOST_OPEN):
        await chat.say(f"留言 第{n}条")
    assert (await chat.say("留言 再来一条")).text.startswith("您有 5 条还在处理")
    assert len(service_desk.list_tickets_of_member(me)) == service_desk.MOST_OPEN
