"""Answers for distributors and applicants: joining, earning, sharing, customers, leaving."""

from __future__ import annotations

from typing import Any

import pytest

from domain import distribution, settings
from models import Order, Sku
from tests.face.chat import LOGIN, Chat
from tests.face.chat_answers.lines import day, shown
from tests.face.conftest import OpenChat
from tests.factories.catalog import make_product
from tests.factories.distribution import (
    make_customer,
    make_distributor,
    make_rule,
    pass_time,
    release_sale,
    sell,
)
from tests.factories.members import make_member

LAW = "已阅读《禁止传销条例》及处罚案例，知悉风险并自愿开启。"
RULES = "http://127.0.0.1:8080/legal/distribution"
WARNING = "过量饮酒有害健康，未满18周岁禁止购酒"


# --- for members who are no distributors


@pytest.mark.parametrize(
    ("title", "wish"),
    [("推广海报", "领海报"), ("推广链接", "领推广链接"), ("我的佣金", "看佣金"),
     ("佣金怎么算的", "看佣金"), ("今天发什么", "领推广素材"), ("我要提现", "提现"),
     ("提现没到账", "提现"), ("我的客户", "看客户"), ("这单怎么不是我的", "计佣金"),
     ("我的销售排名", "看排名"), ("佣金结算单", "看佣金账单")],
)  # fmt: skip
async def test_a_member_who_is_no_distributor_is_told_how_to_join(
    chat: Chat, me: int, title: str, wish: str
) -> None:
    answer = await chat.say(title)
    assert answer.text.startswith(f"{wish}要先成为分销商，完全免费，无需购买，也不用囤货")
    assert answer.pages == [f"{LOGIN}/m/d/"]


@pytest.mark.parametrize("title", ["佣金何时到账", "提现多久到账", "提现怎么扣税"])
async def test_the_rule_is_shown_to_everybody(chat: Chat, me: int, title: str) -> None:
    settings.change(settings.Distribution, {"tax_method": "ordinary", "freeze_days": 9})
    answer = await chat.say(title)
    assert "要先成为分销商" not in answer.text
    assert answer.commands == ["申请分销"]
    assert answer.pages == [RULES]


# --- joining


async def test_joining_is_explained_with_an_example(chat: Chat, me: int, chenniang: int) -> None:
    assert shown(await chat.say("申请分销")) == [
        "成为分销商完全免费，无需购买，也不用囤货：分享商品，朋友买了您就有佣金；"
        "发货和售后由山泉坊酒业有限公司负责。",
        "例：朋友买一件「陈酿」，您得 ¥298.00 × 14% = ¥41.72。",
        "须年满 18 周岁。同意分销规则后马上可以分享。",
        "[查看协议并申请]　[分销规则]　[推广怎么得佣金]",
    ]


async def test_the_answer_follows_the_shop_s_admission(chat: Chat, me: int) -> None:
    settings.change(settings.Distribution, {"admission": "reviewed"})
    settings.change(settings.Service, {"application_answer_days": 5})
    assert "提交后 5 天内答复。" in (await chat.say("申请分销")).text
    distribution.apply_as_distributor(me, "小林推荐", "individual", "v1")
    told = await chat.say("申请分销")
    assert told.text.startswith(f"您的分销申请正在审核，最晚 {day(5)} 答复，结果会在这里通知您。")


async def test_without_an_invitation_there_is_no_link_to_the_application(
    chat: Chat, me: int
) -> None:
    settings.change(settings.Distribution, {"admission": "appointed"})
    answer = await chat.say("申请分销")
    assert "目前由商家邀请加入" in answer.text
    assert answer.pages == [RULES]
    assert answer.commands == ["人工", "推广怎么得佣金"]


async def test_earning_is_explained_with_the_shop_s_rates(
    chat: Chat, me: int, chenniang: int
) -> None:
    lines = shown(await chat.say("推广怎么得佣金"))
    assert lines == [
        "把海报或链接分享给朋友，朋友买了您就有佣金：按实付计算，不含运费。不收费，不用买货、囤货。",
        "例：朋友买一件「陈酿」，您得 ¥298.00 × 14% = ¥41.72。",
        "买家签收满 7 天、没有售后，佣金就能提现到微信；自己购买不计佣金。",
        "只有您直接推荐的订单计佣；发展多少人都没有奖励。",
        "[申请分销]　[分销规则]",
    ]


