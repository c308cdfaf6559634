"""Questions before a purchase: products, prices, stock, freight, gifts, missing services."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot import shelf
from domain import cart, catalog, settings
from domain.catalog import SkuForm
from domain.settings import Freight, Service, Trade
from kernel import clock
from models import Sku
from tests.face.chat import LOGIN, Answer, Chat
from tests.factories.catalog import make_product
from tests.factories.members import make_address, make_member
from tests.factories.offers import limited_price

WARNING = "过量饮酒有害健康"


@dataclass(frozen=True)
class Shop:
    """Five products of liquor and a set of cups."""

    aged: int
    jar: int
    small: int
    gift: int
    osmanthus: int
    cups: int


@pytest.fixture
def shop(me: int) -> Shop:
    """A shop with products, and the member who chats."""
    aged = make_product(
        "山泉坊·陈酿", price_fen=29800, position=1, strength="52%vol", category="陈酿",
        subtitle="纯粮固态发酵，陶坛贮存五年", tags=("宴请",), usage="开瓶后密封避光保存。",
        description="以高粱、小麦为料，老窖固态发酵。\n酒体清亮，入口绵柔。",
        skus=[SkuForm(29800, 100, "500ml 单瓶"), SkuForm(168800, 60, "500ml×6 整箱")],
    )  # fmt: skip
    jar = make_product(
        "山泉坊·坛藏", price_fen=69800, position=2, strength="53%vol", category="陈酿",
    )  # fmt: skip
    small = make_product(
        "山泉坊·小泉", price_fen=5800, position=3, strength="42%vol", category="小酒", stock=0
    )
    gift = make_product(
        "山泉坊·年份礼盒", price_fen=128800, position=4, strength="52%vol", category="礼盒",
        subtitle="两瓶装，附手提袋与贺卡", tags=("送礼",),
    )  # fmt: skip
    osmanthus = make_product(
        "桂花露酒", price_fen=12800, position=5, strength="22%vol", category="露酒", tags=("清香",)
    )
    cups = make_product("手工酒杯", price_fen=6600, position=6, category="酒器", is_liquor=False)
    made = (aged, jar, small, gift, osmanthus, cups)
    return Shop(*(each.product_id for each in made))


def sku_of(product_id: int) -> int:
    """The first SKU of a product."""
    return int(Sku.select().where(Sku.product == product_id).order_by(Sku.position).first().id)


def shown(answer: Answer) -> list[int]:
    """The products that an answer links to, in order."""
    links = [card[3] for card in answer.cards] if answer.kind == "news" else answer.pages
    parts = [link.removesuffix("&s=chat").removeprefix(f"{LOGIN}/m/p/") for link in links]
    return [int(part) for part in parts if part.isdigit()]


def first(answer: Answer) -> str:
    """The first line of a text."""
    return answer.text.split("\n")[0]


# --- product


async def test_the_products_are_listed(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("有什么酒")
    assert answer.text.startswith("为您推荐：\n")
    assert shown(answer) == [shop.aged, shop.jar, shop.gift, shop.osmanthus, shop.small]
    assert "山泉坊·小泉</a> ¥58（售罄）" in answer.text


@pytest.mark.parametrize(
    ("words", "why", "names"),
    [
        ("200元以内的酒", "按「200 元以内」挑的：", ["osmanthus", "small"]),
        ("500到1000元的酒推荐一下", "按「500–1000 元」挑的 · 53%vol", ["jar"]),
        ("1000元以上的酒有哪些", "按「1000 元以上」挑的 · 52%vol · 两瓶装", ["gift"]),
        ("300元左右的酒", "按「300 元左右」挑的 · 52%vol", ["aged"]),
        ("推荐52度的酒", "按「52 度」挑的：", ["aged", "gift"]),
        ("推荐清香的酒", "按「清香」挑的 · 22%vol", ["osmanthus"]),
        ("送领导喝什么好", "按「适合送礼」挑的 · 52%vol", ["gift"]),
    ],
)
async def test_a_wish_gets_fitting_products_with_the_reason(
    chat: Chat, shop: Shop, words: str, why: str, names: list[str]
) -> None:
    answer = await chat.say(words)
    said = answer.cards[0][1] if answer.kind == "news" else first(answer)
    assert said.startswith(why)
    assert shown(answer) == [getattr(shop, name) for name in names]


async def test_the_cheapest_come_first_and_sold_out_ones_last(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("最便宜的酒")
    assert first(answer) == "价格从低到高："
    assert shown(answer) == [shop.osmanthus, shop.aged, shop.jar, shop.gift, shop.small]


async def test_a_mild_product_is_found_by_its_strength(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("有没有低度的酒")
    assert first(answer) == "度数从低到高："
    assert shown(answer)[0] == shop.osmanthus


async def test_a_wish_is_compared_with_the_current_price(chat: Chat, shop: Shop) -> None:
    limited_price(sku_of(shop.aged), 19800)
    answer = await chat.say("200元以内的酒")
    assert "¥198（限时价）" in answer.text
    assert shown(answer)[0] == shop.aged


async def test_without_a_fitting_product_the_nearest_is_offered(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("5000元以上的酒有吗")
    assert first(answer) == "没有正好符合「5000 元以上」的，最接近的是："
    assert shown(answer)[0] == shop.gift
    assert answer.pages[-1] == f"{LOGIN}/m/"


async def test_an_occasion_is_named_only_for_products_that_have_it(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("300元左右送礼")
    assert answer.cards[0][1].startswith("按「300 元左右」挑的 · ")
    assert shown(answer) == [shop.aged]


async def test_the_wanted_pieces_must_be_in_stock(chat: Chat, shop: Shop) -> None:
    catalog.adjust_stock(sku_of(shop.osmanthus), -94, "盘点")
    answer = await chat.say("推荐200元以内的酒，要10瓶")
    assert first(answer) == "没有正好符合「200 元以内、10 件有货」的，最接近的是："


async def test_a_product_name_precedes_a_wish(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("推荐200元以内的陈酿")
    assert shown(answer)[0] == shop.aged
    assert "没有正好符合「200 元以内」的，最接近的是" in (answer.text or answer.cards[0][1])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("有没有茅台", "本店没有茅台，在售的有："),
        ("有红酒卖吗", "本店没有红酒，在售的有："),
        ("原浆酒有没有卖", "没有找到「原浆」，在售的有："),
        ("有酱香的吗", "没有写明是「酱香」的，在售的有："),
    ],
)
async def test_a_missing_product_is_named_before_the_offered_ones(
    chat: Chat, shop: Shop, words: str, said: str
) -> None:
    answer = await chat.say(words)
    assert first(answer) == said
    assert shown(answer)[0] == shop.aged


async def test_words_of_a_sentence_become_no_link(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("有没有<a>虎骨")
    assert "<a>" not in answer.text


# --- product_detail


async def test_the_details_of_a_named_product_are_shown(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("陈酿多少度")
    assert answer.text.split("\n")[:2] == [
        "山泉坊·陈酿，酒精度 52%vol",
        "规格：500ml 单瓶、500ml×6 整箱",
    ]
    assert shown(answer) == [shop.aged]


async def test_a_fact_comes_from_the_text_of_the_product(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("陈酿用什么粮食酿的")
    assert "原料与工艺：纯粮固态发酵，陶坛贮存五年" in answer.text


async def test_a_missing_fact_is_not_invented(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("陈酿是什么香型")
    assert "香型：商品资料里没有写，以瓶身标签为准。" in answer.text
    assert "人工" in answer.commands
    assert "香型：清香" in (await chat.say("桂花露酒是什么香型")).text


async def test_shelf_life_and_label_are_answered(chat: Chat, shop: Shop) -> None:
    rule = "保质期：酒精度 10% 及以上的酒，按国家标准可以不标；未开封请密封、避光、阴凉存放。"
    assert rule in (await chat.say("桂花露酒保质期多久")).text
    other = chat.of("oFan0000000000000000000000CC")  # a member without a previous product
    assert first(await other.say("保质期")) == rule
    assert "每批不同，以实物为准" in (await chat.say("陈酿生产日期是哪天")).text


async def test_without_a_name_the_products_are_offered_as_taps(chat: Chat, shop: Shop) -> None:
    asked = await chat.say("度数和规格")
    assert first(asked) == "您问的是哪一款？点一下就回答您："
    taps = [command for command in asked.commands if command != "人工"]
    assert taps[:2] == ["山泉坊·陈酿多少度", "山泉坊·坛藏多少度"]
    assert len(taps) == 6
    for tap in taps:
        assert (await chat.say(tap)).text.startswith(tap.removesuffix("多少度")), tap


async def test_the_only_product_needs_no_name(chat: Chat, me: int) -> None:
    make_product("坛藏", strength="53%vol")
    assert first(await chat.say("度数和规格")) == "坛藏，酒精度 53%vol"
    assert first(await chat.say("还有货吗")) == "坛藏"


async def test_if_a_name_fits_several_products_they_are_offered(chat: Chat, me: int) -> None:
    for title in ("五年陈酿", "十年陈酿", "桂花露"):
        make_product(title)
    asked = await chat.say("陈酿多少度")
    assert [c for c in asked.commands if c != "人工"] == ["十年陈酿多少度", "五年陈酿多少度"]
    assert first(await chat.say("十年的陈酿多少度")) == "十年陈酿"


# --- price


async def test_the_current_price_has_offer_and_freight(chat: Chat, shop: Shop) -> None:
    limited_price(sku_of(shop.aged))
    lines = (await chat.say("陈酿多少钱")).text.split("\n")
    assert lines[0] == "山泉坊·陈酿 52%vol"
    assert lines[1].startswith("500ml 单瓶 ¥268（限时价，至 20")
    assert lines[2:4] == ["500ml×6 整箱 ¥1688", "运费每单 ¥10，满 ¥99 包邮。"]


async def test_several_pieces_cost_as_much_as_their_order(chat: Chat, shop: Shop) -> None:
    limited_price(sku_of(shop.aged))
    answer = await chat.say("陈酿6瓶多少钱")
    assert "买 6 件（500ml 单瓶）应付 ¥1608，包邮（偏远地区另加运费）。" in answer.text


async def test_pieces_below_free_freight_pay_the_freight(chat: Chat, shop: Shop) -> None:
    settings.change(Freight, {"free_from_fen": None})
    assert "应付 ¥1406，其中运费 ¥10。" in (await chat.say("坛藏2瓶多少钱")).text


async def test_a_change_of_the_price_is_shown(chat: Chat, shop: Shop) -> None:
    clock.set_offset(clock.offset() + timedelta(days=1))
    today = clock.now().astimezone(clock.SHANGHAI).date().isoformat()
    catalog.set_price(sku_of(shop.osmanthus), 13800)
    assert f"标价 ¥138 从 {today} 起，之前 ¥128。" in (await chat.say("桂花露酒涨价了吗")).text
    clock.set_offset(clock.offset() + timedelta(days=1))
    today = clock.now().astimezone(clock.SHANGHAI).date().isoformat()
    catalog.set_price(sku_of(shop.osmanthus), 11800)
    lower = await chat.say("桂花露酒怎么比昨天贵了")
    assert f"标价 ¥118 从 {today} 起，比之前低。" in lower.text
    unchanged = await chat.say("坛藏涨价了吗")
    assert re.search(r"标价 ¥698 从 [0-9-]{10} 起。", unchanged.text)


async def test_without_a_name_the_prices_are_listed(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("多少钱")
    assert first(answer) == "在售的价格，以提交订单时为准："
    assert "桂花露酒</a> ¥128\n" in answer.text
    assert shown(answer)[:2] == [shop.aged, shop.jar]
    assert answer.commands == ["有什么优惠", "运费多少"]


async def test_a_jar_in_a_product_name_is_no_kept_jar(chat: Chat, shop: Shop) -> None:
    assert "500ml ¥698" in (await chat.say("坛藏多少钱")).text


# --- discount and event


async def test_running_offers_are_shown_and_missing_kinds_named(chat: Chat, shop: Shop) -> None:
    assert first(await chat.say("有什么优惠")) == "目前没有进行中的优惠，商品都按标价销售。"
    limited_price(sku_of(shop.aged))
    assert "限时价 ¥268，至" in (await chat.say("有什么优惠")).text
    coupons = await chat.say("有优惠券吗")
    assert first(coupons) == "本店目前没有优惠券，优惠直接算在价格里。"
    assert "限时价 ¥268" in coupons.text
    haggle = await chat.say("能不能再让点")
    assert first(haggle) == "价格对每位顾客都一样，聊天里不能另外让价。"


async def test_a_product_without_an_offer_is_answered_so(chat: Chat, shop: Shop) -> None:
    limited_price(sku_of(shop.aged))
    answer = await chat.say("桂花露酒打折吗")
    assert first(answer) == "桂花露酒现在没有优惠，¥128。"
    assert "没有优惠" not in (await chat.say("陈酿打折吗")).text


async def test_a_question_about_events_gets_the_offers(chat: Chat, shop: Shop) -> None:
    limited_price(sku_of(shop.aged))
    answer = await chat.say("最近的活动")
    assert first(answer) == "本店目前没有抽奖、红包和扫码领奖。"
    assert "限时价 ¥268" in answer.text
    assert "/legal/campaign" in answer.text
    won = await chat.say("恭喜我中奖了怎么领奖")
    assert "要您先付钱或给验证码的，请别理会" in won.text
    assert "人工" in won.commands


# --- stock


async def test_the_stock_of_a_named_product_is_shown(chat: Chat, shop: Shop) -> None:
    lines = (await chat.say("陈酿还有货吗")).text.split("\n")
    assert lines[:4] == [
        "山泉坊·陈酿", "500ml 单瓶：有货", "500ml×6 整箱：有货", "付款后 48 小时内发货。",
    ]  # fmt: skip


async def test_low_stock_and_too_many_wanted_pieces_are_named(chat: Chat, shop: Shop) -> None:
    catalog.adjust_stock(sku_of(shop.osmanthus), -94, "盘点")
    assert "500ml：仅剩 6 件" in (await chat.say("桂花露酒还有货吗")).text
    more = await chat.say("桂花露酒还有10件现货吗")
    assert "500ml：现有 6 件，不够 10 件" in more.text
    assert "够 5 件" in (await chat.say("坛藏还有5件现货吗")).text


async def test_for_a_sold_out_product_a_message_can_be_left(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("小泉还有货吗")
    assert "500ml：暂时售罄" in answer.text
    wish = answer.commands[0]
    assert wish == "留言 山泉坊·小泉到货请通知我"
    assert (await chat.say(wish)).text.startswith("已记下，编号 TK")


async def test_without_a_name_the_sold_out_products_are_listed(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("还有货吗")
    assert first(answer) == "暂时售罄：山泉坊·小泉。"
    assert answer.commands[0] == "山泉坊·陈酿还有货吗"
    catalog.adjust_stock(sku_of(shop.small), 5, "到货")
    shelf.forget()  # a second later
    assert first(await chat.say("还有货吗")) == "在售的都有货，您要哪一款？"


# --- freight and delivery


async def test_the_freight_follows_the_settings(chat: Chat, shop: Shop) -> None:
    lines = (await chat.say("运费多少")).text.split("\n")
    assert lines[:2] == [
        "运费每单 ¥10，商品满 ¥99 包邮，不按重量算。",
        "西藏、新疆每单另加 ¥15，满额也加。",
    ]
    settings.change(Freight, {"flat_fen": 0, "remote_extra_fen": 0})
    assert first(await chat.say("运费多少")) == "包邮，不按重量算。"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("寄到上海运费多少", "寄上海：运费每单 ¥10，商品满 ¥99 包邮，不按重量算。"),
        ("新疆运费多少",
         "寄新疆：运费每单 ¥25（含偏远加收 ¥15），商品满 ¥99 只收 ¥15，不按重量算。"),
        ("拉萨运费多少",
         "寄拉萨：运费每单 ¥25（含偏远加收 ¥15），商品满 ¥99 只收 ¥15，不按重量算。"),
        ("寄香港运费多少", "港澳台地区暂时不能寄，收货地址只能填内地的。"),
    ],
)  # fmt: skip
async def test_the_freight_to_a_province_is_shown(
    chat: Chat, shop: Shop, words: str, said: str
) -> None:
    assert first(await chat.say(words)) == said


async def test_the_freight_leaves_out_the_cart_of_another_member(chat: Chat, shop: Shop) -> None:
    cart.add(cart.member_owner(9_999_999), sku_of(shop.cups), 1)
    assert "购物车里" not in (await chat.say("运费多少")).text


async def test_the_answer_reads_the_member_s_own_cart(chat: Chat, shop: Shop, me: int) -> None:
    cart.add(cart.member_owner(me), sku_of(shop.cups), 1)
    answer = await chat.say("运费多少")
    assert "您购物车里选中的商品还差 ¥33 免运费。" in answer.text
    assert f"{LOGIN}/m/cart" in answer.pages


async def test_the_freight_to_the_default_address_is_shown(
    chat: Chat, shop: Shop, me: int
) -> None:
    make_address(make_member(), province="新疆维吾尔自治区")
    assert "默认地址" not in (await chat.say("运费多少")).text
    make_address(me, province="新疆维吾尔自治区")
    answer = await chat.say("运费多少")
    assert first(answer).startswith("寄到您的默认地址（新疆）：运费每单 ¥25（含偏远加收 ¥15）")
    assert first(await chat.say("寄到上海运费多少")).startswith("寄上海：运费每单 ¥10，")


async def test_one_product_is_shown_with_its_freight(chat: Chat, shop: Shop) -> None:
    assert "山泉坊·陈酿 ¥298，一件就包邮。" in (await chat.say("陈酿包邮吗")).text
    assert "手工酒杯 ¥66，一件要付运费。" in (await chat.say("手工酒杯包邮吗")).text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("能送到哪里",
         "内地各地都可以送，西藏、新疆每单加收运费 ¥15；港澳台和海外暂时不能寄。"),
        ("上海能送吗", "上海可以送。"),
        ("喀什能送吗", "喀什可以送，偏远地区每单加收运费 ¥15。"),
        ("能送到香港吗", "抱歉，港澳台地区暂时不能寄，收货地址只能填内地的；"),
        ("日本能寄吗", "抱歉，海外暂时不能寄，收货地址只能填内地的；"),
    ],
)  # fmt: skip
async def test_the_delivery_area_is_shown(chat: Chat, shop: Shop, words: str, said: str) -> None:
    assert first(await chat.say(words)) == said


async def test_a_delivery_to_a_school_is_answered(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("学校里面送不送")
    assert "能否上楼或放驿站由当地快递决定" in answer.text
    assert "未成年人不能代收" in answer.text


# --- gift, use, banquet


async def test_gifts_are_answered_with_the_note_for_a_card(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("送礼怎么选")
    assert first(answer) == "适合送礼的："
    assert shown(answer) == [shop.gift]
    assert "写在下单页的「给商家留言」里" in answer.text
    assert first(await chat.say("能附一张手写卡片吗")).startswith("收货地址可以直接填对方的")


async def test_without_gift_boxes_the_answer_says_so(chat: Chat, me: int) -> None:
    make_product("坛藏")
    assert first(await chat.say("送礼怎么选")) == "目前没有礼盒装，在售的有："


async def test_the_answer_about_use_is_the_product_s_text_with_the_warning(
    chat: Chat, shop: Shop
) -> None:
    answer = await chat.say("陈酿怎么喝")
    assert first(answer) == "山泉坊·陈酿：开瓶后密封避光保存。"
    assert answer.text.count(WARNING) == 1
    assert first(await chat.say("桂花露酒怎么喝")).startswith("桂花露酒的页面没有写用法")
    general = await chat.say("怎么喝怎么存")
    assert WARNING in general.text


async def test_a_text_with_the_warning_gets_no_second_one(chat: Chat, me: int) -> None:
    make_product("陈酿", usage="密封避光。过量饮酒有害健康。")
    answer = await chat.say("怎么喝怎么存")
    assert answer.text.count(WARNING) == 1
    assert first(answer).startswith("陈酿：密封避光。")


async def test_the_question_about_use_is_answered_in_an_empty_shop(chat: Chat, me: int) -> None:
    assert WARNING in (await chat.say("怎么喝怎么存")).text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("20桌婚宴要多少瓶", "20 桌，按每桌 2 瓶算是 40 瓶，可按客人增减。"),
        ("八桌寿宴一桌三瓶", "8 桌，按每桌 3 瓶算是 24 瓶，可按客人增减。"),
        ("婚宴用酒", "没有专门的宴席套餐，按商品页的价格买："),
    ],
)
async def test_the_bottles_for_a_banquet_are_calculated(
    chat: Chat, shop: Shop, words: str, said: str
) -> None:
    answer = await chat.say(words)
    assert first(answer) == said
    assert shown(answer) == [shop.aged]
    assert "签收次日起 7 日内退" in answer.text


async def test_days_of_a_banquet_s_return_come_from_the_settings(chat: Chat, shop: Shop) -> None:
    settings.change(Service, {"free_return_days": 15, "question_answer_hours": 12})
    answer = await chat.say("婚宴用酒")
    assert "签收次日起 15 日内退" in answer.text
    assert "12 小时内答复" in answer.text


# --- custom, jar, wholesale


async def test_made_to_order_needs_such_products(chat: Chat, shop: Shop) -> None:
    answer = await chat.say("定制酒")
    assert first(answer) == "商城目前没有定制酒、刻字和印照片的商品。"
    assert (answer.text.count("24 小时内答复能不能做"), "人工" in answer.commands) == (1, True)
    made = make_product("生日酒", tags=("定制",))
    shelf.forget()  # a second later
    offered = await chat.say("定制酒")
    assert first(offered) == "可以定制的商品："
    assert shown(offered) == [made.product_id]


async def test_kept_jars_need_such_products(chat: Chat, shop: Shop) -> None:
    stored = make_product("陶坛珍藏酱香型白酒")  # kept in a jar, sold in a bottle
    answer = await chat.say("封坛存酒")
    assert first(answer) == "商城目前没有封坛和代存的服务。"
    assert "坛装的现货：" in answer.text
    assert shop.jar in shown(answer)
    assert stored.product_id not in shown(answer)
    made = make_product("女儿红", tags=("封坛",)).product_id
    shelf.forget()  # a second later
    assert shown(await chat.say("封坛存酒")) == [made]


async def test_many_bottles_have_the_current_total(chat: Chat, shop: Shop) -> None:
    settings.change(Trade, {"max_line_quantity": 50})
    answer = await chat.say("团购批发")
    assert first(answer) == (
        "商城没有另外的批发价目，网上下单按商品页的价格，一款一次最多 50 件。"
    )
    assert answer.commands == ["开发票", "人工"]
    bulk = await chat.say("陈酿200瓶批发价")
    assert "山泉坊·陈酿 500ml 单瓶 200 件，现在商品合计 ¥59600。" in bulk.text


# --- missing services


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("我的积分", "本店目前没有积分：买酒不积分，也没有积分可查、可兑换或过期。\n优惠直接算在价格里，人人一样。"),  # noqa: E501
        ("我的优惠券", "本店目前没有优惠券，您名下也没有。别处领到的券在这里用不了。\n正在进行的优惠不用领，下单时自动算进价格。"),  # noqa: E501
        ("会员等级", "本店目前没有会员等级：不用升级、保级，也不收会费，每位顾客的价格和服务一样。"),  # noqa: E501
        ("我的酒币", "本店目前没有酒币，不能充值、赠送或抵扣。有人以本店名义卖酒币、让您充值的，请先别付款，找客服核实。"),  # noqa: E501
    ],
)  # fmt: skip
async def test_a_missing_service_is_named_with_a_next_step(
    chat: Chat, me: int, words: str, text: str
) -> None:
    answer = await chat.say(words)
    assert answer.text.rsplit("\n", 1)[0] == text
    assert answer.commands == ["有什么优惠", "人工"]


# --- age and health


@pytest.mark.parametrize("words", ["未成年能买吗", "差两个月18岁 行不行"])
async def test_a_minor_is_refused(chat: Chat, shop: Shop, words: str) -> None:
    answer = await chat.say(words)
    assert first(answer) == (
        "未满 18 周岁不能买酒。按《未成年人保护法》，酒不卖给未成年人，家长也不能代买给孩子喝。"
    )
    assert shown(answer) == []
    assert "人工" in answer.commands


async def test_an_adult_is_accepted(chat: Chat, shop: Shop) -> None:
    assert first(await chat.say("我19岁能买酒吗")).startswith("年满 18 周岁就可以买")


@pytest.mark.parametrize("words", ["喝酒与健康", "吃头孢能喝酒吗", "孕妇能喝吗"])
async def test_the_chat_gives_no_advice_on_health(chat: Chat, shop: Shop, words: str) -> None:
    answer = await chat.say(words)
    assert first(answer).startswith("身体、用药和喝酒的事我们不能给建议，请问医生或药师")
    assert f"{WARNING}；孕妇、服药的人和未成年人请勿饮酒。" in answer.text
    assert shown(answer) == []


async def test_driving_after_drinking_is_discouraged(chat: Chat, shop: Shop) -> None:
    assert first(await chat.say("喝完酒隔多久才可以开车")).startswith("喝酒不开车，也不骑车。")


# --- all of them


TITLES = (
    "有什么酒", "度数和规格", "多少钱", "有什么优惠", "还有货吗", "运费多少", "能送到哪里",
    "送礼怎么选", "怎么喝怎么存", "婚宴用酒", "定制酒", "封坛存酒", "团购批发", "我的积分",
    "我的优惠券", "会员等级", "我的酒币", "最近的活动", "未成年能买吗", "喝酒与健康",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
async def test_each_answer_has_a_next_step_and_each_tap_is_answered(
    chat: Chat, shop: Shop, title: str
) -> None:
    answer = await chat.say(title)
    assert answer.commands or answer.pages
    for command in answer.commands:
        reply = await chat.say(command)
        assert reply.raw != "success", command
        assert not reply.text.startswith(("抱歉，没有明白", "抱歉，系统", "您是想")), command


async def test_a_strength_alone_is_a_wish_for_products(chat: Chat, shop: Shop) -> None:
    assert shown(await chat.say("53度")) == [shop.jar]
    assert shown(await chat.say("五十二度")) == [shop.aged, shop.gift]
