"""The check of orders and stock against their rows finds a change in each kind of row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from admin.fault_words import CHECKUP, TROUBLES, trouble_lines
from app.wiring import subscribe_all
from domain import aftersales, overview, payments
from domain.aftersales import CaseForm
from domain.payments.ports import RefundResult, RefundState
from domain.payments.refunds import settle_refund
from kernel.store import Store
from models import (
    AfterSale,
    AfterSaleLine,
    LedgerTransfer,
    Order,
    OrderLine,
    OrderTake,
    ParcelLine,
    Payment,
    Refund,
    Sku,
    StockMove,
)
from tests.factories.catalog import make_product
from tests.factories.orders import Bought, paid_order, placed_order, ship_all, shipped_order


@pytest.fixture
def wired_store(store: Store) -> Store:
    """A store with all domains subscribed to events."""
    subscribe_all()
    return store


def _given_back(bought: Bought) -> None:
    """Cancel one of the two pieces before it was shipped, and refund it."""
    form = CaseForm(
        bought.member_id,
        bought.order_no,
        "refund_only",
        ((bought.line_ids[0], 1),),
        "not_wanted",
    )
    case_id = int(aftersales.request_case(form)["case_id"])
    aftersales.approve_case(case_id)
    for refund in payments.refunds_of_case(case_id):
        result = RefundResult(
            RefundState.SUCCESS, refund.out_refund_no, refund_fen=refund.amount_fen, currency="CNY"
        )
        assert settle_refund(result) == "booked"


@pytest.fixture
def bought(wired_store: Store) -> Bought:
    """An order of two pieces: one was refunded unshipped, the other was shipped."""
    made = paid_order(quantity=2, product=make_product(price_fen=10_000, stock=10))
    _given_back(made)
    ship_all(made)
    placed_order()
    shipped_order()
    return made


async def test_a_shop_with_consistent_rows_has_no_findings(
    wired_store: Store, bought: Bought
) -> None:
    assert await overview.check_orders(wired_store) == []
    assert await overview.check_stock(wired_store) == []
    assert OrderTake.select().count() == 1


Tamper = Callable[[Bought], Any]
TAMPERED: list[tuple[str, Tamper]] = [
    ("order_paid", lambda b: _order(b, paid_fen=1)),
    ("order_state", lambda b: _order(b, state="refunded")),
    ("order_lines", lambda b: _order(b, payable_fen=Order.payable_fen + 1)),
    ("order_lines", lambda b: _line(b, paid_fen=OrderLine.paid_fen + 1)),
    ("order_refunded", lambda b: _order(b, refunded_fen=Order.refunded_fen + 1)),
    ("order_refunded", lambda b: _of(Refund, b, state="processing")),
    ("order_payment", lambda b: _of(Payment, b, received_fen=Payment.received_fen + 1)),
    ("order_refunding", lambda b: _of(Payment, b, refunding_fen=0)),
    ("order_stray", lambda b: _of(Refund, b, cause="late")),
    ("order_booked", lambda b: _entry("payment").execute()),
    ("order_booked", lambda b: _entry("refund").execute()),
    ("order_cases", lambda b: _order(b, open_cases=1)),
    ("order_cases", lambda b: AfterSaleLine.update(goods_fen=1).execute()),
    ("order_cases", lambda b: _of(AfterSale, b, state="rejected")),
    ("order_shipped", lambda b: ParcelLine.delete().execute()),
    ("order_stock", lambda b: OrderTake.delete().execute()),
    ("order_stock", lambda b: _line(b, restocked=0)),
]


def _order(bought: Bought, **values: Any) -> None:
    Order.update(**values).where(Order.id == bought.order_id).execute()


def _line(bought: Bought, **values: Any) -> None:
    OrderLine.update(**values).where(OrderLine.order == bought.order_id).execute()


def _of(table: Any, bought: Bought, **values: Any) -> None:
    payments = Payment.select(Payment.id).where(Payment.payable_id == bought.order_id)
    mine = {
        Payment: lambda: Payment.payable_id == bought.order_id,
        Refund: lambda: Refund.payment.in_(payments),
    }.get(table, lambda: table.order == bought.order_id)
    assert table.update(**values).where(mine()).execute() == 1


def _entry(source: str) -> Any:
    return LedgerTransfer.delete().where(LedgerTransfer.source_type == source)


@pytest.mark.parametrize(("code", "tamper"), TAMPERED)
async def test_a_changed_row_of_an_order_is_named(
    wired_store: Store, bought: Bought, code: str, tamper: Tamper
) -> None:
    tamper(bought)
    found = await overview.check_orders(wired_store)
    assert (code, bought.order_no) in {(each.code, each.no) for each in found}


@pytest.mark.parametrize(
    ("code", "tamper"),
    [
        ("stock_sum", lambda: Sku.update(stock=Sku.stock + 1)),
        ("stock_sum", lambda: StockMove.delete().where(StockMove.reason == "initial")),
        ("stock_held", lambda: Sku.update(held=Sku.held + 1, stock=Sku.stock - 1)),
        ("stock_sold", lambda: Sku.update(sold=Sku.sold + 1, stock=Sku.stock - 1)),
        ("stock_sold", lambda: OrderLine.update(quantity=OrderLine.quantity + 1)),
        ("stock_sold", lambda: StockMove.delete().where(StockMove.reason == "return")),
    ],
)
async def test_changed_stock_is_named(
    wired_store: Store, bought: Bought, code: str, tamper: Callable[[], Any]
) -> None:
    tamper().execute()
    found = await overview.check_stock(wired_store)
    assert (code, str(bought.product.sku_id)) in {(each.code, each.no) for each in found}


async def test_a_finding_is_shown_on_the_first_page_until_it_is_repaired(
    wired_store: Store, bought: Bought
) -> None:
    Sku.update(stock=Sku.stock + 1).where(Sku.id == bought.product.sku_id).execute()
    _order(bought, paid_fen=1)
    store = wired_store
    for _ in range(2):
        found = await overview.check_orders(store), await overview.check_stock(store)
        await store.write(overview.store_findings, *found)
    troubles = await store.read(overview.list_troubles)
    told = [each.text for each in trouble_lines(troubles, {}, lambda _: True)]
    assert any(bought.order_no in text and "实付金额" in text for text in told), told
    assert any("与入库不符" in text and "盘点" in text for text in told), told
    Sku.update(stock=Sku.stock - 1).where(Sku.id == bought.product.sku_id).execute()
    await store.write(overview.store_findings, (), await overview.check_stock(store))
    assert not any(t.code in CHECKUP for t in await store.read(overview.list_troubles))


async def test_an_order_that_is_being_changed_is_no_finding(
    wired_store: Store, bought: Bought, monkeypatch: pytest.MonkeyPatch
) -> None:
    _order(bought, open_cases=1)
    report = wired_store.report
    looks: list[str] = []

    async def mended_meanwhile(fn: Any, *args: Any) -> Any:
        answer = await report(fn, *args)
        looks.append(fn.__name__)
        if fn.__name__ == "order_findings":
            _order(bought, open_cases=0)
        return answer

    monkeypatch.setattr(wired_store, "report", mended_meanwhile)
    assert await overview.check_orders(wired_store) == []
    assert "findings_of_numbers" in looks


def test_every_finding_has_words() -> None:
    assert set(CHECKUP) <= set(TROUBLES)
    assert {code for code, _ in TAMPERED} <= set(CHECKUP)
