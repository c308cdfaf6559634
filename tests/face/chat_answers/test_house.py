"""Answers about the shop itself: greetings, hours, company, personal data, small talk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot import intents
from bot.patience import SENTENCES_A_MINUTE
from domain import distribution, legal, members, rights, settings
from domain.legal import Business
from kernel import clock
from tests.face.chat import LOGIN, Answer, Chat
from tests.face.conftest import OpenChat
from tests.face.test_chat_talk import at_hour
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    make_rule,
    release_sale,
    sell,
)
from tests.factories.members import APPID, make_member
from tests.factories.orders import placed_order

_LINK = re.compile(r'<a href="[^"]*">([^<]*)</a>')
SITE = "http://127.0.0.1:8080"
SHOPPER = ["商品", "订单", "人工"]
SELLER = ["海报", "佣金", "帮助"]


def seen(answer: Answer) -> str:
    """The text with each link as its label."""
    return _LINK.sub(r"[\1]", answer.text)


def company(**values: Any) -> None:
    """Change the company's settings; the chat reads them at the next message."""
    settings.change(Business, legal.business_form().model_dump() | values)
    settings.forget_cache()
    legal.business()


# --- small talk


async def test_a_greeting_offers_shoppers_and_distributors_their_commands(
    chat: Chat, me: int
) -> None:
    shopper = await chat.say("你好")
    assert seen(shopper) == "您好！需要什么请直接说，或点击：\n[商品]　[订单]　[找客服]"
    distribution.apply_as_distributor(me, "小林推荐", "individual", "v1")
    assert (await chat.say("你好")).commands == SELLER
    distribution.suspend_distributor(me, "staff:1", "投诉核实中")
    assert (await chat.say("你好")).commands == SHOPPER


async def test_thanks_and_a_farewell_are_answered(chat: Chat) -> None:
    assert seen(await chat.say("谢谢")) == "不客气，有需要随时说。\n[商品]　[订单]　[找客服]"
    assert seen(await chat.say("再见")) == "再见，有需要随时再来。\n[商品]　[订单]　[帮助]"


async def test_help_lists_the_commands_of_a_shopper(chat: Chat) -> None:
    answer = await chat.say("能做什么")
    assert answer.text == (await chat.say("帮助")).text
    assert answer.commands == [
        "商品", "优惠", "订单", "物流", "人工", "留言", "投诉", "工单", "退订", "申请分销",
        "多久发货", "开发票",
    ]  # fmt: skip
    assert "找客服（9:00-21:00）" in answer.text


async def test_help_lists_the_commands_of_a_distributor_first(chat: Chat, seller: int) -> None:
    answer = await chat.say("能做什么")
    assert answer.text == (await chat.say("帮助")).text
    assert answer.commands[:5] == ["海报", "链接", "佣金", "我的客户", "提现"]
    assert "申请分销" not in answer.commands
    assert answer.pages == [f"{LOGIN}/m/d/", f"{LOGIN}/m/"]


async def test_each_tap_of_help_is_answered(chat: Chat, seller: int) -> None:
    at_hour(22)
    commands = (await chat.say("帮助")).commands
    assert len(commands) == 16
    for command in commands:
        assert (await chat.say(command, menu_id=command)).kind in {"text", "image"}, command


# --- a person, hours, numbers


async def test_a_wish_for_a_person_is_answered_like_the_command(chat: Chat) -> None:
    at_hour(10)
    assert (await chat.say("找客服")).kind == "transfer_customer_service"


async def test_at_night_a_wish_for_a_person_is_answered_with_the_hours(chat: Chat) -> None:
    at_hour(22)
    assert (await chat.say("找客服")).text == (await chat.say("人工")).text
    assert (await chat.say("找客服")).text.startswith("现在不在服务时间（9:00-21:00）")


@pytest.mark.parametrize(
    ("hour", "says"),
    [
        (8, "现在没有客服在，今天 9:00 上班（每天 9:00-21:00）。"),
        (10, "现在有客服在，到 21:00（每天 9:00-21:00）。"),
        (22, "现在没有客服在，明天 9:00 上班（每天 9:00-21:00）。"),
    ],
)
async def test_the_hours_tell_whether_a_person_answers_now(
    chat: Chat, hour: int, says: str
) -> None:
    at_hour(hour)
    answer = await chat.say("几点有客服")
    assert seen(answer) == (
        f"{says}\n商城随时可以下单；留言 24 小时内答复。\n[找客服]　[留言]　[进入商城]"
    )


