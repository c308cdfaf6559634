"""全站查找: each number leads to its page, for those who may see that page."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from admin.search import KINDS
from domain import catalog, orders, promotions
from domain.orders import ShipForm
from domain.payouts import payees
from domain.staff import rules
from models import (
    AfterSale,
    Distributor,
    Member,
    Order,
    Parcel,
    Payee,
    Payment,
    PayoutBill,
    Refund,
    ServiceTicket,
    Sku,
    Withdrawal,
)
from tests.face.desk import Desk, hire
from tests.face.shop_with_data import Shop
from tests.factories.bills import make_difference
from tests.factories.distribution import ID_NUMBER
from tests.factories.members import make_address, make_member
from tests.factories.orders import paid_order, placed_order
from tests.harness.markup import is_nowhere, texts_of
from tests.queries import counted

FEW_QUERIES = 80


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _spellings(number: str) -> tuple[str, ...]:
    """As it may be pasted: full width, invisible characters, spaces, small letters."""
    return (
        number, _wide(number), f"\ufeff{number}\u2069", f"{number[:3]}\u200b{number[3:]}",
        f" {number[:4]} {number[4:]} ", number.lower(),
    )  # fmt: skip


async def _place(desk: Desk, words: str) -> str:
    """The address that a search leads to, or the titles of its groups of hits."""
    status, text = await desk.get(f"/admin/search?q={quote(words)}")
    return text if status == 303 else "、".join(texts_of(text, ".card-head h2"))


async def _leads_to(desk: Desk, words: str, address: str) -> None:
    answer = await desk.client.get(
        f"/admin/search?q={quote(words)}", headers=desk._headers(), allow_redirects=False
    )
    assert answer.status == 303, (words, texts_of(await answer.text(), "main"))
    assert answer.headers["Location"] == address, words


@pytest.mark.row("B7", "C6")
async def test_every_number_of_the_shop_opens_its_page(desk: Desk, shop: Shop) -> None:
    """Only order numbers were found, and not with an invisible character inside."""
    order = Order.get_by_id(shop.order.order_id)
    page = f"/admin/orders/{order.order_no}"
    payment = Payment.get(Payment.payable_id == order.id)
    Payment.update(transaction_id="4200002345678901234567890123").where(
        Payment.id == payment.id
    ).execute()
    orders.ship_parcel(order.id, ShipForm("顺丰速运", "SF7788990011"))
    assert Parcel.select().where(Parcel.tracking_no == "SF7788990011").exists()
    refund = Refund.create(
        payment=payment.id, cause="late", out_refund_no="REF2611300000000000AB",
        refund_id="50300001234567890123456789", amount_fen=1, total_fen=1, reason="退",
        created_at=payment.created_at,
    )  # fmt: skip
    case = AfterSale.get_by_id(shop.case_id)
    AfterSale.update(return_tracking_no="YT1234567890").where(AfterSale.id == case.id).execute()
    ticket = ServiceTicket.get(ServiceTicket.ticket_no == shop.ticket_no)
    withdrawal = Withdrawal.get_by_id(shop.withdrawal_id)
    payee = Payee.get(Payee.owner_id == withdrawal.member_id)
    PayoutBill.create(
        source="commission", source_id=withdrawal.id, payee=payee.id, made_at=payment.created_at,
        out_bill_no=withdrawal.out_bill_no, transfer_bill_no="1330000071100999991182020050",
    )  # fmt: skip
    seller = Distributor.get(Distributor.member == shop.distributor_id)
    difference = make_difference("PAY26113099NOTOURS")
    Sku.update(code="CN-52-500").where(Sku.id == shop.sku_id).execute()
    numbers = {
        order.order_no: page,
        payment.out_trade_no: page,
        "4200002345678901234567890123": page,
        "SF7788990011": page,
        refund.out_refund_no: page,
        "50300001234567890123456789": page,
        case.case_no: f"/admin/aftersales/{case.id}",
        "YT1234567890": f"/admin/aftersales/{case.id}",
        ticket.ticket_no: f"/admin/tickets/{ticket.ticket_no}",
        withdrawal.out_bill_no: f"/admin/withdrawals/{withdrawal.id}",
        "1330000071100999991182020050": f"/admin/withdrawals/{withdrawal.id}",
        "PAY26113099NOTOURS": f"/admin/reconcile/differences/{difference}",
        seller.referral_code: f"/admin/distributors/{seller.member_id}",
    }
    for number, address in numbers.items():
        for words in _spellings(number):
            await _leads_to(desk, words, address)
    for words in ("CN-52-500", "ＣＮ－52－500".replace("－", "-")):
        await _leads_to(desk, words, f"/admin/products/{shop.product_id}")


@pytest.mark.row("B7", "C6")
async def test_people_are_found_by_phone_name_and_number(desk: Desk, shop: Shop) -> None:
    buyer = Member.get_by_id(shop.customer_id)
    found = await _place(desk, buyer.public_no)
    assert found == "订单、会员"
    for phone in (
        "13800138000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "１３８００１３８０００",
        "138\u200b0013\u20698000",
    ):
        assert await _place(desk, phone) == "订单、会员", phone
    assert await _place(desk, "13900139000") == ""
    assert await _place(desk, "13811118000") == ""  # the same first three and last four
    assert await _place(desk, "林小山") == "订单、分销商、会员"
    assert await _place(desk, "林小满") == ""  # the same mask
    assert await _place(desk, "小王") == "会员"
    assert await _place(desk, "阿慧") == "分销商、会员"
    await _leads_to(desk, "阿慧推荐", f"/admin/distributors/{shop.distributor_id}")
    assert await _place(desk, "阿慧推") == ""


@pytest.mark.row("B7", "C6")
@pytest.mark.parametrize(
    "typed",
    ["林小山", " 林 小山 ", "林\u200b小\u2069山", "\ufeff林小山", "林·小山", "林\u3000小山"],
)
async def test_a_name_is_found_however_it_is_spaced(desk: Desk, shop: Shop, typed: str) -> None:
    _, page = await desk.get(f"/admin/search?q={quote(typed)}")
    assert texts_of(page, ".card-head h2") == ["订单", "分销商", "会员"]
    assert "林小山" not in texts_of(page, ".hits li")


async def test_two_people_with_one_name_are_both_found_and_parts_are_not(desk: Desk) -> None:
    bought = []
    for phone in ("13912340001", "13912340002"):
        member = make_member("买家")
        make_address(member, name="欧阳·娜娜", phone=phone)
        bought.append(placed_order(member))
    _, page = await desk.get(f"/admin/search?q={quote('欧阳娜娜')}")
    found = " ".join(texts_of(page, ".hits li"))
    for each in bought:
        assert each.order_no in found
        assert Member.get_by_id(each.member_id).public_no in found
    for part in ("欧阳", "娜娜", "欧阳娜", "1391234"):
        assert await _place(desk, part) == "", part
    assert await _place(desk, "13912340002") == "订单、会员"


@pytest.mark.row("B7", "C6")
async def test_promotions_are_found_by_a_part_and_approvals_by_number(
    desk: Desk, shop: Shop
) -> None:
    title = promotions.offer_detail(shop.offer_id).form.title
    for words in (title, title[1:], f" {title}\u200b"):
        await _leads_to(desk, words, f"/admin/offers/{shop.offer_id}")
    for words in ("审批 1", "审批1", "审批编号１", "审批\u200b 1", "No.1"):
        await _leads_to(desk, words, f"/admin/approvals/{shop.proposal_id}")
    for words in (f"订单 {shop.order.order_no}", f"单号：{shop.order.order_no}"):
        await _leads_to(desk, words, f"/admin/orders/{shop.order.order_no}")
    for words in ("#1", "1", "编号1"):
        assert "审批" in await _place(desk, words), words
    assert await _place(desk, "审批 99") == ""


async def test_a_real_name_leads_to_the_distributor(desk: Desk, shop: Shop) -> None:
    payees.save_identity(shop.distributor_id, "欧阳慧", ID_NUMBER)
    await _leads_to(desk, "欧 阳慧", f"/admin/distributors/{shop.distributor_id}")


async def test_a_stranger_is_led_to_the_sign_in(desk: Desk, shop: Shop) -> None:
    answer = await desk.client.get(f"/admin/search?q={shop.order.order_no}", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/admin/sign-in")


async def test_titles_and_campaigns_are_found_by_a_part(desk: Desk, shop: Shop) -> None:
    await _leads_to(desk, "小泉", next(
        f"/admin/products/{each.id}" for each in catalog.list_products(words="小泉")
    ))  # fmt: skip
    await _leads_to(desk, "上新", f"/admin/push/{shop.campaign_id}")


async def test_hits_are_grouped_by_kind_and_have_masked_details(desk: Desk, shop: Shop) -> None:
    _, page = await desk.get(f"/admin/search?q={shop.order.order_no[:4]}")
    assert texts_of(page, ".card-head h2") == ["订单"]
    hits = " ".join(texts_of(page, ".hits li"))
    for shown in ("林*", "138****8000", "¥"):
        assert shown in hits
    assert is_nowhere(page, "13800138000")


@pytest.mark.parametrize(
    "words", ["", "   ", "\u200b", "没有这样的", "x" * 300, "%", "_", "'\"\\"]
)
async def test_a_search_without_hits_says_what_can_be_searched(desk: Desk, words: str) -> None:
    status, page = await desk.get(f"/admin/search?q={quote(words)}")
    assert status == 200
    assert len(texts_of(page, ".empty h2")) == 1


async def test_a_kind_is_not_searched_without_its_right(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch, db: object
) -> None:
    """Neither a hit nor the number of queries shows that something exists."""
    numbers = [
        shop.order.order_no, AfterSale.get().case_no, shop.ticket_no, Withdrawal.get().out_bill_no,
        Payment.get().out_trade_no, Member.get_by_id(shop.customer_id).public_no, "陈酿", "阿慧",
        "林小山", "13800138000", "审批 1", promotions.offer_detail(shop.offer_id).form.title,
    ]  # fmt: skip
    monkeypatch.setitem(rules.ROLES, "looks", frozenset({"today.see"}))
    hire("looks", "looks")
    desk.sign_in("looks")
    await desk.get("/admin/search?q=once")
    seen = []
    for number in (*numbers, "没有这样的单号"):
        with counted(db) as queries:
            status, page = await desk.get(f"/admin/search?q={quote(number)}")
        assert (status, texts_of(page, ".empty h2")) == (200, ["没有找到"])
        seen.append(len(queries))
    assert len(set(seen)) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
async def test_each_kind_needs_its_own_right(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: object
) -> None:
    right = kind.right  # type: ignore[attr-defined]
    monkeypatch.setitem(rules.ROLES, "looks", frozenset({"today.see", right}))
    hire("looks", "looks")
    desk.sign_in("looks")
    names = {each.title for each in KINDS if each.right == right}
    for words in ("陈酿", "阿慧", shop.order.order_no[:4], "上新", shop.ticket_no[:2]):
        status, page = await desk.get(f"/admin/search?q={quote(words)}")
        assert status in (200, 303)
        assert set(texts_of(page, ".card-head h2")) <= names


async def test_a_search_makes_few_queries(desk: Desk, shop: Shop, db: object) -> None:
    for _ in range(12):
        paid_order(shop.customer_id)
    for words in (shop.order.order_no[:4], "13800138000", "陈酿", "没有"):
        with counted(db) as queries:
            await desk.get(f"/admin/search?q={quote(words)}")
        assert len(queries) <= FEW_QUERIES, (words, len(queries))


@pytest.mark.row("B7")
async def test_lists_find_the_numbers_of_their_kind(desk: Desk, shop: Shop) -> None:
    case = AfterSale.get_by_id(shop.case_id)
    withdrawal = Withdrawal.get_by_id(shop.withdrawal_id)
    payment = Payment.get(Payment.payable_id == shop.order.order_id)
    Refund.create(
        payment=payment.id, cause="late", out_refund_no="REF2611300000000000AB", amount_fen=1,
        refund_id="50300001234567890123456789", total_fen=1, reason="退",
        created_at=payment.created_at,
    )  # fmt: skip
    asked = {
        ("aftersales", case.case_no): case.case_no,
        ("aftersales", shop.shipped.order_no): case.case_no,
        ("refunds", "REF2611300000000000AB"): "REF2611300000000000AB",
        ("refunds", "50300001234567890123456789"): "REF2611300000000000AB",
        ("refunds", payment.out_trade_no): "REF2611300000000000AB",
        ("refunds", shop.order.order_no): "REF2611300000000000AB",
        ("withdrawals", withdrawal.out_bill_no): withdrawal.out_bill_no,
        ("tickets", shop.ticket_no): shop.ticket_no,
    }
    for (path, number), wanted in asked.items():
        for words in _spellings(number):
            _, page = await desk.get(f"/admin/{path}?q={quote(words)}")
            assert wanted in " ".join(texts_of(page, "tbody td")), (path, words)
        _, page = await desk.get(f"/admin/{path}?q=NOSUCHNUMBER1")
        assert texts_of(page, "#list .empty h2") == ["没有符合条件的记录"], path
