"""After-sales cases of a line or a whole order: amounts, reasons, photos, sending back."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from domain import aftersales, settings
from domain.aftersales import CaseForm
from kernel import clock, context
from models import AfterSale, AfterSaleLine, OrderLine, Picture
from tests.face.shoppers import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import Bought, paid_order, received_order, shipped_order
from tests.harness.markup import (
    count_of,
    facts_of,
    forms_of,
    is_nowhere,
    texts_of,
    values_of,
    words_of,
)

PATH = "/m/aftersales/new"


def photo(shade: int = 0) -> bytes:
    """A small JPEG; each shade is a different picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 90, 40)).save(out, "JPEG")
    return out.getvalue()


def address(bought: Bought) -> str:
    """The form for the first line of an order."""
    return f"{PATH}?order={bought.order_no}&line={bought.line_ids[0]}"


async def form_of(shopper: Shopper, bought: Bought) -> list[tuple[str, str]]:
    seen = await shopper.get(address(bought))
    assert seen.status == 200, seen.text
    return seen.fields(PATH)


def reasons_of(text: str) -> list[str]:
    """The reasons that a page offers."""
    return [each for each in values_of(text, "[name=reason] option", "value") if each]


@pytest.mark.row("B6")
async def test_two_of_three_pieces_are_refunded_by_the_paid_amount(lin: Shopper) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    seen = await lin.get(address(bought) + "&kind=return&quantity=2", HX_Request="true")
    assert texts_of(seen.text, ".price") == ["¥ 66 .66"]
    fields = await form_of(lin, bought)
    done = await lin.post(
        PATH, fields, kind="return", quantity="2", reason="quality", note="异味🍶𠮷"
    )
    case = AfterSale.get()
    assert done.location == f"/m/aftersales/{case.case_no}"
    assert (case.kind, case.goods_fen, case.note) == ("return", 6666, "异味🍶𠮷")
    page = await lin.get(done.location)
    assert texts_of(page.text, ".state h1") == ["等待商家处理"]
    assert "逾期未答复将自动同意" in words_of(page.text, ".state p")
    assert count_of(page.text, ".state [data-countdown]") == 1


async def test_a_refund_of_the_merchant_s_shows_what_its_buyer_is_told(lin: Shopper) -> None:
    """The note for the log stood there."""
    bought = paid_order(lin.member_id)
    inside, told = "疑似职业退款人", "少发一瓶，现在退您"
    made = aftersales.merchant_refund(bought.order_no, (), inside, told=told)
    page = await lin.get(f"/m/aftersales/{made['case_no']}")
    assert told in texts_of(page.text, "dd")
    for path in (f"/m/aftersales/{made['case_no']}", f"/m/orders/{bought.order_no}"):
        assert inside not in " ".join(texts_of((await lin.get(path)).text, "main"))


async def test_part_of_the_money_is_refunded_without_a_return(lin: Shopper) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    shown = await lin.get(address(bought) + "&kind=part", HX_Request="true")
    assert texts_of(shown.text, ".row") == ["最多可退 ¥ 99 .99"]
    fields = [*await form_of(lin, bought), ("photos", photo())]
    done = await lin.post(PATH, fields, kind="part", amount="12.5", reason="damaged", note="碎")
    case, line = AfterSale.get(), AfterSaleLine.get()
    assert done.location == f"/m/aftersales/{case.case_no}"
    assert (case.kind, case.goods_fen, line.quantity, line.claim_fen) == (
        "refund_only", 1250, 0, 1250,
    )  # fmt: skip
    page = await lin.get(done.location)
    assert facts_of(page.text)["类型"] == "退部分金额"
    assert texts_of(page.text, ".line-foot .note") == ["商品保留"]
    cases, order = await lin.get("/m/aftersales"), await lin.get(f"/m/orders/{bought.order_no}")
    assert words_of(cases.text, ".order-head").startswith("退部分金额")
    assert words_of(order.text, "a.weui-cell").startswith("退部分金额 ¥12.50")
    again = await lin.get(address(bought) + "&kind=part", HX_Request="true")
    assert texts_of(again.text, ".row") == ["最多可退 ¥ 87 .49"]


@pytest.mark.parametrize(
    ("amount", "reason", "field", "told"),
    [
        ("100.00", "quality", "amount", "退款金额最多 ¥99.99"),
        ("0", "quality", "amount", "0.01"),
        ("", "quality", "amount", "请输入金额，例如 12.50"),
        ("一块", "quality", "amount", "请用阿拉伯数字填写"),
        ("1", "no_reason", "reason", "当前售后类型不能选这个原因"),
    ],
)
async def test_an_impossible_amount_is_refused_at_its_field(
    lin: Shopper, amount: str, reason: str, field: str, told: str
) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, kind="part", amount=amount, reason=reason)
    assert refused.status == 422
    assert told in words_of(refused.text, f"#e-{field}")
    assert AfterSale.select().count() == 0
    assert OrderLine.get().claimed_fen == 0