async def test_a_question_whether_a_person_is_there_offers_one_in_one_tap(chat: Chat) -> None:
    at_hour(10)
    answer = await chat.say("请问有客服吗")
    assert answer.text.startswith("现在有客服在，到 21:00")
    assert (await chat.say(answer.commands[0])).kind == "transfer_customer_service"


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("", "客服时间没有公布，可以直接找客服，或先留言。"),
        ("周一至周五 9:00-18:00", "客服服务时间：周一至周五 9:00-18:00。"),
        ("0:00-24:00", "客服全天都在（0:00-24:00）。"),
    ],
)
async def test_the_answer_has_only_the_hours_of_the_settings(
    chat: Chat, db: Any, hours: str, says: str
) -> None:
    company(legal_name="山泉坊酒业有限公司", service_hours=hours)
    settings.change(settings.Service, {"question_answer_hours": 12})
    answer = await chat.say("几点有客服")
    assert answer.text.splitlines()[0] == says
    assert "留言 12 小时内答复" in answer.text


async def test_the_answer_has_phone_and_other_contacts(chat: Chat, db: Any) -> None:
    assert seen(await chat.say("客服电话")) == (
        "客服电话 400-000-0000（9:00-21:00）。\n"
        "打不通时可以在这里留言，有编号、有答复期限。\n[找客服]　[留言]　[投诉]"
    )
    company(legal_name="山泉坊酒业有限公司", complaint_phone="028-8000000", email="a@b.cn")
    assert "客服电话 028-8000000" in (await chat.say("客服电话")).text
    assert "电子邮箱 a@b.cn。" in (await chat.say("客服电话")).text
    company(complaint_phone="", email="")
    answer = await chat.say("客服电话")
    assert answer.text.startswith("客服电话没有公布，请在这里找客服。")
    assert "邮箱" not in answer.text


async def test_the_address_of_the_shop_is_shown(chat: Chat, db: Any) -> None:
    assert (await chat.say("地址在哪")).text.startswith("地址没有公布，到访或自提请先联系客服。")
    company(legal_name="山泉坊酒业有限公司", address="宜宾市翠屏区酒都路1号")
    assert seen(await chat.say("地址在哪")) == (
        "联系地址：宜宾市翠屏区酒都路1号（山泉坊酒业有限公司），到访或自提请先联系客服。\n"
        "这里没有登记门店，商城下单，快递送到家。\n[进入商城]　[客服电话]　[找客服]"
    )


async def test_the_answer_has_company_and_licences_of_the_settings(chat: Chat, db: Any) -> None:
    company(
        legal_name="山泉坊酒业有限公司", licence_no="91510000MA6000000X",
        food_permit="JY15110000000001", food_permit_until="2027-05-31",
        liquor_permit="川酒备0001", more_licences=("增值电信业务许可 川B2-1",),
    )  # fmt: skip
    answer = await chat.say("公司和证照")
    assert seen(answer) == (
        "销售者是山泉坊酒业有限公司，商品由其发货并负责售后。\n"
        "统一社会信用代码 91510000MA6000000X\n"
        "食品经营许可证 JY15110000000001，有效期至 2027-05-31\n"
        "酒类许可（备案） 川酒备0001\n"
        "增值电信业务许可 川B2-1\n"
        "[证照公示]　[客服电话]　[找客服]"
    )
    assert answer.pages == [f"{SITE}/legal/licences"]


async def test_without_settings_the_answer_names_no_licence(chat: Chat, db: Any) -> None:
    company(legal_name="山泉坊酒业有限公司", more_licences=())
    lines = seen(await chat.say("公司和证照")).splitlines()
    assert lines == [
        "销售者是山泉坊酒业有限公司，商品由其发货并负责售后。",
        "[证照公示]　[客服电话]　[找客服]",
    ]


# --- promotions


