"""Goods, orders, distribution and payouts: each step on the pages is done once and logged."""

from __future__ import annotations

import io

import pytest
from aiohttp import FormData
from PIL import Image

from domain import catalog, distribution, payouts, settings
from domain.aftersales import queries as cases
from domain.payments.refunds import refund_failed
from kernel.faults import Fault
from kernel.web.browsers import Browser
from models import (
    CommissionRule,
    Parcel,
    Product,
    Refund,
    Sku,
    Withdrawal,
)
from tests.face.desk import COOKIE, Desk, hire, who_did
from tests.face.shop_with_data import Shop
from tests.factories.catalog import make_category, make_product
from tests.factories.distribution import (
    earn,
    make_distributor,
    ready_for_payouts,
)
from tests.factories.members import make_member
from tests.factories.orders import paid_order
from tests.harness.markup import (
    errors_of,
    facts_of,
    fields_of,
    is_nowhere,
    lines_of,
    texts_of,
    values_of,
    words_of,
)

PRODUCT = {
    "title": "桂花露酒", "subtitle": "", "strength": "18%vol", "tags": "露酒，送礼",
    "description": "桂花", "usage": "", "is_liquor": "1", "position": "3",
}  # fmt: skip


def idem(n: int = 1) -> str:
    """A form's one-time key."""
    return f"one-time-key-{n:04d}"


# ---------- goods ----------


@pytest.mark.row("B3")
async def test_a_product_is_created_changed_priced_and_put_on_the_shelf(desk: Desk) -> None:
    shelf = str(make_category("露酒"))
    sku = {"price": "128.5", "stock": "40", "spec_text": "375ml", "low_stock": "5"}
    status, place = await desk.post("/admin/products/new", **PRODUCT, **sku, category_id=shelf)
    assert status == 303
    product_id = int(place.rsplit("/", 1)[1])
    sheet = catalog.product_detail_for_merchant(product_id)
    assert (sheet.state, sheet.form.tags) == ("draft", ("露酒", "送礼"))
    assert sheet.skus[0].form.price_fen == 12850
    changed = PRODUCT | {"title": "桂花露酒 二版", "version": str(sheet.version)}
    done = await desk.post(f"/admin/products/{product_id}", **changed, category_id=shelf)
    assert done[0] == 303
    late = await desk.post(f"/admin/products/{product_id}", **changed, category_id=shelf)
    assert late[0] == 422
    assert "别人修改过" in lines_of(late[1], ".errors li")
    await desk.post(
        f"/admin/products/{product_id}/skus/{sheet.skus[0].id}", **sku | {"price": "99"}
    )
    prices = [p.price_fen for p in catalog.list_prices(sheet.skus[0].id)]
    assert prices == [9900, 12850]
    await desk.post(f"/admin/products/{product_id}/state", event="put_on_shelf")
    assert Product.get_by_id(product_id).state == "on_shelf"
    assert who_did("product.put_on_shelf") == "staff:boss"


async def test_a_refused_product_keeps_what_was_typed(desk: Desk) -> None:
    values = PRODUCT | {"title": "", "price": "abc", "stock": "1", "category_id": "9999"}
    status, page = await desk.post("/admin/products/new", **values)
    assert status == 422
    errors = errors_of(page)
    assert errors["title"] == "请填写此项"
    assert "请输入金额" in errors["price"]
    assert fields_of(page, "/admin/products/new")["strength"] == "18%vol"
    assert Product.select().count() == 0


async def test_a_specification_is_not_changed_through_another_product(desk: Desk) -> None:
    mine, other = make_product("甲"), make_product("乙")
    path = f"/admin/products/{mine.product_id}/skus/{other.sku_id}"
    await desk.post(path, price="1", spec_text="x")
    assert "规格" in await desk.said()
    assert Sku.get_by_id(other.sku_id).price_fen == 29800


@pytest.mark.row("B3")
async def test_pictures_are_uploaded_ordered_and_removed(desk: Desk) -> None:
    product = make_product()
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie)})
    for n, color in enumerate(("red", "green", "blue")):
        out = io.BytesIO()
        Image.new("RGB", (900, 600), color).save(out, "PNG")
        form.add_field("pictures", out.getvalue(), filename=f"{n}.png")
    url = f"/admin/products/{product.product_id}/pictures"
    answer = await desk.client.post(
        url, data=form, headers={"Cookie": f"{COOKIE}={desk.cookie}"}, allow_redirects=False
    )
    assert answer.status == 303
    first, second, third = [i for i, _ in catalog.list_product_pictures(product.product_id)]
    await desk.post(f"{url}/order", picture=str(third), move="first")
    await desk.post(f"{url}/order", picture=str(second), move="remove")
    assert [i for i, _ in catalog.list_product_pictures(product.product_id)] == [third, first]


