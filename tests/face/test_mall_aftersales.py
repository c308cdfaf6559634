"""After-sales: part of a line or a whole order, photos that survive a mistake, own cases only."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from domain import aftersales, settings
from domain.aftersales import CaseForm
from domain.aftersales.rules import REASONS
from kernel import context
from models import AfterSale, AfterSaleLine, OrderLine, Picture
from tests.face.mall import Shopper
from tests.factories.catalog import make_product
from tests.factories.orders import Bought, paid_order, received_order, shipped_order

PATH = "/m/aftersales/new"


def photo(shade: int = 0) -> bytes:
    """A small JPEG; each shade is another one."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 90, 40)).save(out, "JPEG")
    return out.getvalue()


def address(bought: Bought) -> str:
    return f"{PATH}?order={bought.order_no}&line={bought.line_ids[0]}"


async def form_of(shopper: Shopper, bought: Bought) -> list[tuple[str, str]]:
    seen = await shopper.get(address(bought))
    assert seen.status == 200, seen.text
    return seen.fields(PATH)


async def test_two_of_three_pieces_are_paid_back_by_what_was_paid(lin: Shopper) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    seen = await lin.get(address(bought) + "&kind=return&quantity=2", HX_Request="true")
    assert "66" in seen.text
    fields = await form_of(lin, bought)
    done = await lin.post(
        PATH, fields, kind="return", quantity="2", reason="quality", note="异味🍶𠮷"
    )
    case = AfterSale.get()
    assert done.location == f"/m/aftersales/{case.case_no}"
    assert (case.kind, case.goods_fen, case.note) == ("return", 6666, "异味🍶𠮷")
    page = await lin.get(done.location)
    assert "等待商家处理" in page.text
    assert "逾期未答复将自动同意" in page.text
    assert "data-countdown" in page.text


async def test_part_of_the_money_is_asked_for_and_the_goods_stay(lin: Shopper) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    shown = await lin.get(address(bought) + "&kind=part", HX_Request="true")
    assert "最多可退" in shown.text
    assert "99<small>.99" in shown.text
    fields = [*await form_of(lin, bought), ("photos", photo())]
    done = await lin.post(PATH, fields, kind="part", amount="12.5", reason="damaged", note="碎")
    case, line = AfterSale.get(), AfterSaleLine.get()
    assert done.location == f"/m/aftersales/{case.case_no}"
    assert (case.kind, case.goods_fen, line.quantity, line.claim_fen) == (
        "refund_only", 1250, 0, 1250,
    )  # fmt: skip
    for page in (done.location, "/m/aftersales", f"/m/orders/{bought.order_no}"):
        assert "退部分金额" in (await lin.get(page)).text
    assert "商品保留" in (await lin.get(done.location)).text
    again = await lin.get(address(bought) + "&kind=part", HX_Request="true")
    assert "87<small>.49" in again.text


@pytest.mark.parametrize(
    ("amount", "reason", "told"),
    [
        ("100.00", "quality", "退款金额最多 ¥99.99"),
        ("0", "quality", "0.01"),
        ("", "quality", "请输入金额，例如 12.50"),
        ("一块", "quality", "金额"),
        ("1", "no_reason", "请选择原因"),
    ],
)
async def test_an_impossible_part_claims_nothing(
    lin: Shopper, amount: str, reason: str, told: str
) -> None:
    bought = received_order(lin.member_id, product=make_product(price_fen=3333), quantity=3)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, kind="part", amount=amount, reason=reason)
    assert refused.status == 422
    assert told in refused.text
    assert AfterSale.select().count() == 0
    assert OrderLine.get().claimed_fen == 0


async def test_what_has_not_left_is_refunded_by_pieces_only(lin: Shopper) -> None:
    bought = paid_order(lin.member_id, quantity=2)
    assert "退部分金额" not in (await lin.get(address(bought))).text
    fields = await form_of(lin, bought)
    await lin.post(PATH, fields, kind="part", amount="1", reason="late", quantity="1")
    assert [line.quantity for line in AfterSaleLine.select()] == [1]