async def test_a_free_sentence_stops_promotions_and_a_complaint_names_the_date(
    chat: Chat, me: int
) -> None:
    members.agree_to_promotions(me)
    assert (await chat.say("天天发烦死了，别发了")).text.startswith("已为您退订")
    assert not members.member_detail(me).wants_promotions
    since = clock.business_day(clock.now())
    clock.set_offset(clock.offset() + timedelta(days=3))
    again = await chat.say("退订了怎么还收到")
    assert again.text.startswith(f"您已在 {since} 退订，促销消息不会再发。")
    assert again.commands == ["人工", "投诉"]


@pytest.mark.parametrize("words", ["退订单", "退订单要怎么办"])
async def test_a_sentence_that_may_be_about_an_order_stops_nothing(
    chat: Chat, me: int, words: str
) -> None:
    members.agree_to_promotions(me)
    await chat.say(words)
    assert members.member_detail(me).wants_promotions
    which = await chat.say("退订单")
    assert which.commands == ["退订", "订单", "人工"]
    assert (await chat.say(which.commands[0])).text.startswith("已为您退订")


async def test_a_clear_sentence_starts_promotions(chat: Chat, me: int) -> None:
    members.stop_promotions(me)
    for words in ("恢复接收消息", "把推送打开", "帮我恢复消息提醒"):
        assert (await chat.say(words)).text.startswith("好的，有活动时会通知您。"), words
        assert members.member_detail(me).wants_promotions
        members.stop_promotions(me)


async def test_an_uncertain_sentence_is_no_consent(chat: Chat, me: int) -> None:
    members.stop_promotions(me)
    asked = await chat.say("好久没收到你们消息了,是不是关了,帮我打开")
    assert asked.text.startswith("您现在不会收到优惠消息。")
    assert not members.member_detail(me).wants_promotions
    assert (await chat.say(asked.commands[0])).text.startswith("好的，有活动时会通知您。")
    known = await chat.say("好久没收到你们消息了,是不是关了,帮我打开")
    assert known.text.startswith("您现在就能收到优惠消息")


# --- personal data


async def test_the_answer_names_who_sees_the_member_s_data(chat: Chat, me: int) -> None:
    alone = await chat.say("隐私保护")
    assert "您没有推荐人，没有分销商能看到您。" in alone.text
    assert alone.pages == [f"{SITE}/legal/privacy", f"{LOGIN}/m/me/privacy"]
    upline = make_distributor("小林")
    assert distribution.bind(me, upline, cause="link", is_new=True).is_bound
    unseen = await chat.say("隐私保护")
    assert "推荐人「小林推荐」只看到客户总数；您没有同意，TA 看不到您的资料。" in unseen.text
    shown = distribution.shown_to(me)
    assert shown is not None
    distribution.decide_names(me, shown.version, True, "v1")
    today = clock.business_day(clock.now())
    agreed = await chat.say("隐私保护")
    assert f"您在 {today} 同意推荐人「小林推荐」看到昵称（隐去中间的字）、头像" in agreed.text
    assert agreed.pages[0] == f"{LOGIN}/m/me/privacy"


async def test_the_answer_leads_to_the_deletion_and_says_what_stays(chat: Chat, me: int) -> None:
    answer = await chat.say("注销账号")
    assert seen(answer) == (
        "注销会删除您的个人信息，不能恢复；申请后有 7 天冷静期，可以撤回：[申请注销]\n"
        "法律要求保留的交易账目不能删除，只留编号与金额，地址与实名封存到期销毁。\n"
        "自己就能删：[收货地址]　[昵称与头像]\n"
        "[导出我的数据]　[隐私政策]　[找客服]"
    )
    assert answer.pages[0] == f"{LOGIN}/m/me/delete"
    rights.request_deletion(me, gives_up=False)
    waiting = await chat.say("删掉我的信息")
    assert "之后注销，在这之前可以撤回：" in waiting.text
    assert waiting.pages[0] == f"{LOGIN}/m/me/delete"


