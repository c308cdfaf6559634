"""Requests are limited to what is offered, and returns are refunded after the goods arrived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from domain import aftersales
from domain.aftersales import ASKS, REASONS, CaseForm
from domain.aftersales.wiring import apply_timeouts
from kernel import clock
from kernel.errors import Conflict, DomainError, Invalid
from kernel.store import savepoint
from models import AfterSale, Order, OrderLine, Parcel, Refund
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.factories.orders import (
    Bought,
    paid_order,
    received_order,
    ship_all,
    shipped_order,
)
from tests.unit.test_returns_golden import golden_offer

SHOT = ("a" * 64,)
REAL = "YT8837204615093"


@pytest.fixture(autouse=True)
def _wired(wired: None) -> None:
    """Subscribe all domains to events in every test of this file."""


def _completed(**more: Any) -> Bought:
    bought = received_order(**more)
    Order.update(state="completed").where(Order.id == bought.order_id).execute()
    return bought


def _received_long_ago(**more: Any) -> Bought:
    bought = received_order(**more)
    then = clock.now() - timedelta(days=7, seconds=1)
    Order.update(received_at=then).where(Order.id == bought.order_id).execute()
    return bought


STAGES: dict[str, Callable[..., Bought]] = {
    "unshipped": paid_order,
    "shipped": shipped_order,
    "received": received_order,
    "received_late": _received_long_ago,
    "completed": _completed,
}


def _exempt(make: Callable[..., Bought]) -> Bought:
    made = make_product(is_return_exempt=True)
    bought = make(product=made, exempt_confirmed=(made.sku_id,))
    assert OrderLine.get_by_id(bought.line_ids[0]).is_return_exempt
    return bought


def _form(bought: Bought, ask: str, reason: str) -> CaseForm:
    is_part = ask == "part"
    return CaseForm(
        bought.member_id, bought.order_no, "refund_only" if is_part else ask,  # type: ignore[arg-type]
        ((bought.line_ids[0], 0 if is_part else 1),), reason, pictures=SHOT,
        amount_fen=100 if is_part else None,
    )  # fmt: skip


class _Undo(Exception):
    """Raised to roll back a verb that was tried."""


def _try(verb: Callable[..., Any], *args: Any) -> DomainError | None:
    """Try a verb and roll it back; returns the refusal, or None."""
    try:
        with savepoint():
            verb(*args)
            raise _Undo
    except _Undo:
        return None
    except DomainError as refused:
        return refused


@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize("stage", STAGES)
def test_a_reason_or_kind_that_is_not_offered_is_refused(
    db: Any, stage: str, is_exempt: bool
) -> None:
    bought = _exempt(STAGES[stage]) if is_exempt else STAGES[stage]()
    items = ((bought.line_ids[0], 1),)
    shown = aftersales.allowed_requests(bought.member_id, bought.order_no, items)
    for ask, code in product(ASKS, (*REASONS, "", "made_up")):
        refused = _try(aftersales.request_case, _form(bought, ask, code))
        may = code in REASONS and golden_offer("buyer", ask, code, stage, is_exempt=is_exempt)
        assert (refused is None) == may, (ask, code, refused)
        assert (code in shown.get(ask, ())) == may
        if refused is not None and code in ("merchant", "goodwill"):
            assert isinstance(refused, Invalid) or stage == "completed"
    assert AfterSale.select().count() == 0


@pytest.mark.parametrize("is_exempt", [False, True])
@pytest.mark.parametrize("stage", STAGES)
def test_the_merchant_may_refund_according_to_the_table(
    db: Any, stage: str, is_exempt: bool
) -> None:
    bought = _exempt(STAGES[stage]) if is_exempt else STAGES[stage]()
    for quantity, amount, ask, code in ((1, None, "refund_only", "merchant"),
                                        (0, 100, "part", "goodwill")):  # fmt: skip
        assert golden_offer("merchant", ask, code, stage, is_exempt=is_exempt)
        items = ((bought.line_ids[0], quantity),)
        refused = _try(aftersales.merchant_refund, bought.order_no, items, "客户关怀", amount)
        assert refused is None
    made = aftersales.merchant_refund(bought.order_no, ((bought.line_ids[0], 0),), "补偿", 100)
    assert AfterSale.get_by_id(made["case_id"]).reason == "goodwill"


@pytest.mark.parametrize("reason", ["merchant", "goodwill", "quality", "no_reason", "x"])
def test_an_order_is_not_cancelled_for_a_reason_that_is_not_offered(db: Any, reason: str) -> None:
    bought = paid_order()
    with pytest.raises(Invalid):
        aftersales.cancel_paid_order(bought.order_no, bought.member_id, reason)
    assert AfterSale.select().count() == 0
    aftersales.cancel_paid_order(bought.order_no, bought.member_id, "late")


def test_a_buyer_cannot_name_the_amount_for_goods_that_go_back(db: Any) -> None:
    bought = received_order()
    for kind, quantity in (("return", 1), ("refund_only", 1), ("exchange", 1)):
        form = CaseForm(
            bought.member_id, bought.order_no, kind, ((bought.line_ids[0], quantity),),  # type: ignore[arg-type]
            "quality", amount_fen=1,
        )  # fmt: skip
        with pytest.raises(Invalid) as refused:
            aftersales.request_case(form)
        assert refused.value.code == "amount_needs_part"


def test_unshipped_pieces_may_be_dropped_but_shipped_ones_must_be_returned(db: Any) -> None:
    bought = paid_order(quantity=3)
    line = bought.line_ids[0]
    ship_all(bought, (line, 2))
    shown = aftersales.allowed_requests(bought.member_id, bought.order_no, ((line, 1),))
    assert "not_wanted" in shown["refund_only"]
    for quantity in (2, 3):  # one is unshipped, the others were shipped: the buyer would keep them
        form = CaseForm(
            bought.member_id, bought.order_no, "refund_only", ((line, quantity),), "not_wanted"
        )
        with pytest.raises(Invalid) as refused:
            aftersales.request_case(form)
        assert refused.value.code == "reason_not_offered"
    form = CaseForm(bought.member_id, bought.order_no, "refund_only", ((line, 1),), "not_wanted")
    aftersales.request_case(form)


# --- goods whose return nobody confirmed are not refunded


async def _silence(store: Any, days: int) -> None:
    """Let days pass with timeouts, while nobody at the shop acts."""
    for _ in range(days):
        clock.set_offset(clock.offset() + timedelta(days=1, minutes=1))
        await apply_timeouts(store)


async def test_an_exempt_line_with_an_invented_parcel_is_not_refunded_by_timeouts(
    store: Any,
) -> None:
    """The attack: an exempt line, "not wanted", an invented parcel, a shop that doesn't answer."""
    bought = await store.write(_exempt, received_order)
    for ask in ASKS:
        with pytest.raises((Conflict, Invalid)):
            await store.write(aftersales.request_case, _form(bought, ask, "not_wanted"))
        with pytest.raises((Conflict, Invalid)):
            await store.write(aftersales.request_case, _form(bought, ask, "merchant"))
    # after the allegation of a fault the goods have to come back; the parcel is invented
    made = await store.write(aftersales.request_case, _form(bought, "return", "quality"))
    await _silence(store, 3)
    assert (
        await store.read(aftersales.case_detail_for_merchant, made["case_id"])
    ).state == "approved"
    await store.write(
        aftersales.send_back, made["case_no"], bought.member_id, "圆通速递", "YT111111111"
    )
    await _silence(store, 120)
    case = await store.read(aftersales.case_detail_for_merchant, made["case_id"])
    assert (case.state, [flag.kind for flag in case.flags]) == ("unconfirmed", ["invented"])
    assert await store.read(Refund.select().count) == 0
    row = await store.read(lambda: bought.row)
    assert (row.state, row.refunded_fen) == ("received", 0)
    await store.write(aftersales.reject_case, case.id, "没有收到包裹")
    assert await store.read(Refund.select().count) == 0
    claimed = await store.read(lambda: OrderLine.get_by_id(bought.line_ids[0]).claimed_fen)
    assert claimed == 0


