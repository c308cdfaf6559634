"""Stored sentences without personal data: numbers, links, addresses and names are masked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chat_answers import masked
from domain.chat_answers.masking import KEPT_MOST, example_of, form_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("电话138 0013 8000，什么时候送", "电话*,什么时候送"),
        ("１３８００１３８０００打不通", "*打不通"),
        ("①③⑧00138000", "*"),
        ("+86 138-0013-8000", "+*"),
        ("打0830-5550100没人接", "打*没人接"),
        ("打 8600-1234 没人接", "打 * 没人接"),
        ("一三八零零一三八零零零", "*"),
        ("身份证51010719900101123X可以吗", "身份证*可以吗"),
        ("卡号6222 0202 0001 2345 678", "卡号*"),
        ("订单ORD2611300A1B2C3D4E5F6G7H到哪了", "订单*到哪了"),
        ("SF1234567890123到哪了", "*到哪了"),
        ("openid是ohA1bcdefghijklmnopqrstuvwxyz", "openid是*"),
        ("看 https://mp.weixin.qq.com/s/abc?x=1 这个", "看 * 这个"),
        ("打开www.evil.example/a和shop.taobao.com", "打开*和*"),
        ("发到zhang.san+a@example.com", "发到*"),
        ("微信号 abc_123 加我", "微信号* 加我"),
        ("验证码是1234", "验证码*"),
        ("我叫王小明，订单呢", "我叫*,订单呢"),
        ("收货人：欧阳小明", "收货人:*"),
        ("寄到锦江区春熙路18号3栋502行吗", "*"),
        ("3栋502王女士收", "*"),
    ],
)
def test_personal_data_is_masked(said: str, kept: str) -> None:
    assert masked(said) == kept


NAMES = [
    ("寄给张三", "寄给*"),
    ("寄给张三，电话13800138000", "寄给*,电话*"), ("发给李小红在成都", "发给*在成都"),
    ("寄给张三丰的酒到了吗", "寄给*的酒到了吗"),
    ("收货人李四", "收货人*"), ("收货人改成李四", "收货人改成*"),
    ("收件人欧阳小明", "收件人*"), ("姓名王小明电话是13800138000", "姓名*电话是*"),
    ("名字赵六", "名字*"),
    ("我是王小明", "我是*"), ("我是刘德华，查下订单", "我是*,查下订单"),
    ("本人陈大伟要退货", "本人*要退货"),
    ("联系人周杰", "联系人*"), ("找张先生", "找*"), ("王女士的快递", "*的快递"),
    ("李小姐收", "*收"),
    ("张三,13800138000", "*,*"), ("13800138000 李四", "*"), ("上官婉儿 13900139000", "*"),
    ("王小明 13800138000 四川省泸州市江阳区酒城大道18号", "*"), ("交给赵敏签收", "交给*签收"),
    ("转交孙悟空", "转交*"), ("快递给吴京", "快递给*"),
    ("换成何炅", "换成*"), ("代收人郭靖", "代收人*"),
    ("签收人写的是黄蓉", "签收人写的是*"),
]  # fmt: skip
ADDRESSES = [
    ("我叫王小明住朝阳区建国路88号3栋", "*"), ("住朝阳区建国路八十八号", "*"),
    ("我住在武侯区桂溪街道天府社区", "*"), ("家在杭州市西湖区文三路", "*"), ("三栋二单元", "*"),
    ("河北省保定市清苑县李庄村", "*"), ("阳光花园三单元五零二", "*"), ("寄到锦江区春熙路", "*"),
    ("送到幸福小区五号楼", "*"), ("建设路12号", "*"), ("李庄村三组", "*"),
    ("泸州市江阳区酒城大道一段18号", "*"),
]  # fmt: skip
READABLE = [
    "酱香路线", "走酱香路线的酒", "王牌", "王牌产品是哪个", "张弓酒有吗", "五号", "五号能到吗",
    "路上5号能到吗", "12月五号发货", "我是郑州的", "我是江西人", "我是老顾客", "寄给我妈",
    "送给岳父什么酒好", "送给高级领导", "发给安徽的要几天", "我是高粱酒爱好者", "陈酿多少钱",
    "黄酒有吗", "县城街上有门店吗", "偏远地区走的路线", "住在农村能送吗", "四川省成都市能送吗",
    "成都市武侯区能送吗", "小区门口能放吗", "乡镇能送吗", "收货地址写错了", "马上发货", "找客服",
    "联系你们老板", "杜康有卖吗", "金奖是哪款", "改成顺丰", "换成陈酿", "我是第一次买",
    "我叫你们发货", "铁路能运吗", "周末发货吗", "叫什么名字",
]  # fmt: skip


@pytest.mark.parametrize(("said", "kept"), NAMES + ADDRESSES)
def test_spoken_names_and_addresses_do_not_stay(said: str, kept: str) -> None:
    assert masked(said) == kept


@pytest.mark.parametrize("said", READABLE)
def test_what_looks_like_a_name_or_address_stays(said: str) -> None:
    assert masked(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "300-500的酒", "1000-2000元送礼", "52度500ml多少钱", "1000ml装", "买100瓶 多少钱",
        "3天没到", "do you ship to Hong Kong", "收货人写错了", "五六十岁的老人", "7*24小时吗",
        "53%vol", "一箱6瓶", "我是新疆的能送吗", "路上坏了",
    ],
)  # fmt: skip
def test_the_question_is_kept(said: str) -> None:
    assert masked(said) == said


def test_a_long_sentence_does_not_end_in_half_a_number() -> None:
    said = "请问" * 147 + "我的电话13800138000"
    assert not re.search(r"\d", masked(said))
    assert len(masked("请问" * 300)) == KEPT_MOST


def test_equal_sentences_have_one_form() -> None:
    said = ["可以停車嗎？", " 可以 停车吗", "可以停车吗!!"]
    assert {form_of(each) for each in said} == {"可以停车吗"}


def test_an_example_has_no_mask_characters() -> None:
    assert example_of("订单* 到哪了") == "订单 到哪了"


@given(st.text(max_size=400))
def test_masking_any_text_works_and_leaves_no_long_number(text: str) -> None:
    kept = masked(text)
    assert len(kept) <= KEPT_MOST
    assert re.search(r"[0-9]{5}", kept) is None


@given(st.from_regex(r"[一-龥]{0,5}(1[3-9][0-9]{9})[一-龥]{0,5}", fullmatch=True))
def test_a_phone_is_masked_in_any_text(text: str) -> None:
    assert re.search(r"[0-9]{4}", masked(text)) is None