async def test_the_answer_names_open_orders_of_the_member_only(chat: Chat, seller: int) -> None:
    make_rule(1000)
    settings.change(members.RightsTimes, {"cooling_days": 3})
    others = make_member("小王")
    placed_order(others)
    assert "没完成的订单" not in (await chat.say("注销账号")).text
    placed_order(seller)
    buyer = make_customer(seller, "阿慧")
    order = sell(buyer, paid_fen=29800)
    answer = await chat.say("注销账号")
    assert "申请后有 3 天冷静期" in answer.text
    assert "您还有没完成的订单，请先办完：" in answer.text
    assert "还有 ¥29.80 佣金在结算：" in answer.text
    assert "可提现" not in answer.text
    release_sale(order)
    settled = (await chat.say("注销账号")).text
    assert "您还有 ¥29.80 可提现，请先提出：" in settled
    assert "佣金在结算" not in settled


@pytest.mark.parametrize("words", ["导出我的数据", "我的个人信息", "你们存了我哪些信息"])
async def test_ones_own_data_is_a_tap_away(chat: Chat, me: int, words: str) -> None:
    settings.change(legal.LegalTimes, {"request_days": 10})
    answer = await chat.say(words)
    assert "生成后保留 7 天：" in answer.text
    assert "10 个工作日内答复" in answer.text
    assert answer.pages[0] == f"{LOGIN}/m/me/requests"
    no = rights.request_file(me)
    assert f"文件 {no} 正在生成" in (await chat.say(words)).text
    rights.record_file(no, "f" * 32, 10)
    assert "已有一份，链接在" in (await chat.say(words)).text


# --- work and the press


async def test_offers_and_requests_of_work_are_asked_for_a_message(chat: Chat, db: Any) -> None:
    assert seen(await chat.say("招聘与合作")) == (
        "招聘、供货、商务和媒体由公司的人答复，这里查不到岗位和进度。\n"
        "请发送「留言」加上事由和联系方式，例如：留言 供应酒瓶，王先生，电话……\n"
        "24 小时内在这里答复。\n[留言]　[客服电话]　[想做分销]"
    )
    company(legal_name="山泉坊酒业有限公司", email="hr@b.cn")
    assert "24 小时内在这里答复；也可以写信到 hr@b.cn。" in (await chat.say("招聘与合作")).text


# --- texts without a question


async def test_abuse_gets_a_calm_answer_and_then_a_person(chat: Chat) -> None:
    first = await chat.say("你个傻子")
    assert first.text.startswith("抱歉让您不愉快了。")
    assert "人工" not in first.commands
    second = await chat.say("垃圾东西")
    assert second.text.startswith("抱歉，自动回复没能帮到您，请让客服来处理。")
    assert second.commands == ["人工", "投诉"]


async def test_a_question_in_between_resets_the_count(chat: Chat) -> None:
    await chat.say("你个傻子")
    await chat.say("多久发货")
    assert (await chat.say("你个傻子")).text.startswith("抱歉让您不愉快了。")


async def test_the_count_is_kept_per_person(chat: Chat) -> None:
    await chat.say("你个傻子")
    other = chat.of("oFan0000000000000000000000BB")
    assert (await other.say("你个傻子")).text.startswith("抱歉让您不愉快了。")


async def test_texts_without_meaning_and_advertising_are_answered_twice(
    chat: Chat, me: int
) -> None:
    members.agree_to_promotions(me)
    assert (await chat.say("阿巴阿巴")).text.startswith("没有看懂。")
    spam = await chat.say("加我微信刷单 日结三百")
    assert spam.text.startswith("这里只办理本店的酒和订单，不接收推广。")
    assert (await chat.say("阿巴阿巴")).raw == "success"
    assert (await chat.say("加我微信刷单 日结三百")).raw == "success"
    assert (await chat.say("订单")).text.startswith("您还没有订单。")
    assert (await chat.tap("帮助")).text.startswith("您可以点击")
    assert (await chat.say("退订")).text.startswith("已为您退订")
    assert (await chat.say("多久发货")).text.startswith("付款后")
    assert (await chat.say("阿巴阿巴")).text.startswith("没有看懂。")


async def test_without_redis_the_first_answer_is_repeated(
    open_chat: OpenChat, broken_redis: Any
) -> None:
    chat = await open_chat(redis=broken_redis)
    for _ in range(4):
        assert (await chat.say("你个傻子")).text.startswith("抱歉让您不愉快了。")
        assert (await chat.say("阿巴阿巴")).text.startswith("没有看懂。")