async def test_the_same_tap_twice_is_one_case(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    first = await lin.post(PATH, fields, reason="late")
    second = await lin.post(PATH, fields, reason="late")
    assert first.location == second.location != ""
    assert AfterSale.select().count() == 1
    other = await lin.post(PATH, fields, reason="other")
    assert other.location == first.location
    assert AfterSale.select().count() == 1


async def test_an_unshipped_order_goes_back_whole_with_its_freight(lin: Shopper) -> None:
    items = [(make_product(price_fen=1000).sku_id, 1), (make_product(price_fen=500).sku_id, 2)]
    bought = paid_order(lin.member_id, items=items)
    seen = await lin.get(f"{PATH}?order={bought.order_no}")
    assert "含运费 ¥10.00" in seen.text
    asked = [r for r in REASONS if f'value="{r}"' in seen.text]
    assert asked == ["not_wanted", "late", "other"]  # nothing has come that could be broken
    done = await lin.post(PATH, seen.fields(PATH), reason="not_wanted")
    case = AfterSale.get()
    assert done.location.endswith(case.case_no)
    assert (case.goods_fen, case.freight_fen) == (2000, 1000)
    assert AfterSaleLine.select().count() == 2
    page = await lin.get(f"/m/orders/{bought.order_no}")
    assert "售后处理中" in page.text


async def test_a_shipped_order_has_no_whole_refund(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    seen = await lin.get(f"{PATH}?order={bought.order_no}")
    assert seen.location == f"/m/orders/{bought.order_no}"
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, line=None, reason="other")
    assert refused.status == 409
    assert AfterSale.select().count() == 0


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "x", "4", "9" * 40])
async def test_an_impossible_quantity_claims_nothing(lin: Shopper, quantity: str) -> None:
    bought = shipped_order(lin.member_id, quantity=3)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, quantity=quantity, reason="other")
    assert refused.status == 422
    assert AfterSale.select().count() == 0
    assert OrderLine.get().claimed == 0


async def test_another_s_line_order_and_case_are_not_found(lin: Shopper, wang: Shopper) -> None:
    mine, theirs = shipped_order(lin.member_id), shipped_order(wang.member_id)
    assert (await lin.get(address(theirs))).status == 404
    fields = await form_of(lin, mine)
    stolen = await lin.post(PATH, fields, order=theirs.order_no, reason="other")
    assert stolen.status == 404
    crossed = await lin.post(PATH, fields, line=str(theirs.line_ids[0]), reason="other")
    assert crossed.status == 404
    assert AfterSale.select().count() == 0
    await wang.post(PATH, await form_of(wang, theirs), reason="other")
    case = AfterSale.get()
    assert (await lin.get(f"/m/aftersales/{case.case_no}")).status == 404
    assert (await lin.post(f"/m/aftersales/{case.case_no}/withdraw")).status == 404
    sent = await lin.post(f"/m/aftersales/{case.case_no}/send-back", company="顺丰速运",
                          tracking_no="SF12345")  # fmt: skip
    assert sent.status == 404
    assert AfterSale.get().state == "requested"
    assert case.case_no not in (await lin.get("/m/aftersales")).text


async def test_a_wrong_token_opens_nothing(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, reason="other", _csrf="x")
    assert refused.status == 403
    assert AfterSale.select().count() == 0