async def test_an_unshipped_line_is_refunded_by_pieces_only(lin: Shopper) -> None:
    bought = paid_order(lin.member_id, quantity=2)
    assert is_nowhere((await lin.get(address(bought))).text, "退部分金额")
    fields = await form_of(lin, bought)
    for kind, told in (("part", "按件退款，不能只退部分金额"), ("refund_only", "把金额清空")):
        refused = await lin.post(PATH, fields, kind=kind, amount="1", reason="late", quantity="1")
        assert refused.status == 422
        assert told in words_of(refused.text, ".errors")
    assert AfterSaleLine.select().count() == 0
    await lin.post(PATH, fields, kind="refund_only", amount="", reason="late", quantity="１")
    assert [line.quantity for line in AfterSaleLine.select()] == [1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [("9", "请输入 1 到 2 之间的数"), ("0", "请输入 1 到 2"), ("-1", "不能是负数"),
     ("1.5", "不要小数"), ("", "请输入整数"), ("两", "阿拉伯数字"), ("1e0", "不要用 e")],
)  # fmt: skip
async def test_a_quantity_out_of_bounds_is_refused(lin: Shopper, typed: str, told: str) -> None:
    bought = paid_order(lin.member_id, quantity=2)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, reason="late", quantity=typed)
    assert refused.status == 422
    assert told in words_of(refused.text, "#ask .error")
    assert AfterSaleLine.select().count() == 0
    query = f"{address(bought)}&quantity={quote(typed)}&kind=refund_only"
    assert told in words_of((await lin.get(query, HX_Request="true")).text, ".error")


async def test_the_same_form_sent_twice_opens_one_case(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    first = await lin.post(PATH, fields, reason="late")
    second = await lin.post(PATH, fields, reason="late")
    assert first.location == second.location != ""
    assert AfterSale.select().count() == 1
    other = await lin.post(PATH, fields, reason="missing")
    assert other.location == first.location
    assert AfterSale.select().count() == 1


async def test_an_unshipped_order_is_refunded_whole_with_its_freight(lin: Shopper) -> None:
    items = [(make_product(price_fen=1000).sku_id, 1), (make_product(price_fen=500).sku_id, 2)]
    bought = paid_order(lin.member_id, items=items)
    seen = await lin.get(f"{PATH}?order={bought.order_no}")
    assert "含运费 ¥10.00" in words_of(seen.text, "#refund-sum")
    assert reasons_of(seen.text) == ["not_wanted", "late", "other"]  # no reason of received goods
    done = await lin.post(PATH, seen.fields(PATH), reason="not_wanted")
    case = AfterSale.get()
    assert done.location.endswith(case.case_no)
    assert (case.goods_fen, case.freight_fen) == (2000, 1000)
    assert AfterSaleLine.select().count() == 2
    page = await lin.get(f"/m/orders/{bought.order_no}")
    assert words_of(page.text, ".notice p").startswith("售后处理中：")


async def test_a_shipped_order_has_no_whole_refund(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    seen = await lin.get(f"{PATH}?order={bought.order_no}")
    assert seen.location == f"/m/orders/{bought.order_no}"
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, line=None, reason="missing")
    assert refused.status == 409
    assert AfterSale.select().count() == 0


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "x", "4", "9" * 40])
async def test_an_impossible_quantity_claims_nothing(lin: Shopper, quantity: str) -> None:
    bought = shipped_order(lin.member_id, quantity=3)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, quantity=quantity, reason="missing")
    assert refused.status == 422
    assert AfterSale.select().count() == 0
    assert OrderLine.get().claimed == 0


async def test_lines_orders_and_cases_of_another_member_are_not_found(
    lin: Shopper, wang: Shopper
) -> None:
    mine, theirs = shipped_order(lin.member_id), shipped_order(wang.member_id)
    assert (await lin.get(address(theirs))).status == 404
    fields = await form_of(lin, mine)
    stolen = await lin.post(PATH, fields, order=theirs.order_no, reason="missing")
    assert stolen.status == 404
    crossed = await lin.post(PATH, fields, line=str(theirs.line_ids[0]), reason="missing")
    assert crossed.status == 404
    assert AfterSale.select().count() == 0
    await wang.post(PATH, await form_of(wang, theirs), reason="missing")
    case = AfterSale.get()
    assert (await lin.get(f"/m/aftersales/{case.case_no}")).status == 404
    assert (await lin.post(f"/m/aftersales/{case.case_no}/withdraw")).status == 404
    sent = await lin.post(f"/m/aftersales/{case.case_no}/send-back", company="顺丰速运",
                          tracking_no="SF12345")  # fmt: skip
    assert sent.status == 404
    assert AfterSale.get().state == "requested"
    assert is_nowhere((await lin.get("/m/aftersales")).text, case.case_no)