async def test_a_text_file_is_not_accepted_as_a_picture(desk: Desk) -> None:
    product = make_product()
    form = FormData({"_csrf": Browser.csrf_of(desk.cookie)})
    form.add_field("pictures", b"hello", filename="a.png")
    await desk.client.post(
        f"/admin/products/{product.product_id}/pictures", data=form,
        headers={"Cookie": f"{COOKIE}={desk.cookie}"}, allow_redirects=False,
    )  # fmt: skip
    assert "打不开" in await desk.said()
    assert catalog.list_product_pictures(product.product_id) == []


@pytest.mark.row("B4")
async def test_stock_is_adjusted_with_a_reason(desk: Desk) -> None:
    product = make_product(stock=3)
    await desk.post(f"/admin/stock/{product.sku_id}", delta="24", why="到货")
    assert Sku.get_by_id(product.sku_id).stock == 27
    await desk.post(f"/admin/stock/{product.sku_id}", delta="-28", why="报损")
    assert "库存不足，现有 27 件" in await desk.said()
    await desk.post(f"/admin/stock/{product.sku_id}", delta="5", why="")
    assert Sku.get_by_id(product.sku_id).stock == 27


# ---------- orders ----------


@pytest.mark.row("B6")
async def test_an_order_is_shipped_in_two_parcels_each_once(desk: Desk) -> None:
    bought = paid_order(quantity=3)
    url, line = f"/admin/orders/{bought.order_no}", bought.line_ids[0]
    parcel = {"company": "顺丰速运", "tracking_no": "sf 1234567", "_idem": idem()}
    for _ in range(2):  # the same request twice is one parcel
        await desk.post(f"{url}/ship", **parcel, **{f"n{line}": "2"})
    assert Parcel.select().count() == 1
    assert bought.row.state == "partly_shipped"
    too_many = {"company": "中通快递", "tracking_no": "ZT7654321", "_idem": idem(2)}
    status, page = await desk.post(f"{url}/ship", **too_many, **{f"n{line}": "2"})
    assert status == 422
    assert "超过可发数量，最多 1 件" in words_of(page, ".notice-bad")
    await desk.post(f"{url}/ship", **too_many | {"_idem": idem(3)}, **{f"n{line}": "1"})
    assert bought.row.state == "shipped"
    assert [p.tracking_no for p in Parcel.select()] == ["SF1234567", "ZT7654321"]


@pytest.mark.row("B9")
async def test_the_full_address_is_shown_only_on_request_and_is_logged(desk: Desk) -> None:
    bought = paid_order()
    url = f"/admin/orders/{bought.order_no}"
    _, page = await desk.get(url)
    assert is_nowhere(page, "13800138000")
    status, page = await desk.post(f"{url}/address")
    assert status == 200
    assert facts_of(page)["电话"] == "13800138000"
    assert who_did("order.address") == "staff:boss"


async def test_a_refund_needs_its_word_and_is_made_once(desk: Desk) -> None:
    bought = paid_order(quantity=2)
    url, line = f"/admin/orders/{bought.order_no}/refund", bought.line_ids[0]
    part = {"scope": "part", f"q{line}": "1", "reason": "少发一瓶", "_idem": idem()}
    await desk.post(url, **part, _typed="退")
    assert Refund.select().count() == 0
    for _ in range(2):
        await desk.post(url, **part, _typed="退款", _seen="29800")
        assert await desk.said() == "退款 ¥298.00 已发起，结果以微信支付为准"
    assert [r.amount_fen for r in Refund.select()] == [29800]
    await desk.post_seen(url, scope="all", reason="全部退", _typed="退款", _idem=idem(2))
    assert sum(r.amount_fen for r in Refund.select()) == bought.payable_fen
    assert who_did("refund.begin") == "staff:boss"


async def test_an_amount_is_refunded_for_one_line_without_its_goods(desk: Desk) -> None:
    bought = paid_order()
    url, line = f"/admin/orders/{bought.order_no}/refund", bought.line_ids[0]
    form = {"scope": "part", f"money{line}": "0", "amount": "12.30", "reason": "补差价"}
    await desk.post_seen(url, **form, _typed="退款", _idem=idem())
    assert [r.amount_fen for r in Refund.select()] == [1230]
    await desk.post_seen(url, scope="part", reason="什么也没选", _typed="退款", _idem=idem(2))
    assert Refund.select().count() == 1


