"""The merchant's page of what a line of a bill is about."""

from __future__ import annotations

from domain import payments, payouts
from domain.payments import PayableRef
from models import Payment, Refund


def page_of_line(kind: str, out_number: str) -> str:
    """The page of the order, withdrawal or other thing that was paid; '' if we know none."""
    if kind == "transfer":
        return payouts.page_of_bill(out_number)
    if kind == "refund":
        found = _payable_of_refund(out_number)
    else:
        known = payments.payment_by_number(out_number)
        found = known[1] if known is not None else None
    return "" if found is None else payments.page_of_payable(found)


def _payable_of_refund(out_refund_no: str) -> PayableRef | None:
    row = Payment.select().join(Refund).where(Refund.out_refund_no == out_refund_no).first()
    return None if row is None else PayableRef(row.payable_kind, row.payable_id, row.payable_no)