async def test_an_exchange_with_an_invented_parcel_is_not_refunded(store: Any) -> None:
    bought = await store.write(received_order)
    made = await store.write(aftersales.request_case, _form(bought, "exchange", "not_wanted"))
    await _silence(store, 3)
    await store.write(
        aftersales.send_back, made["case_no"], bought.member_id, "圆通速递", "YT111111111"
    )
    await _silence(store, 60)
    assert (
        await store.read(aftersales.case_detail_for_merchant, made["case_id"])
    ).state == "unconfirmed"
    assert await store.read(Refund.select().count) == 0


async def test_a_request_from_before_the_rule_is_rejected_by_the_timeout(store: Any) -> None:
    """Older releases accepted such cases: the buyer keeps the goods and nobody was at fault."""
    bought = await store.write(received_order)
    made = await store.write(aftersales.request_case, _form(bought, "refund_only", "quality"))

    def as_it_was_taken() -> None:
        AfterSale.update(reason="not_wanted").execute()

    await store.write(as_it_was_taken)
    sheet = await store.read(aftersales.case_detail_for_merchant, made["case_id"])
    assert sheet.timeout_event == "reject"
    await _silence(store, 3)
    case = await store.read(aftersales.case_detail_for_merchant, made["case_id"])
    assert (case.state, case.decided_by) == ("rejected", "system")
    assert await store.read(Refund.select().count) == 0