async def test_a_case_is_rejected_only_with_its_word_and_approved(desk: Desk, shop: Shop) -> None:
    url = f"/admin/aftersales/{shop.case_id}"
    await desk.post(f"{url}/reject", reason="不符合", _typed="")
    assert cases.case_detail_for_merchant(shop.case_id).state == "requested"
    await desk.post_seen(f"{url}/approve", note="好的")
    case = cases.case_detail_for_merchant(shop.case_id)
    assert (case.state, case.decided_by) == ("refunding", "staff:boss")
    assert who_did("case.approve") == "staff:boss"


async def test_an_abnormal_refund_is_settled_by_hand_with_proof(desk: Desk, shop: Shop) -> None:
    await desk.post_seen(f"/admin/aftersales/{shop.case_id}/approve", note="")
    refund = Refund.select().order_by(Refund.id.desc()).get()
    refund_failed(refund.id, Fault("ABNORMAL"))
    _, page = await desk.get("/admin/refunds?view=abnormal")
    assert refund.out_refund_no in lines_of(page, "#list tbody td")
    await desk.post(f"/admin/refunds/{refund.id}/settle", proof="", _typed="已退")
    assert Refund.get_by_id(refund.id).state == "abnormal"
    hire("money", "finance")
    for person in ("boss", "money"):  # above the limit a second person confirms
        assert Refund.get_by_id(refund.id).state == "abnormal"
        desk.sign_in(person)
        await desk.post(f"/admin/refunds/{refund.id}/settle", proof="银行 20261122", _typed="已退")
    assert Refund.get_by_id(refund.id).state == "settled_by_hand"
    assert cases.case_detail_for_merchant(shop.case_id).state == "settled_by_hand"


@pytest.mark.row("B7")
async def test_orders_are_found_by_number_name_and_phone_end(desk: Desk, shop: Shop) -> None:
    for words in (shop.order.order_no, "8000", "林"):
        _, page = await desk.get(f"/admin/orders?q={words}")
        assert shop.order.order_no in texts_of(page, "#list tbody a.num"), words
    _, page = await desk.get("/admin/orders?q=没有这个人")
    assert "订单号可只填开头" in words_of(page, "#list .empty")
    status, _ = await desk.get(f"/admin/search?q={shop.order.order_no}")
    assert status == 303


@pytest.mark.row("B7")
async def test_the_pages_of_the_order_list_have_no_gaps(desk: Desk) -> None:
    product = make_product(stock=100)
    buyer = make_member()
    made = [paid_order(buyer, product=product).order_no for _ in range(33)]
    seen: list[str] = []
    path: str | None = "/admin/orders"
    while path:
        _, page = await desk.get(path)
        seen += texts_of(page, "#list tbody a.num[href^='/admin/orders/']")
        path = next(iter(values_of(page, "a[rel=next]", "href")), None)
    assert seen == made[::-1]


# ---------- distribution and payouts ----------


@pytest.mark.row("A6")
async def test_an_application_is_approved_and_a_refusal_needs_a_reason(
    desk: Desk, shop: Shop
) -> None:
    url = f"/admin/distributors/{shop.applicant_id}/review"
    await desk.post(url, decision="reject", reason="")
    found = distribution.distributor(shop.applicant_id)
    assert found is not None
    assert found.state == "applied"
    await desk.post(url, decision="approve", reason="")
    found = distribution.distributor(shop.applicant_id)
    assert found is not None
    assert found.state == "active"
    assert who_did("distributor.approve") == "staff:boss"


@pytest.mark.row("A7")
async def test_a_customer_is_moved_to_another_distributor_with_a_reason(
    desk: Desk, shop: Shop
) -> None:
    settings.change(settings.Distribution, {"admission": "automatic"})
    other = make_distributor("小周")
    view = distribution.distributor(other)
    assert view is not None
    url = f"/admin/members/{shop.customer_id}/upline"
    step = {"code": view.referral_code.lower(), "reason": "登记错了"}
    await desk.post(url, **step, _typed="")
    assert distribution.upline_of(shop.customer_id) == shop.distributor_id
    await desk.post(url, **step, _typed="改绑")
    assert distribution.upline_of(shop.customer_id) == other
    _, page = await desk.get(f"/admin/members/{shop.customer_id}")
    assert "登记错了" in lines_of(page, ".timeline li")
    await desk.post(url, code="NOBODY00", reason="x", _typed="改绑")
    assert distribution.upline_of(shop.customer_id) == other


