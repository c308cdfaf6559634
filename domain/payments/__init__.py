"""Payments and refunds (支付与退款). A payment pays a payable; the order is one kind of it."""

from domain.payments.adopting import (
    FOUND,
    adopt_payment,
    book_found_refund,
    is_refund_known,
    payment_by_number,
    take_number,
    unclear_payments,
    under_way,
    unsent_twins,
)
from domain.payments.clocks import clocks_apart, note_clock
from domain.payments.events import (
    RefundAbnormal,
    RefundRetried,
    RefundSucceeded,
)
from domain.payments.flows import close_payment, confirm_payment, open_payment, receive_notice
from domain.payments.payables import (
    Arrived,
    Payable,
    PayableRef,
    TurnedAway,
    find_payable,
    forget_payables,
    register,
)
from domain.payments.queries import (
    NoticeView,
    PaymentView,
    RefundView,
    is_taken,
    noticed_numbers,
    odd_notices,
    payments_of,
    refund_desk,
    refund_view,
    refunds_of,
    refunds_of_case,
)
from domain.payments.refund_brakes import refund_stop, resume_refunds, stop_refunds
from domain.payments.refunds import (
    begin_refund,
    begin_refunds,
    retry_refund,
    settle_refund,
    settle_refund_by_hand,
)
from domain.payments.rules import Channel, PaymentTicket, query_delay
from domain.payments.service import (
    PaymentForm,
    begin_payment,
    keep_notice,
    note_outcome,
    open_numbers,
)

__all__ = [
    "FOUND", "Arrived", "Channel", "NoticeView", "Payable", "PayableRef", "PaymentForm",
    "PaymentTicket", "PaymentView", "RefundAbnormal", "RefundRetried", "RefundSucceeded",
    "RefundView", "TurnedAway", "adopt_payment", "begin_payment", "begin_refund", "begin_refunds",
    "book_found_refund", "clocks_apart", "close_payment", "confirm_payment", "find_payable",
    "forget_payables", "is_refund_known", "is_taken", "keep_notice", "note_clock", "note_outcome",
    "noticed_numbers", "odd_notices", "open_numbers", "open_payment", "payment_by_number",
    "payments_of", "query_delay", "receive_notice", "refund_desk", "refund_stop", "refund_view",
    "refunds_of", "refunds_of_case", "register", "resume_refunds", "retry_refund",
    "settle_refund", "settle_refund_by_hand", "stop_refunds", "take_number", "unclear_payments",
    "under_way", "unsent_twins",
]  # fmt: skip