async def test_a_distributor_gets_the_commission_of_each_product(chat: Chat, seller: int) -> None:
    make_rule(500, mode="fixed")
    make_product("桂花")
    settings.change(settings.Distribution, {"freeze_days": 10, "pay_self_purchase": True})
    answer = await chat.say("推广怎么得佣金")
    assert "例：朋友买一件「桂花」，您得 ¥5.00。" in answer.text
    assert "签收满 10 天、没有售后" in answer.text
    assert "自己购买也计佣金" in answer.text
    assert answer.pages == [f"{LOGIN}/m/d/goods"]
    assert answer.commands == ["海报", "链接"]


async def test_the_example_is_a_product_with_commission(chat: Chat, me: int) -> None:
    made, other = make_product("酒杯", price_fen=2000), make_product("陈酿", price_fen=20000)
    Sku.update(sold=9).where(Sku.id == made.sku_id).execute()
    make_rule(1000, scope="product", target_id=other.product_id)
    assert "「陈酿」，您得 ¥200.00 × 10% = ¥20.00。" in (await chat.say("推广怎么得佣金")).text


async def test_without_commission_nothing_is_promised(chat: Chat, me: int) -> None:
    make_product("陈酿")
    answer = await chat.say("推广怎么得佣金")
    assert answer.text.startswith("目前没有付佣金的商品，所以暂时不能靠推广得佣金。")
    make_rule(1000)
    distribution.sign_levels(0, "林老板", "", "staff:1")
    assert (await chat.say("推广怎么得佣金")).text == answer.text


async def test_the_question_of_lawfulness_is_answered_with_facts(chat: Chat, me: int) -> None:
    answer = await chat.say("分销合法吗")
    assert shown(answer) == [
        "《禁止传销条例》看三点：交入门费、拉人头、按下线业绩计酬。本店的做法您可以核对：",
        "1. 不收费：加入免费，没有押金，不用买货。",
        "2. 不拉人头：发展多少人都没有奖励，也没有按人数的等级和排名。",
        "3. 只付直接推荐的一级，佣金只来自售出的商品，退款即收回。",
        "商品由山泉坊酒业有限公司销售、发货并负责售后。公务员等有兼职规定的，请先问单位。",
        "[分销规则]　[公司证照]　[人工]",
    ]
    distribution.sign_levels(2, "林老板", LAW, "staff:1")
    assert "3. 最多付 2 级，" in (await chat.say("分销合法吗")).text
    distribution.sign_levels(0, "林老板", "", "staff:1")
    assert "本店目前没有开启分销" in (await chat.say("分销合法吗")).text


# --- posters and links


@pytest.mark.parametrize(
    "said", ["给我陈酿的海报", "要一张陈酿的推广海报", "我要发朋友圈的陈酿海报", "陈酿海报来一张"]
)
async def test_a_sentence_names_the_product_of_a_poster(
    chat: Chat, seller: int, said: str
) -> None:
    made, best = make_product("陈酿"), make_product("桂花")
    Sku.update(sold=5).where(Sku.id == best.sku_id).execute()
    assert (await chat.say(said)).media_id == f"poster-{seller}-{made.product_id}"


async def test_an_unknown_product_gets_the_general_poster(chat: Chat, seller: int) -> None:
    best = make_product("桂花")
    assert (await chat.say("给我做张推广海报")).media_id == f"poster-{seller}-{best.product_id}"
    assert (await chat.say("给我龙舌兰的海报")).media_id == f"poster-{seller}-{best.product_id}"
    told = await chat.say("海报 龙舌兰")
    assert told.text.startswith("没有找到「龙舌兰」")


async def test_a_poster_that_can_t_be_scanned_can_be_requested_again(
    open_chat: OpenChat, seller: int
) -> None:
    drawn = []

    async def draw(*what: Any) -> Any:
        drawn.append(what)

    chat = await open_chat(poster=draw)
    answer = await chat.say("海报上的二维码扫不出来")
    assert answer.text.startswith("重新要一张就好")
    assert answer.commands == ["海报", "人工"]
    assert answer.pages == [f"{LOGIN}/m/d/poster"]
    assert drawn == []


@pytest.mark.parametrize("said", ["把陈酿的推广链接发给我", "陈酿那款单独的分享链接给我一个"])
async def test_a_sentence_names_the_product_of_a_link(
    chat: Chat, seller: int, chenniang: int, said: str
) -> None:
    answer = await chat.say(said)
    assert answer.text.startswith("「陈酿」的推广链接，长期有效，复制发给朋友即可：\nhttp")
    assert "按标价每件佣金 ¥41.72" in answer.text


