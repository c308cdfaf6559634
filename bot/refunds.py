"""A person's refunds as the chat's answers show them: cases, and payments that were returned."""

from __future__ import annotations

from dataclasses import dataclass

from domain import aftersales, orders, payments
from domain.aftersales import CaseView
from domain.payments import RefundView
from kernel.errors import NotFound

SHOWN = 3


@dataclass(frozen=True)
class Case:
    """An after-sales case and the refunds that pay it."""

    case: CaseView
    refunds: tuple[RefundView, ...] = ()

    @property
    def pieces(self) -> int:
        """How many pieces it is about; 0 if it asks for an amount."""
        return sum(line.quantity for line in self.case.lines)


@dataclass(frozen=True)
class Returned:
    """A payment that its order could not take, and its refund."""

    order_no: str
    refund: RefundView


def cases_of(member_id: int) -> list[Case]:
    """A person's newest cases with their refunds."""
    found = aftersales.list_cases_of_member(member_id, limit=SHOWN)
    return [_with_refunds(case) for case in found]


def cases_of_order(order_id: int) -> list[Case]:
    """An order's newest cases with their refunds; the caller knows whose it is."""
    found = aftersales.list_cases_of_order(order_id)[::-1]
    return [_with_refunds(case) for case in found[:SHOWN]]


def case_with_number(case_no: str, member_id: int) -> Case:
    """The person's own case. Raises NotFound for another's."""
    return _with_refunds(aftersales.case_detail_for_buyer(case_no, member_id))


def returned_to(member_id: int) -> list[Returned]:
    """Payments of a person's newest orders that were returned by themselves: late, or twice."""
    newest = orders.list_orders_of_member(member_id, limit=SHOWN)
    return [
        Returned(order.order_no, refund)
        for order in newest
        for refund in orders.refunds_of(order.id)
        if refund.is_automatic
    ]


def refund_with_id(refund_id: int, member_id: int) -> Case | Returned:
    """The person's own refund, with its case if it has one. Raises NotFound for another's."""
    refund = payments.refund_detail(refund_id)
    if not orders.is_of_order(refund.payable):
        raise NotFound("refund_missing")
    order = orders.order_by_id(orders.order_id_of(refund.payable.no, member_id))
    if refund.case_id is None:
        return Returned(order.order_no, refund)
    for case in aftersales.list_cases_of_order(order.id):
        if case.id == refund.case_id:
            return _with_refunds(case)
    raise NotFound("refund_missing")


def _with_refunds(case: CaseView) -> Case:
    return Case(case, tuple(payments.refunds_of_case(case.id)))
