"""The merchant's pages in words: names instead of codes, and reasons that say what to do."""

from __future__ import annotations

import io
import os
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from admin import words
from admin.diffs import diff
from domain import aftersales, catalog, members, push, settings, staff
from domain.aftersales import CaseForm
from domain.payments.refunds import refund_failed
from domain.push import CampaignForm
from domain.settings import ChatMenu, ChatTexts
from kernel import clock
from kernel.errors import Invalid
from kernel.faults import Fault
from kernel.web.browsers import Browser
from models import Order, PushCampaign, Refund, Staff, StockMove
from tests.face.desk import COOKIE, PASSWORD, Desk, hire, who_did
from tests.face.shop_with_data import Shop
from tests.factories.catalog import make_product
from tests.factories.members import APPID, make_member
from tests.factories.orders import paid_order, received_order
from tests.factories.staff import enter
from tests.harness.markup import (
    count_of,
    errors_of,
    facts_of,
    fields_of,
    forms_of,
    lines_of,
    table_of,
    texts_of,
    values_of,
    words_of,
)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("product", {"state": "draft"}, "状态：草稿"),
        ("sku", {"price_fen": 29800}, "售价：¥298.00"),
        ("template", "order_shipped", "发货"),
        ("template", {"purpose": None}, "用途：无"),
        ("staff", {"login": "wang", "roles": ["finance"]}, "账号：wang，角色：财务"),
        ("staff", ["owner", "service"], "店主、客服"),
        ("setting", {"tax_method": "ordinary"}, "个人劳务报酬个税：按次预扣（劳务报酬）"),
        ("setting", {"free_from_fen": None}, "满额包邮：无"),
        (
            "commission_rule",
            {"pool_bp": 2000, "shares": [70, 30], "effective_at": "2026-11-22T14:30:15+00:00"},
            "佣金池：20%，各级：70、30，生效：2026-11-22 22:30",
        ),
        ("product", {"is_liquor": True}, "酒类：是"),
        ("withdrawal", {"first": "staff:owner"}, "初审：owner"),
        (
            "proposal",
            {"state": "approved", "cause": "single", "kind": "case"},
            "状态：已通过，事由：超过单笔上限，类型：售后处理",
        ),
    ],
)
def test_a_change_is_told_without_field_names(kind: str, value: Any, text: str) -> None:
    assert diff(kind, value) == text


def test_who_acted_is_named_where_the_page_knows_the_name() -> None:
    page = {"names": {"staff:wang": "客服小王"}, "people": {"member:3": "小*"}}
    assert words.named(page, "staff:wang") == "客服小王"
    assert words.named(page, "member:3") == "小*"
    assert words.named(page, "member:4") == "会员 4"
    assert words.named({}, "staff:wang") == "wang"


async def test_the_log_shows_people_and_changes_in_words(desk: Desk) -> None:
    product = make_product()
    await desk.post(f"/admin/products/{product.product_id}/state", event="take_off_shelf")
    _, page = await desk.get("/admin/audit")
    assert texts_of(page, ".diff del")[0] == "状态：在售"
    assert texts_of(page, ".diff ins")[0] == "状态：已下架"
    assert table_of(page)[0][1] == "Boss boss"


def upload(desk: Desk, *files: tuple[str, bytes]) -> FormData:
    """A form with files."""
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie)})
    for name, data in files:
        form.add_field("pictures", io.BytesIO(data), filename=name)
    return form