async def test_an_unknown_product_gets_the_link_of_the_shop(chat: Chat, seller: int) -> None:
    make_product("陈酿")
    code = distribution.distributor(seller).referral_code  # type: ignore[union-attr]
    for said in ("把我的推广链接发给我", "给我龙舌兰的推广链接"):
        assert f"\nhttp://127.0.0.1:8080/m/l/{code}\n" in (await chat.say(said)).text
    assert (await chat.say("链接 龙舌兰")).text.startswith("没有找到「龙舌兰」")


# --- what to share today


async def test_the_text_of_today_is_marked_as_an_advertisement(
    chat: Chat, seller: int, chenniang: int
) -> None:
    code = distribution.distributor(seller).referral_code  # type: ignore[union-attr]
    product_id = Sku.get_by_id(chenniang).product_id
    answer = await chat.say("今天发什么")
    assert shown(answer) == [
        "今天可以发「陈酿」，长按复制这段话：",
        "【广告】陈酿",
        f"识别图中二维码，或点链接看看：http://127.0.0.1:8080/m/l/{code}?p={product_id}",
        "由山泉坊酒业有限公司销售、发货并负责售后",
        WARNING,
        "按标价每件佣金 ¥41.72。",
        "本店还没有素材库，每天换一款商品给您。配图：[要它的海报]　[商品页有更多图片]",
    ]
    assert answer.commands == ["海报 陈酿"]
    assert answer.pages == [f"{LOGIN}/m/p/{product_id}"]


async def test_the_text_of_tomorrow_is_about_another_product(chat: Chat, seller: int) -> None:
    make_product("陈酿")
    make_product("桂花")
    first = (await chat.say("今天发什么")).commands
    pass_time(days=1)
    second = (await chat.say("今天发什么")).commands
    assert {*first, *second} == {"海报 陈酿", "海报 桂花"}


async def test_an_empty_shop_has_nothing_to_share(chat: Chat, seller: int) -> None:
    assert "暂时没有可以分享的商品" in (await chat.say("今天发什么")).text


# --- whose customer, whose order


async def test_customers_and_upline_are_answered_like_their_commands(
    chat: Chat, seller: int
) -> None:
    make_customer(seller)
    assert (await chat.say("我的客户")).text == (await chat.say("客户")).text
    assert (await chat.say("我的推荐人")).text == (await chat.say("推荐人")).text


@pytest.mark.parametrize(
    ("policy", "rule"),
    [({"kind": "days", "days": 90},
      "从谁的链接或海报进来就绑定谁，90 天有效，期间打开别人的也不变"),
     ({"kind": "forever"}, "从谁的链接或海报进来就绑定谁，长期有效，之后打开别人的也不变"),
     ({"kind": "last_click", "protect_days": 15},
      "最后打开谁的链接或海报就绑定谁，绑定后 15 天内不变"),
     ({"kind": "new_members"},
      "第一次来本店时打开谁的链接或海报就绑定谁，长期有效；老会员不绑定")],
)  # fmt: skip
async def test_the_answer_about_an_order_follows_the_rule_in_force(
    chat: Chat, seller: int, policy: dict[str, Any], rule: str
) -> None:
    settings.change(settings.BindingPolicy, policy)
    answer = await chat.say("这单怎么不是我的")
    assert shown(answer) == [
        "输入订单号，马上看到原因：[这单为什么不是我的]",
        f"绑定：{rule}。",
        "归属：下单时绑定的是谁，订单就归谁；之后才绑定的，不改已下的单。",
        "自购：自己下单不计佣金；换微信号下单，算另一个人。",
        "[佣金明细]　[仍有异议]",
    ]
    assert answer.pages == [f"{LOGIN}/m/d/order-why", f"{LOGIN}/m/d/entries"]
    assert f"规则：{rule}，不能自己选择或更换。" in (await chat.say("我的推荐人")).text


async def test_a_named_order_gets_its_reason(chat: Chat, seller: int) -> None:
    make_rule(1000)
    hui = make_distributor("阿慧")
    buyer, stranger = make_customer(hui), make_member("路人")
    distribution.record_touch("v1", _code(seller), "link", None, buyer)
    numbers = {}
    for who in (buyer, stranger):
        numbers[who] = f"ORD2611300000{who:04d}ABCDEFGH"[:25]
        Order.update(order_no=numbers[who]).where(Order.id == sell(who)).execute()
    told = await chat.say(f"{numbers[buyer]}这单为什么不是我的")
    assert told.text.startswith(f"订单 {numbers[buyer]}：下单时买家的推荐人是别人。")
    told = await chat.say(f"{numbers[stranger]}这单为什么不是我的")
    assert told.text.startswith(f"订单 {numbers[stranger]}：买家从未打开过您的链接或海报。")
    assert "阿慧" not in told.text