def test_a_person_decides_about_a_parcel_that_nobody_confirmed(db: Any) -> None:
    for answer, end in (("received", "refunding"), ("no", "rejected")):
        bought = received_order()
        made = aftersales.request_case(_form(bought, "return", "quality"))
        aftersales.approve_case(made["case_id"])
        aftersales.send_back(made["case_no"], bought.member_id, "圆通速递", REAL)
        clock.set_offset(clock.offset() + timedelta(days=10, seconds=1))
        assert aftersales.apply_timeout(made["case_id"])
        with pytest.raises(Conflict):  # no verb of the buyer leads to a refund
            aftersales.send_back(made["case_no"], bought.member_id, "圆通速递", REAL)
        if answer == "received":
            aftersales.receive_returned_goods(made["case_id"], restock=True)
        else:
            with pytest.raises(Invalid):
                aftersales.reject_case(made["case_id"], " ")
            aftersales.reject_case(made["case_id"], "没有收到")
        assert AfterSale.get_by_id(made["case_id"]).state == end
    assert Refund.select().count() == 1


# --- numbers of parcels


def _on_its_way(number: str, buyer: int | None = None) -> Any:
    bought = received_order(buyer)
    made = aftersales.request_case(_form(bought, "return", "quality"))
    aftersales.approve_case(made["case_id"])
    aftersales.send_back(made["case_no"], bought.member_id, "圆通速递", number)
    return bought, made["case_id"]


def _flags(case_id: int) -> list[tuple[str, bool]]:
    return [(f.kind, f.is_same_buyer) for f in aftersales.case_detail_for_merchant(case_id).flags]


def test_a_parcel_number_used_for_two_cases_is_flagged(db: Any) -> None:
    buyer = make_member()
    _, first = _on_its_way(REAL, buyer)
    assert _flags(first) == []
    _, second = _on_its_way(f" {REAL.lower()} ", buyer)
    _, third = _on_its_way(REAL)
    assert _flags(first) == [("used_twice", True), ("used_twice", False)]
    assert _flags(third) == [("used_twice", False)] * 2
    named = [f.case_id for f in aftersales.case_detail_for_merchant(second).flags]
    assert named == [first, third]


def test_the_number_of_a_parcel_sent_by_the_shop_is_flagged(db: Any) -> None:
    sent = received_order()
    number = Parcel.get(Parcel.order == sent.order_id).tracking_no
    _, case = _on_its_way(number)
    flags = aftersales.case_detail_for_merchant(case).flags
    assert ("own_parcel", sent.order_no) in [(f.kind, f.number) for f in flags]
    exchanged = received_order()
    made = aftersales.request_case(_form(exchanged, "exchange", "quality"))
    aftersales.approve_case(made["case_id"])
    aftersales.send_back(made["case_no"], exchanged.member_id, "圆通速递", REAL)
    aftersales.receive_returned_goods(made["case_id"], restock=False)
    aftersales.send_replacement(made["case_id"], "顺丰速运", "SF1682037495126")
    _, case = _on_its_way("SF1682037495126")
    assert _flags(case) == [("own_parcel", False)]