async def test_the_count_expires(chat: Chat, redis: Any) -> None:
    await chat.say("阿巴阿巴")
    assert 0 < await redis.ttl(f"unfit:{chat.openid}") <= 180


# --- floods


class Time:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def minute(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> Time:
    """The clock of the limiter."""
    time = Time()
    monkeypatch.setattr(chat.deps.limiter, "_now", time)
    return time


async def flood(chat: Chat) -> Answer:
    """Send one more free sentence than are answered in a minute."""
    for _ in range(SENTENCES_A_MINUTE):
        assert (await chat.say("多久发货")).text.startswith("付款后")
    return await chat.say("多久发货")


async def test_a_flood_gets_one_answer_and_then_none_for_a_minute(
    chat: Chat, minute: Time
) -> None:
    calm = await flood(chat)
    assert seen(calm) == (
        "您的消息有点多，我先缓一缓，一分钟后继续回答。这些照常可用：\n[订单]　[帮助]　[找客服]"
    )
    for words in ("多久发货", "😀", "今天天气真不错啊"):
        assert (await chat.say(words)).raw == "success"
    minute.at += 64
    assert (await chat.say("多久发货")).text.startswith("付款后")


async def test_commands_taps_and_a_stop_are_answered_in_a_flood(
    chat: Chat, me: int, minute: Time
) -> None:
    at_hour(22)
    members.agree_to_promotions(me)
    calm = await flood(chat)
    for command in calm.commands:
        assert (await chat.say(command)).kind == "text"
    assert (await chat.tap("帮助")).text.startswith("您可以点击")
    assert (await chat.say("多久发货", menu_id="多久发货")).text.startswith("付款后")
    assert (await chat.say("天天发烦死了，别发了")).text.startswith("已为您退订")
    assert (await chat.say("退订")).text.startswith("已为您退订")
    assert (await chat.say("我要找人")).text.startswith("现在不在服务时间")
    assert (await chat.say("多久发货")).raw == "success"


async def test_a_flood_is_counted_per_person(chat: Chat, minute: Time) -> None:
    await flood(chat)
    other = chat.of("oFan0000000000000000000000BB")
    assert (await other.say("多久发货")).text.startswith("付款后")


async def test_commands_are_no_flood(chat: Chat, me: int, minute: Time) -> None:
    for _ in range(SENTENCES_A_MINUTE + 5):
        await chat.say("订单")
    assert (await chat.say("多久发货")).text.startswith("付款后")


async def test_while_waiting_for_a_person_there_is_no_limit(chat: Chat, minute: Time) -> None:
    at_hour(10)
    await chat.say("人工")
    for _ in range(SENTENCES_A_MINUTE + 5):
        assert (await chat.say("瓶口漏酒了怎么处理")).kind == "transfer_customer_service"


async def test_a_flood_is_counted_without_redis_too(
    open_chat: OpenChat, broken_redis: Any
) -> None:
    chat = await open_chat(redis=broken_redis)
    assert (await flood(chat)).text.startswith("您的消息有点多")
    assert (await chat.say("多久发货")).raw == "success"


# --- all of them


HOUSE = (
    "greeting", "thanks", "bye", "help", "hours", "phone", "place", "company", "push_stop",
    "push_start", "privacy", "delete_me", "jobs_and_media", "insult", "nonsense", "spam",
)  # fmt: skip


@pytest.mark.parametrize("name", HOUSE)
async def test_the_title_of_each_question_gets_a_short_answer_with_a_next_step(
    chat: Chat, me: int, name: str
) -> None:
    title = intents.INTENTS[name].title
    assert len(title) <= 10
    answer = await chat.say(title)
    assert answer.commands or answer.pages
    assert members.member_by_openid(APPID, chat.openid) == me
    titles = {each.title for each in intents.INTENTS.values()}
    at_hour(22)
    for command in answer.commands:
        follow = await chat.say(command, menu_id=command)
        assert follow.raw != "success", command
        assert command in titles or not follow.text.startswith(("抱歉，没有明白", "您是想"))
