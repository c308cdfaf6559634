"""Distributors, sales and refunds for tests of distribution, without going through a checkout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import distribution, ledger, payouts, settings
from domain.distribution.service import accrual, clawback
from domain.ledger import Posting, member_account, merchant_account
from kernel import clock
from models import Order, OrderLine, Product, Sku
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.numbers import next_number

ID_NUMBER = "510101199003070016"


def pass_time(**span: float) -> None:
    """Move business time forward."""
    clock.set_offset(clock.offset() + timedelta(**span))


def make_distributor(
    nickname: str = "小林", *, payee_type: str = "individual", identified: bool = True
) -> int:
    """An active distributor who can be paid, unless the arguments say otherwise."""
    member_id = make_member(nickname)
    distribution.apply_as_distributor(member_id, f"{nickname}推荐", payee_type, "v1")
    if identified:
        code = ID_NUMBER if payee_type in ("individual", "employee") else "91350100M000100Y43"
        payouts.save_identity(member_id, "林小山", code)
        if payee_type in ("sole_trader", "company"):
            payouts.save_document(member_id, "licence")
            payouts.review_payee(member_id, True, "staff:1")
    return member_id


def make_customer(upline_id: int, nickname: str = "小王", *, agreed: bool = False) -> int:
    """A distributor's customer; with ``agreed`` one whom the distributor may see."""
    member_id = make_member(nickname)
    assert distribution.bind(member_id, upline_id, cause="link", is_new=True).is_bound
    if agreed:
        shown = distribution.shown_to(member_id)
        assert shown is not None
        distribution.decide_names(member_id, shown.version, True, "v1")
    return member_id


def make_rule(*shares: int, mode: str = "levels", pool_bp: int = 0, **where: Any) -> int:
    """A commission rule for all goods, unless ``scope`` and ``target_id`` say otherwise."""
    return distribution.save_rule(
        where.get("scope", "all"),
        where.get("target_id", 0),
        where.get("grade_id"),
        mode,
        pool_bp,
        shares,
        "staff:1",
        where.get("effective_at"),
    )


def place_sale(buyer_id: int, *, paid_fen: int = 29800, quantity: int = 1, sku_id: int = 0) -> int:
    """Create an order of one line with its payable amount and commission snapshot; its id."""
    sku = Sku.get_by_id(sku_id or make_product().sku_id)
    now = clock.now()
    order = Order.create(
        order_no=f"FM{next_number('order'):08d}",
        member=buyer_id,
        goods_fen=paid_fen,
        payable_fen=paid_fen,
        sealed_address="",
        masked_address="",
        created_at=now,
        pay_by_at=now + timedelta(minutes=30),
    )
    OrderLine.create(
        order=order.id,
        sku=sku.id,
        product=sku.product_id,
        title=Product.get_by_id(sku.product_id).title,
        unit_price_fen=sku.price_fen,
        quantity=quantity,
        line_fen=sku.price_fen * quantity,
        paid_fen=paid_fen,
        adjustments=[],
    )
    seller = accrual.snapshot_commission(order.id, buyer_id)
    Order.update(seller=seller).where(Order.id == order.id).execute()
    return int(order.id)


def pay_sale(order_id: int) -> int:
    """Pay the order: book the payment, then pending commission."""
    order = Order.get_by_id(order_id)
    Order.update(state="paid", paid_at=clock.now(), paid_fen=order.payable_fen).where(
        Order.id == order_id
    ).execute()
    clearing = merchant_account("wechat_clearing", "1900000001")
    if order.payable_fen:
        pay = Posting(
            f"pay:{order.order_no}",
            clearing,
            merchant_account("sales"),
            order.payable_fen,
            "payment",
        )
        ledger.post([pay], "payment", order_id)
    accrual.make_commission_pending(order_id)
    return order_id


def sell(buyer_id: int, **how: Any) -> int:
    """Create a paid order of one line; its id."""
    return pay_sale(place_sale(buyer_id, **how))


def line_of(order_id: int) -> Any:
    """The order's one line."""
    return OrderLine.get(OrderLine.order == order_id)


def receive_sale(order_id: int) -> None:
    """The buyer receives the goods; the freeze period begins."""
    accrual.start_commission_freeze(order_id, clock.now())


def release_sale(order_id: int) -> None:
    """Receive the goods, let the freeze period pass, and release the commission."""
    receive_sale(order_id)
    pass_time(days=settings.get(settings.Distribution).freeze_days + 1)
    assert distribution.release_due() == 1


def refund_line(order_id: int, refunded_fen: int, case_id: int = 1) -> None:
    """Set the line's refunded total, in fen."""
    line = line_of(order_id)
    clawback.claw_back(case_id, line.id, refunded_fen, line.paid_fen)


def earn(member_id: int, fen: int) -> None:
    """Give a distributor an available amount, from a sale whose whole price is commission."""
    buyer = make_customer(member_id)
    rule = make_rule(fen, mode="fixed")
    release_sale(sell(buyer, paid_fen=fen * 10))
    distribution.retire_rule(rule, "staff:1")


def balances(member_id: int) -> dict[str, int]:
    """The balances of a distributor's accounts in fen, by account."""
    kinds = ("commission_pending", "available", "withdrawing", "debt")
    return {kind: ledger.balance(member_account(kind, member_id)) for kind in kinds}


def ready_for_payouts(tax_method: str = "ordinary") -> None:
    """Choose a tax method and check the book, so that payouts may run."""
    settings.change(settings.Distribution, {"tax_method": tax_method})
    payouts.check_ledger()


def wallet(pending: int = 0, available: int = 0, withdrawing: int = 0, debt: int = 0) -> Any:
    """Expected balances, for comparison with ``balances``."""
    return {
        "commission_pending": pending,
        "available": available,
        "withdrawing": withdrawing,
        "debt": debt,
    }