async def test_a_wrong_csrf_token_opens_no_case(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, reason="missing", _csrf="x")
    assert refused.status == 403
    assert AfterSale.select().count() == 0


@pytest.mark.row("B6")
async def test_damage_needs_a_photo_which_survives_a_refused_form(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, reason="damaged", note="裂纹")
    assert refused.status == 422
    assert words_of(refused.text, "#e-photos").startswith("请至少上传一张照片")
    without = await lin.post(
        PATH, [*refused.fields(PATH), ("photos", photo(1)), ("photos", b"no picture")],
        reason="damaged",
    )  # fmt: skip
    assert without.status == 422
    assert words_of(without.text, "#e-photos").startswith("这张图片打不开")
    assert AfterSale.select().count() == 0
    kept = dict(without.fields(PATH))
    assert kept["photo"] == Picture.get().digest
    assert (kept["note"], kept["reason"]) == ("裂纹", "damaged")
    done = await lin.post(PATH, without.fields(PATH))
    assert done.status == 303
    assert AfterSale.get().pictures == [Picture.get().digest]
    (shown,) = values_of((await lin.get(done.location)).text, ".upload img", "src")
    assert Picture.get().digest in shown


async def test_at_most_six_photos_are_kept_and_no_unknown_one(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields: list[tuple[str, Any]] = [*await form_of(lin, bought), ("photo", "f" * 64)]
    fields += [("photos", photo(shade)) for shade in range(7)]
    refused = await lin.post(PATH, fields, reason="damaged")
    assert refused.status == 422
    assert words_of(refused.text, "#e-photos").startswith("最多上传 6 张照片")
    kept = [value for name, value in refused.fields(PATH) if name == "photo"]
    assert len(kept) <= 6
    assert "f" * 64 not in kept


async def test_without_a_script_a_button_recalculates_the_refund(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id, product=make_product(price_fen=5000), quantity=4)
    fields = await form_of(lin, bought)
    shown = await lin.post(PATH, fields, quantity="3", do="sum")
    assert shown.status == 200
    assert texts_of(shown.text, "#refund-sum .price") == ["¥ 150"]
    assert dict(shown.fields(PATH))["quantity"] == "3"
    assert AfterSale.select().count() == 0


async def test_after_a_withdrawn_case_another_can_be_opened(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    done = await lin.post(PATH, await form_of(lin, bought), reason="missing")
    back = await lin.post(f"{done.location}/withdraw")
    assert back.location == done.location
    assert AfterSale.get().state == "withdrawn"
    assert OrderLine.get().claimed == 0
    assert (await lin.post(f"{done.location}/withdraw")).status == 409
    assert (await lin.post(PATH, await form_of(lin, bought), reason="missing")).status == 303


async def test_a_return_needs_a_valid_tracking_number(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields = await form_of(lin, bought)
    done = await lin.post(PATH, fields, kind="return", reason="no_reason")
    context.actor.set("staff:1")
    aftersales.approve_case(AfterSale.get().id, "寄到酒城大道 88 号")
    page = await lin.get(done.location)
    assert texts_of(page.text, ".notice p") == ["商家留言：寄到酒城大道 88 号"]
    action = f"{done.location}/send-back"
    refused = await lin.post(action, page.fields(action), company="顺丰速运", tracking_no="SF!")
    assert refused.status == 422
    assert count_of(refused.text, "#e-tracking_no") == 1
    assert AfterSale.get().state == "approved"
    sent = await lin.post(action, company="顺丰速运", tracking_no="SF 1234 5678")
    assert sent.status == 303
    assert AfterSale.get().return_tracking_no == "SF12345678"


async def test_a_line_that_is_wholly_claimed_has_no_form(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    await lin.post(PATH, await form_of(lin, bought), reason="missing")
    seen = await lin.get(address(bought))
    assert words_of(seen.text, ".notice p").startswith("这件商品已全部申请过售后")
    assert PATH not in [form.action for form in forms_of(seen.text)]


async def test_requests_of_one_member_are_limited(
    lin: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.trade.aftersales.ASKS_A_MINUTE", 2)
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    answers = [(await lin.post(PATH, fields)).status for _ in range(6)]
    assert answers[0] == 422
    assert answers.count(429) >= 2  # a new minute may begin once
    assert AfterSale.select().count() == 0


async def test_the_case_shows_the_address_for_the_return(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    case_no = aftersales.request_case(
        CaseForm(lin.member_id, bought.order_no, "return", ((bought.line_ids[0], 1),), "other")
    )["case_no"]
    aftersales.approve_case(AfterSale.get().id, "")
    page = await lin.get(f"/m/aftersales/{case_no}")
    assert "退货地址请致电" in words_of(page.text, ".card .note")
    settings.change(settings.Returns, {"receiver": "售后部", "address": "泸州市江阳区 1 号仓"})
    page = await lin.get(f"/m/aftersales/{case_no}")
    assert "请妥善包装后寄回：售后部 泸州市江阳区 1 号仓" in words_of(page.text, ".card .note")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("return", "merchant"), ("refund_only", "merchant"), ("refund_only", "goodwill"),
     ("refund_only", "not_wanted"), ("refund_only", "other"), ("refund_only", "no_reason"),
     ("return", "late"), ("return", "missing"), ("refund_only", ""), ("return", "x")],
)  # fmt: skip
async def test_a_reason_that_is_not_offered_is_refused(
    lin: Shopper, kind: str, reason: str
) -> None:
    bought = received_order(lin.member_id)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, kind=kind, reason=reason)
    assert refused.status == 422
    assert count_of(refused.text, "#e-reason") == 1
    assert AfterSale.select().count() == 0


@pytest.mark.parametrize("reason", ["merchant", "goodwill", "quality", "no_reason"])
async def test_a_whole_order_is_refunded_for_offered_reasons_only(
    lin: Shopper, reason: str
) -> None:
    bought = paid_order(lin.member_id)
    seen = await lin.get(f"{PATH}?order={bought.order_no}")
    refused = await lin.post(PATH, seen.fields(PATH), reason=reason)
    assert (refused.status, AfterSale.select().count()) == (422, 0)
    assert words_of(refused.text, "#e-reason").startswith("当前售后类型不能选这个原因")


async def test_the_reasons_follow_the_kind_and_the_exemption(lin: Shopper) -> None:
    made = make_product(is_return_exempt=True)
    plain = received_order(lin.member_id)
    exempt = received_order(lin.member_id, product=made, exempt_confirmed=(made.sku_id,))
    faults = ["damaged", "wrong_goods", "quality", "not_as_described"]
    for kind, reasons in {
        "refund_only": ["damaged", "wrong_goods", "missing", "quality", "not_as_described"],
        "return": ["no_reason", "not_wanted", *faults, "other"],
    }.items():
        seen = await lin.get(address(plain) + f"&kind={kind}", HX_Request="true")
        assert reasons_of(seen.text) == reasons
        assert values_of(seen.text, "#refund-reasons", "hx-swap-oob") == ["true"]
        page = await lin.get(address(plain) + f"&kind={kind}")
        assert reasons_of(page.text) == reasons
        assert count_of(page.text, "[hx-swap-oob]") == 0
    seen = await lin.get(address(exempt) + "&kind=return")
    assert reasons_of(seen.text) == faults
    assert "不支持无理由退货" in words_of(seen.text, "#refund-reasons .note")
    fields = await form_of(lin, exempt)
    for reason in ("no_reason", "not_wanted", "other"):
        refused = await lin.post(PATH, fields, kind="return", reason=reason)
        assert (refused.status, AfterSale.select().count()) == (409, 0)
        assert "下单时已确认本商品不支持无理由退货" in words_of(refused.text, ".errors")


async def test_an_unconfirmed_return_is_shown_as_unconfirmed(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    done = await lin.post(PATH, await form_of(lin, bought), kind="return", reason="quality")
    case = AfterSale.get()
    aftersales.approve_case(case.id)
    await lin.post(f"{done.location}/send-back", company="顺丰速运", tracking_no="SF1682037495126")
    page = await lin.get(done.location)
    assert "逾期未确认将转商家负责人核实" in words_of(page.text, ".state p")
    assert facts_of(page.text)["退货运费"] == "商家承担"
    clock.set_offset(timedelta(days=10, minutes=1))
    assert aftersales.apply_timeout(case.id)
    page = await lin.get(done.location)
    assert texts_of(page.text, ".state h1") == ["等待核实收货"]
    assert f"/m/complaint?order={bought.order_no}" in values_of(page.text, "main a", "href")
    assert is_nowhere(page.text, "退款成功")
    assert is_nowhere(page.text, "自动退款")
