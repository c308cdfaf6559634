"""Names that imitate the shop are refused or reviewed; other names are allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.naming import Guarded, house_names, judge_name
from kernel.lookalikes import mixes_scripts, skeleton
from kernel.text import clean_line

HOUSE = house_names("山泉坊", "四川山泉坊酒业有限公司")
GUARDED = Guarded(house=HOUSE)


@pytest.mark.parametrize("name", [
    "官方客服", "官 方 客 服", "官\u200b方\u2060客\ufeff服", "官·方·客·服", "★官方客服★",
    "【官方客服】", "官方客服01", "001官方客服", "官方客服客服", "官方客服官方", "宫方客服",
    "官方\u202e客服\u202c", "官方🌟客服", "官\u0336方\u0336客\u0336服\u0336", "客服", "客　服",
    "管理員", "管理员", "管理員88", "微信支付", "微信支付官方", "薇信支付", "微 信 支 付",
    "系统消息", "系統通知", "admin", "ADMIN", "Аdmin", "аdmіn", "ａｄｍｉｎ", "adrnin", "adm1n",
    "AdmIn", "𝓪𝓭𝓶𝓲𝓷", "ᴀᴅᴍɪɴ", "🅰🅳🅼🅸🅽", "a.d.m.i.n", "a d m i n", "οfficial", "Official",
    "WeixIn", "wеixin", "山泉坊", "山 泉 坊", "山泉坊官方客服", "山泉坊客服", "山泉\u200b坊",
    "四川山泉坊酒业有限公司", "山泉坊酒业", "山泉坊 2", "⼭泉坊", "官方帳號",
])  # fmt: skip
def test_the_shop_s_own_name_is_refused(name: str) -> None:
    assert judge_name(clean_line(name), GUARDED) == "refused"
    assert judge_name(name, GUARDED) == "refused"


@pytest.mark.parametrize("name", [
    "山泉坊小林", "小林的山泉坊", "小林客服", "腾讯小王", "官方小林", "林老师（官方授权）",
    "Wechat 小林", "Аlice", "pаypal", "退款找小林", "小林 service", "泉坊旗舰店",
    "山\u200b泉 坊阿慧",
])  # fmt: skip
def test_a_name_that_refers_to_the_shop_is_reviewed(name: str) -> None:
    assert judge_name(name, GUARDED) == "review"


@pytest.mark.parametrize("name", [
    "小林", "阿慧推荐", "林家酒铺", "李·克强健", "Alice", "Алиса", "Ελένη", "badminton 阿强",
    "👨‍👩‍👧‍👦一家", "山里人家", "Jürgen", "محمد", "7号酒铺", "春泉", "坊间", "O记", "陈l记",
    "🍶", "12345",
])  # fmt: skip
def test_an_ordinary_name_is_allowed(name: str) -> None:
    assert judge_name(name, GUARDED) == "free"


def test_the_merchant_s_own_words_are_guarded_in_all_their_forms() -> None:
    guarded = Guarded(reserved=("福慧坊",), reviewed=("国窖",))
    assert judge_name("福 慧 坊", guarded) == "refused"
    assert judge_name("國窖阿强", guarded) == "review"
    assert judge_name("客服", guarded) == "free"  # the merchant removed it from the list


@given(st.text(max_size=60))
def test_skeletons_are_idempotent_and_any_text_can_be_judged(text: str) -> None:
    found = skeleton(text)
    assert skeleton(found) == skeleton(skeleton(found))
    assert judge_name(text, GUARDED) in {"free", "review", "refused"}
    mixes_scripts(text)


def test_the_company_s_name_without_place_and_legal_form_is_guarded_too() -> None:
    assert HOUSE == ("山泉坊", "四川山泉坊酒业有限公司", "山泉坊酒业")