async def test_damage_needs_a_photo_and_keeps_it_over_mistakes(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields = await form_of(lin, bought)
    refused = await lin.post(PATH, fields, reason="damaged", note="裂纹")
    assert refused.status == 422
    assert "请至少上传一张照片" in refused.text
    without = await lin.post(
        PATH, [*refused.fields(PATH), ("photos", photo(1)), ("photos", b"no picture")],
        reason="damaged",
    )  # fmt: skip
    assert without.status == 422
    assert "这张图片打不开" in without.text
    assert AfterSale.select().count() == 0
    kept = dict(without.fields(PATH))
    assert kept["photo"] == Picture.get().digest
    assert (kept["note"], kept["reason"]) == ("裂纹", "damaged")
    done = await lin.post(PATH, without.fields(PATH))
    assert done.status == 303
    assert AfterSale.get().pictures == [Picture.get().digest]
    assert Picture.get().digest in (await lin.get(done.location)).text


async def test_no_more_than_six_photos_and_none_made_up(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields: list[tuple[str, Any]] = [*await form_of(lin, bought), ("photo", "f" * 64)]
    fields += [("photos", photo(shade)) for shade in range(7)]
    refused = await lin.post(PATH, fields, reason="damaged")
    assert refused.status == 422
    assert "最多上传 6 张照片" in refused.text
    kept = [value for name, value in refused.fields(PATH) if name == "photo"]
    assert len(kept) <= 6
    assert "f" * 64 not in kept


async def test_without_a_script_the_sum_is_worked_out_again(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id, product=make_product(price_fen=5000), quantity=4)
    fields = await form_of(lin, bought)
    shown = await lin.post(PATH, fields, quantity="3", do="sum")
    assert shown.status == 200
    assert '<small class="yen">¥</small>150</span>' in shown.text
    assert dict(shown.fields(PATH))["quantity"] == "3"
    assert AfterSale.select().count() == 0


async def test_withdrawn_is_free_to_ask_again(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    done = await lin.post(PATH, await form_of(lin, bought), reason="other")
    back = await lin.post(f"{done.location}/withdraw")
    assert back.location == done.location
    assert AfterSale.get().state == "withdrawn"
    assert OrderLine.get().claimed == 0
    assert (await lin.post(f"{done.location}/withdraw")).status == 409
    assert (await lin.post(PATH, await form_of(lin, bought), reason="other")).status == 303


async def test_goods_go_back_with_a_readable_number(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    fields = await form_of(lin, bought)
    done = await lin.post(PATH, fields, kind="return", reason="no_reason")
    context.actor.set("staff:1")
    aftersales.approve_case(AfterSale.get().id, "寄到酒城大道 88 号")
    page = await lin.get(done.location)
    assert "寄到酒城大道 88 号" in page.text
    action = f"{done.location}/send-back"
    refused = await lin.post(action, page.fields(action), company="顺丰速运", tracking_no="SF!")
    assert refused.status == 422
    assert 'id="e-tracking_no"' in refused.text
    assert AfterSale.get().state == "approved"
    sent = await lin.post(action, company="顺丰速运", tracking_no="SF 1234 5678")
    assert sent.status == 303
    assert AfterSale.get().return_tracking_no == "SF12345678"


async def test_what_is_wholly_claimed_says_so(lin: Shopper) -> None:
    bought = shipped_order(lin.member_id)
    await lin.post(PATH, await form_of(lin, bought), reason="other")
    seen = await lin.get(address(bought))
    assert "已全部申请过售后" in seen.text
    assert f'action="{PATH}"' not in seen.text


async def test_the_rush_of_one_person_is_slowed_down(
    lin: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_h5.aftersales.ASKS_A_MINUTE", 2)
    bought = shipped_order(lin.member_id)
    fields = await form_of(lin, bought)
    answers = [(await lin.post(PATH, fields)).status for _ in range(6)]
    assert answers[0] == 422
    assert answers.count(429) >= 2  # the minute may turn once
    assert AfterSale.select().count() == 0


async def test_the_case_says_where_to_send_the_goods(lin: Shopper) -> None:
    bought = received_order(lin.member_id)
    case_no = aftersales.request_case(
        CaseForm(lin.member_id, bought.order_no, "return", ((bought.line_ids[0], 1),), "other")
    )["case_no"]
    aftersales.approve_case(AfterSale.get().id, "")
    page = await lin.get(f"/m/aftersales/{case_no}")
    assert "退货地址请致电" in page.text
    settings.change(settings.Returns, {"receiver": "售后部", "address": "泸州市江阳区 1 号仓"})
    page = await lin.get(f"/m/aftersales/{case_no}")
    assert "请妥善包装后寄回：售后部 泸州市江阳区 1 号仓" in page.text