def picture(side: int, color: str) -> bytes:
    """A PNG."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), color).save(out, "PNG")
    return out.getvalue()


async def send(desk: Desk, product_id: int, *files: tuple[str, bytes]) -> int:
    """Upload files to a product."""
    answer = await desk.client.post(
        f"/admin/products/{product_id}/pictures", data=upload(desk, *files),
        headers={"Cookie": f"{COOKIE}={desk.cookie}"}, allow_redirects=False,
    )  # fmt: skip
    return answer.status


async def test_one_bad_file_does_not_lose_the_others(desk: Desk) -> None:
    product = make_product()
    files = [
        ("bad.png", b"hello"),
        ("一.png", picture(900, "red")),
        ("二.png", picture(900, "blue")),
    ]
    await send(desk, product.product_id, *files)
    said = await desk.said()
    assert said.startswith("未完成")
    assert "bad.png" in said
    assert "其余 2 张已添加" in said
    assert len(catalog.list_product_pictures(product.product_id)) == 2
    await send(desk, product.product_id, ("又一.png", picture(900, "red")))
    assert "已经在商品里" in await desk.said()


async def test_several_large_pictures_fit_into_one_upload(desk: Desk) -> None:
    product = make_product()
    noise = []
    for n in range(2):
        out = io.BytesIO()
        Image.frombytes("RGB", (1500, 1500), os.urandom(1500 * 1500 * 3)).save(out, "PNG")
        noise.append((f"{n}.png", out.getvalue()))
    assert sum(len(data) for _, data in noise) > 12 * 1024 * 1024
    assert await send(desk, product.product_id, *noise) == 303
    assert len(catalog.list_product_pictures(product.product_id)) == 2


async def test_a_missing_right_and_a_missing_page_are_told_apart(desk: Desk) -> None:
    hire("helper", "service")
    desk.sign_in("helper")
    status, page = await desk.get("/admin/settings")
    assert status == 403
    assert texts_of(page, ".empty h2") == ["没有权限"]
    status, page = await desk.get("/admin/nothing-here")
    assert status == 404
    assert texts_of(page, ".empty h2") == ["页面不存在"]


# ---------- payouts ----------


async def test_the_first_approver_is_not_offered_the_second_step(desk: Desk, shop: Shop) -> None:
    url = f"/admin/withdrawals/{shop.withdrawal_id}"
    await desk.post(f"{url}/approve")
    _, page = await desk.get(url)
    assert "您已初审同意，请另一位同事复核。" in texts_of(page, ".btns .note")
    assert f"{url}/approve" not in [form.action for form in forms_of(page)]
    hire("money", "finance")
    desk.sign_in("money")
    _, page = await desk.get(url)
    assert f"{url}/approve" in [form.action for form in forms_of(page)]


async def test_approving_while_payouts_are_stopped_says_that_nothing_leaves(
    desk: Desk, shop: Shop
) -> None:
    hire("money", "finance")
    url = f"/admin/withdrawals/{shop.withdrawal_id}"
    await desk.post("/admin/brakes/stop", reason="先停")
    await desk.post(f"{url}/approve")
    desk.sign_in("money")
    await desk.post(f"{url}/approve")
    assert "付款已全部暂停" in await desk.said()


# ---------- push ----------


def campaign(carrier: str, content: dict[str, Any], member_id: int) -> int:
    """A draft to one member."""
    audience = {"kind": "members", "member_ids": [member_id]}
    return push.draft_campaign(
        CampaignForm("到店通知", carrier, content, audience, is_promotion=False), "staff:boss"
    )


def follower() -> int:
    """A member who follows the account and has just written to it."""
    member_id, _ = members.follow(APPID, "o-follower")
    members.record_message(APPID, "o-follower")
    return member_id


@pytest.mark.row("L3")
async def test_a_campaign_with_a_blocked_word_can_t_be_started(desk: Desk) -> None:
    made = follower()
    campaign_id = campaign("service", {"text": "全国最好的酒"}, made)
    _, page = await desk.get(f"/admin/push/{campaign_id}")
    assert count_of(page, "[data-open=start]") == 0
    await desk.post(f"/admin/push/{campaign_id}/start", _typed="发送")
    said = await desk.said()
    assert "最好" in said
    assert "[" not in said


async def test_a_mass_message_to_one_person_is_refused_beforehand(desk: Desk) -> None:
    made = follower()
    campaign_id = campaign("mass", {"text": "新酿到店", "kind": "text"}, made)
    _, page = await desk.get(f"/admin/push/{campaign_id}")
    assert "不可用 至少要有 2 位收件人" in [row[2] for row in table_of(page)]
    await desk.post(f"/admin/push/{campaign_id}/start", _typed="发送")
    assert "至少要有 2 位" in await desk.said()
    assert PushCampaign.get_by_id(campaign_id).state == "draft"


@pytest.mark.row("D5")
async def test_a_campaign_that_waits_says_until_when(desk: Desk) -> None:
    made = make_member("小林")
    at = clock.now().replace(microsecond=0) + timedelta(days=3)
    form = CampaignForm(
        "到店通知", "service", {"text": "新酿到店"},
        {"kind": "members", "member_ids": [made]}, is_promotion=False, send_at=at,
    )  # fmt: skip
    campaign_id = push.draft_campaign(form, "staff:boss")
    push.start_campaign(campaign_id, "staff:boss")
    _, page = await desk.get(f"/admin/push/{campaign_id}")
    local = at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    assert f"还没有开始，将在 {local} 后发出" in lines_of(page, ".notice")


async def test_the_return_address_is_shown_in_the_case(desk: Desk) -> None:
    bought = received_order()
    form = CaseForm(
        bought.member_id, bought.order_no, "return", ((bought.line_ids[0], 1),), "other"
    )
    case_id = aftersales.case_id_of(aftersales.request_case(form)["case_no"])
    _, page = await desk.get(f"/admin/aftersales/{case_id}")
    assert texts_of(page, "#h-note") == ["买家会看到；还没有设置退货地址，请在这里写明"]
    values = {"receiver": "售后部", "phone": "", "address": "泸州市 1 号仓", "version": "0"}
    await desk.post("/admin/settings/returns", **values)
    _, page = await desk.get(f"/admin/aftersales/{case_id}")
    assert texts_of(page, "#h-note") == ["买家会看到，还有退货地址：售后部 泸州市 1 号仓"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"b0": "一二三四五六七"}, "菜单 1 名称：太长，最多 16 字节（约 5 个汉字）"),
        ({"b1i0": "网页", "b1i0k": "link", "b1i0v": "ftp://x"}, "菜单 2 子项 1：“打开网址”要以"),
        ({"b0i0": "商城", "b0i0k": "page", "b0i0v": "m"}, "菜单 1 子项 1：“打开商城页面”要填"),
        ({"b2": "我的", "b2i0": ""}, "菜单 3：没有子项时"),
    ],
)
async def test_a_menu_that_wechat_refuses_is_told_in_words(
    desk: Desk, changed: dict[str, str], said: str
) -> None:
    good = {"b0": "选购", "b0i0": "商城", "b0i0k": "page", "b0i0v": "/m/", "version": "0"}
    good |= {"b1": "推广", "b1i0": "海报", "b1i0k": "command", "b1i0v": "海报"}
    status, page = await desk.post("/admin/menu", **good | changed)
    assert status == 422
    assert said in words_of(page, ".notice-bad")


async def test_a_keyword_answer_that_is_too_long_is_told_in_words(desk: Desk) -> None:
    values = {"rows": "1", "w0": "发票", "a0": "长" * 700, "m0": "exact", "version": "0"}
    status, page = await desk.post("/admin/chat", **values)
    assert status == 422
    told = words_of(page, ".notice-bad")
    assert "第 1 组关键词" in told
    assert "太长，最多 2000 字节" in told


async def test_a_second_editor_of_the_chat_does_not_overwrite_the_first(desk: Desk) -> None:
    mine = {"rows": "2", "w0": "发票", "a0": "在订单页开", "m0": "exact", "version": "0"}
    theirs = mine | {"welcome": "您好", "w1": "停车", "a1": "门口", "m1": "exact"}
    assert (await desk.post("/admin/chat", **theirs))[0] == 303
    status, page = await desk.post("/admin/chat", **mine | {"a0": "找客服开"})
    assert status == 422
    told = words_of(page, ".notice-bad")
    assert "与您填写的不同：关注后说、关键词“发票”、关键词“停车”" in told
    assert [each.words for each in settings.get(ChatTexts).keywords] == [("发票",), ("停车",)]
    again = fields_of(page, "/admin/chat")
    assert again["a0"] == "找客服开"
    assert (await desk.post("/admin/chat", **again))[0] == 303
    assert settings.get(ChatTexts).keywords[0].answers == ("找客服开",)


async def test_a_second_editor_of_the_menu_does_not_overwrite_the_first(desk: Desk) -> None:
    mine = {"b0": "选购", "b0i0": "商城", "b0i0k": "page", "b0i0v": "/m/", "version": "0"}
    other = {"b1": "推广", "b1i0": "海报", "b1i0k": "command", "b1i0v": "海报"}
    assert (await desk.post("/admin/menu", **mine | other))[0] == 303
    status, page = await desk.post("/admin/menu", **mine)
    assert status == 422
    assert "与您填写的不同：菜单“推广”。" in words_of(page, ".notice-bad")
    assert len(settings.get(ChatMenu).buttons) == 2


async def test_a_forgotten_password_is_replaced_once_and_on_record(desk: Desk) -> None:
    helper = hire("helper", "service")
    desk.sign_in("helper")
    theirs = desk.cookie
    desk.sign_in("boss")
    status, page = await desk.post(f"/admin/staff/{helper}/password")
    assert status == 200
    shown = facts_of(page)["新密码"]
    assert re.fullmatch(r"[0-9A-Z]{14}", shown)
    uri = await desk.store.write(staff.reset_totp, helper)
    assert await enter(desk.store, "helper", shown, uri=uri)
    with pytest.raises(Invalid):
        await enter(desk.store, "helper", PASSWORD)
    desk.use(theirs)
    assert (await desk.get("/admin/"))[0] == 303  # the other session has ended
    assert who_did("staff.password_reset") == "staff:boss"


async def test_nobody_resets_their_own_password_there(desk: Desk) -> None:
    boss = Staff.get(Staff.login == "boss").id
    before = Staff.get_by_id(boss).password_hash
    await desk.post(f"/admin/staff/{boss}/password")
    assert Staff.get_by_id(boss).password_hash == before


async def test_a_large_refund_by_hand_takes_two_people(desk: Desk, shop: Shop) -> None:
    settings.change(settings.PayoutBrakes, {"second_person_from_fen": 100})
    await desk.post_seen(f"/admin/aftersales/{shop.case_id}/approve", note="")
    refund = Refund.select().order_by(Refund.id.desc()).get()
    refund_failed(refund.id, Fault("ABNORMAL"))
    url, proof = f"/admin/refunds/{refund.id}/settle", {"proof": "网银 17", "_typed": "已退"}
    await desk.post(url, **proof)
    assert "另一位同事" in await desk.said()
    _, page = await desk.get("/admin/refunds?view=abnormal")
    assert "等另一位同事确认" in texts_of(page, "td.act .cap")
    await desk.post(url, **proof)
    assert Refund.get_by_id(refund.id).state == "abnormal"
    hire("money", "finance")
    desk.sign_in("money")
    _, page = await desk.get("/admin/refunds?view=abnormal")
    assert "Boss 已登记凭证 网银 17" in words_of(page, f"dialog#hand{refund.id}")
    await desk.post(url, **proof)
    assert Refund.get_by_id(refund.id).state == "settled_by_hand"


async def test_a_refund_that_is_sent_again_has_no_settler_or_proof(desk: Desk, shop: Shop) -> None:
    settings.change(settings.PayoutBrakes, {"second_person_from_fen": 100})
    await desk.post_seen(f"/admin/aftersales/{shop.case_id}/approve", note="")
    refund = Refund.select().order_by(Refund.id.desc()).get()
    refund_failed(refund.id, Fault("ABNORMAL"))
    await desk.post(f"/admin/refunds/{refund.id}/settle", proof="网银 17", _typed="已退")
    await desk.post(f"/admin/refunds/{refund.id}/retry")
    row = Refund.get_by_id(refund.id)
    assert (row.state, row.hand_by, row.proof) == ("created", None, None)


async def test_the_stock_record_names_who_bought(desk: Desk) -> None:
    bought = paid_order()
    move = StockMove.select().order_by(StockMove.id.desc()).get()
    buyer = Order.get_by_id(bought.order_id).member_id
    StockMove.update(actor=f"member:{buyer}").where(StockMove.id == move.id).execute()
    _, page = await desk.get(f"/admin/stock/{move.sku_id}")
    (name,) = (one.masked_name for one in members.member_views({buyer}).values())
    assert table_of(page)[0][-1] == name
    assert f"会员 {buyer}" not in texts_of(page, "td")


# ---------- what was typed stays ----------


async def test_a_parcel_that_is_refused_keeps_what_was_typed(desk: Desk) -> None:
    bought = paid_order(quantity=3)
    (line,) = bought.line_ids
    values = {"company": "中通快递", "tracking_no": "坏 号", f"n{line}": "2", "_idem": "k" * 22}
    status, page = await desk.post(f"/admin/orders/{bought.order_no}/ship", **values)
    assert status == 422
    assert words_of(page, ".notice-bad").startswith("未完成：快递单号")
    assert values_of(page, "input[name=company]", "value") == ["中通快递"]
    assert values_of(page, f"input[name=n{line}]", "value") == ["2"]
    values["tracking_no"] = "ZT 0001 0002"
    status, _ = await desk.post(f"/admin/orders/{bought.order_no}/ship", **values)
    assert status == 303
    assert "ZT00010002" in await desk.said()


async def test_a_specification_that_is_refused_keeps_what_was_typed(desk: Desk) -> None:
    product, other = make_product("甲"), make_product("乙")
    taken = catalog.product_detail_for_merchant(other.product_id).skus[0]
    catalog.edit_sku(taken.id, spec_text="x", code="SQF-1", low_stock=1, weight_g=0)
    values = {"spec_text": "整箱", "price": "700", "stock": "5", "code": "SQF-1"}
    status, page = await desk.post(f"/admin/products/{product.product_id}/skus", **values)
    assert status == 422
    url = f"/admin/products/{product.product_id}/skus"
    assert "SQF-1 已被其他规格使用" in errors_of(page)["code"]
    assert fields_of(page, url)["spec_text"] == "整箱"
    assert count_of(page, f"details.card[open] form[action='{url}']") == 1
    assert len(catalog.product_detail_for_merchant(product.product_id).skus) == 1


@pytest.mark.row("A3")
async def test_what_a_rule_is_about_is_picked_by_name(desk: Desk) -> None:
    product = make_product("桂花露酒")
    _, page = await desk.get("/admin/rules")
    assert set(values_of(page, "datalist", "id")) >= {"of-category", "of-product", "of-sku"}
    named = texts_of(page, f'#of-product option[value="{product.product_id}"]')
    assert named == ["桂花露酒"]
    (specified,) = texts_of(page, f'#of-sku option[value="{product.sku_id}"]')
    assert specified.startswith("桂花露酒")