def _code(member_id: int) -> str:
    found = distribution.distributor(member_id)
    assert found is not None
    return found.referral_code


# --- leaving, rank, statement


async def test_leaving_is_explained_with_the_payout_of_the_balance(
    chat: Chat, seller: int, chenniang: int
) -> None:
    release_sale(sell(make_customer(seller), sku_id=chenniang))
    sell(make_customer(seller), sku_id=chenniang, paid_fen=10000)
    answer = await chat.say("退出分销")
    assert shown(answer) == [
        "可以随时退出，不用说明理由：打开 [分销设置]，点「退出分销」。",
        "退出后新订单不再计佣，客户备注会删除；购物和会员账号不受影响，以后可以重新申请。",
        "您的钱都保留：可提现 ¥41.72，待结算 ¥14.00 照常结算。",
        "[提现]　[问客服]",
    ]
    assert answer.pages == [f"{LOGIN}/m/d/settings"]
    distribution.leave_distribution(seller)
    assert (await chat.say("退出分销")).text.startswith("您已退出分销，随时可以回来。")


async def test_a_member_who_is_no_distributor_is_told_so(chat: Chat, me: int) -> None:
    answer = await chat.say("退出分销")
    assert answer.text.startswith("您现在不是分销商，不需要退出。")
    assert answer.commands == ["退订", "人工"]


async def test_the_rank_is_the_member_s_own_and_names_nobody(chat: Chat, seller: int) -> None:
    hui, zhou = make_distributor("阿慧"), make_distributor("老周")
    sell(make_customer(seller), paid_fen=20000)
    sell(make_customer(hui), paid_fen=30000)
    sell(make_customer(zhou), paid_fen=10000)
    answer = await chat.say("我的销售排名")
    assert shown(answer) == [
        "本月您成交 1 单，共 ¥200.00，在有成交的 3 位分销商中排第 2。",
        "只按自己推荐成交的金额算（已付款、不含运费），每月初重新算；不看人数。",
        "没有公开的排行榜，看不到别人的业绩，别人也看不到您的。",
        "[我的数据]　[海报]　[佣金]",
    ]
    assert "300.00" not in answer.text


async def test_without_sales_there_is_no_rank(chat: Chat, seller: int) -> None:
    make_customer(seller)
    assert (await chat.say("我的销售排名")).text.startswith("本月您还没有成交，所以没有名次。")


async def test_there_is_no_monthly_statement_but_every_entry(
    chat: Chat, seller: int, chenniang: int
) -> None:
    release_sale(sell(make_customer(seller), sku_id=chenniang))
    answer = await chat.say("佣金结算单")
    assert shown(answer) == [
        "目前没有按月的结算单：佣金每天结算，每一笔都在明细里，写明订单、比例和日期。",
        "近 30 天：订单 1，成交 ¥298.00，佣金 ¥41.72",
        "现在：可提现 ¥41.72，待结算 ¥0.00，已提现 ¥0.00",
        "[佣金明细]　[提现记录]",
        "需要盖章的单据，或金额对不上，请找 [客服]。",
    ]
    assert answer.pages == [f"{LOGIN}/m/d/entries", f"{LOGIN}/m/d/withdrawals"]


# --- every tap of these answers is answered


async def test_every_tap_of_these_answers_is_answered(
    chat: Chat, seller: int, chenniang: int
) -> None:
    sell(make_customer(seller), sku_id=chenniang)
    titles = [
        "申请分销", "推广怎么得佣金", "分销合法吗", "推广链接", "佣金怎么算的", "佣金何时到账",
        "今天发什么", "我要提现", "提现多久到账", "提现没到账", "提现怎么扣税", "我的客户",
        "我的推荐人", "这单怎么不是我的", "退出分销", "我的销售排名", "佣金结算单",
    ]  # fmt: skip
    assert all(len(title) <= 10 for title in titles)
    taps = {tap for title in titles for tap in (await chat.say(title)).commands}
    for tap in sorted(taps - {"人工"}):
        told = await chat.say(tap)
        assert not told.text.startswith(("抱歉", "您是想")), tap
