"""全站查找: every number that a merchant has leads to its page, for who may see that page."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from admin.search import KINDS
from domain import catalog, orders
from domain.orders import ShipForm
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
from tests.factories.orders import paid_order
from tests.harness.markup import texts_of
from tests.queries import counted

FEW_QUERIES = 80


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _spellings(number: str) -> tuple[str, ...]:
    """As people paste it: full width, invisible characters, spaces, small letters."""
    return (
        number, _wide(number), f"\ufeff{number}\u2069", f"{number[:3]}\u200b{number[3:]}",
        f" {number[:4]} {number[4:]} ", number.lower(),
    )  # fmt: skip


async def _place(desk: Desk, words: str) -> str:
    """Where a search leads; the titles of its groups if it found several things."""
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
    """Only numbers of orders were found, and none with an invisible character in it."""
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
    ):
        assert await _place(desk, phone) == "订单", phone
    assert await _place(desk, "13900139000") == ""
    assert await _place(desk, "林小满") == "订单"
    assert await _place(desk, "小王") == "会员"
    assert await _place(desk, "阿慧") == "分销商、会员"


async def test_titles_and_campaigns_are_found_by_a_part(desk: Desk, shop: Shop) -> None:
    await _leads_to(desk, "小泉", next(
        f"/admin/products/{each.id}" for each in catalog.list_products(words="小泉")
    ))  # fmt: skip
    await _leads_to(desk, "上新", f"/admin/push/{shop.campaign_id}")


async def test_hits_stand_by_kind_with_what_tells_them_apart(desk: Desk, shop: Shop) -> None:
    _, page = await desk.get(f"/admin/search?q={shop.order.order_no[:4]}")
    assert texts_of(page, ".card-head h2") == ["订单"]
    text = " ".join(texts_of(page, ".hits li"))
    assert ("林**" in text or "林*" in text, "138****8000" in text, "¥" in text) == (True,) * 3
    assert "13800138000" not in page


@pytest.mark.parametrize(
    "words", ["", "   ", "\u200b", "没有这样的", "x" * 300, "%", "_", "'\"\\"]
)
async def test_what_is_not_there_is_said_with_what_may_be_typed(desk: Desk, words: str) -> None:
    status, page = await desk.get(f"/admin/search?q={quote(words)}")
    assert status == 200
    assert len(texts_of(page, ".empty h2")) == 1


async def test_a_kind_without_its_right_is_not_even_looked_for(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch, db: object
) -> None:
    """No hit, no count and no query tells that there is something."""
    numbers = [
        shop.order.order_no, AfterSale.get().case_no, shop.ticket_no, Withdrawal.get().out_bill_no,
        Payment.get().out_trade_no, Member.get_by_id(shop.customer_id).public_no, "陈酿", "阿慧",
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


async def test_a_search_asks_few_questions(desk: Desk, shop: Shop, db: object) -> None:
    for _ in range(12):
        paid_order(shop.customer_id)
    for words in (shop.order.order_no[:4], "13800138000", "陈酿", "没有"):
        with counted(db) as queries:
            await desk.get(f"/admin/search?q={quote(words)}")
        assert len(queries) <= FEW_QUERIES, (words, len(queries))


@pytest.mark.row("B7")
async def test_lists_know_the_numbers_of_their_kind(desk: Desk, shop: Shop) -> None:
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