@pytest.mark.row("A9")
async def test_a_large_withdrawal_needs_two_people(desk: Desk, shop: Shop) -> None:
    hire("money", "finance")
    url = f"/admin/withdrawals/{shop.withdrawal_id}/approve"
    await desk.post(url)
    row = Withdrawal.get_by_id(shop.withdrawal_id)
    assert (row.state, row.approved_by) == ("requested", "staff:boss")
    await desk.post(url)
    assert "另一位同事" in await desk.said()
    assert Withdrawal.get_by_id(shop.withdrawal_id).state == "requested"
    desk.sign_in("money")
    await desk.post(url)
    row = Withdrawal.get_by_id(shop.withdrawal_id)
    assert (row.state, row.second_by) == ("approved", "staff:money")


async def test_a_withdrawal_is_held_released_and_rejected(desk: Desk, shop: Shop) -> None:
    url = f"/admin/withdrawals/{shop.withdrawal_id}"
    await desk.post(f"{url}/hold", do="hold", reason="核对账户")
    assert Withdrawal.get_by_id(shop.withdrawal_id).is_on_hold
    await desk.post(f"{url}/approve")
    assert "已挂起" in await desk.said()
    await desk.post(f"{url}/hold", do="unhold", reason="无误")
    await desk.post(f"{url}/reject", reason="姓名不符", _typed="驳回")
    assert Withdrawal.get_by_id(shop.withdrawal_id).state == "returned"
    assert distribution.distributor_figures(shop.distributor_id).available_fen == 30_000


async def test_payouts_are_stopped_at_once_and_resumed_with_a_code(desk: Desk, shop: Shop) -> None:
    desk.sign_in("boss", fresh=False)
    await desk.post("/admin/brakes/stop", reason="数字不对")
    assert payouts.payout_stop().is_stopped
    _, page = await desk.get("/admin/")
    assert texts_of(page, ".stop strong") == ["已全部暂停"]
    status, _ = await desk.post("/admin/brakes/resume", _typed="恢复付款")
    assert status == 403
    assert payouts.payout_stop().is_stopped
    desk.sign_in("boss")
    await desk.post("/admin/brakes/resume", _typed="恢复付款")
    assert not payouts.payout_stop().is_stopped


@pytest.mark.row("A3")
async def test_a_rule_is_added_with_percentages_and_retired(desk: Desk) -> None:
    values = {"scope": "all", "mode": "pool", "pool": "12.5", "share1": "70", "share2": "30"}
    status, _ = await desk.post("/admin/rules", **values)
    assert status == 303
    rule = CommissionRule.get()
    assert (rule.pool_bp, rule.shares, rule.by) == (1250, [70, 30], "staff:boss")
    status, page = await desk.post("/admin/rules", **values | {"pool": "120"})
    assert status == 422
    assert "0 到 100 的百分比" in errors_of(page)["pool"]
    await desk.post(f"/admin/rules/{rule.id}/retire", _typed="停")
    assert CommissionRule.get_by_id(rule.id).is_active
    await desk.post(f"/admin/rules/{rule.id}/retire", _typed="停用")
    assert not CommissionRule.get_by_id(rule.id).is_active


@pytest.mark.parametrize("missing", ["agreed", "signed_name"])
@pytest.mark.row("A4")
async def test_levels_need_both_the_name_and_the_consent(desk: Desk, missing: str) -> None:
    values = {"levels": "3", "signed_name": "陈掌柜", "agreed": "1"}
    del values[missing]
    status, _ = await desk.post("/admin/levels", **values)
    assert status == 422
    assert distribution.levels_now() == 1


@pytest.mark.row("A2", "L6")
async def test_the_payroll_list_is_exported_without_formulas(desk: Desk) -> None:
    settings.change(settings.Distribution, {"review_from_fen": 10_000_000})
    worker = make_distributor("=cmd()", payee_type="employee")
    earn(worker, 5_000)
    ready_for_payouts()
    distribution.request_withdrawal(worker, 5_000)
    desk.sign_in("boss")
    status, sheet = await desk.post("/admin/payroll/export")
    assert status == 200
    assert "'=cmd()" in sheet
    assert "50.00" in sheet
    assert who_did("payroll.export") == "staff:boss"
