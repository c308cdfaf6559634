"""Payments and refunds (支付与退款). A payment pays a payable; the order is one kind of it."""

from domain.payments.adopting import (
    FOUND,
    adopt_payment,
    adopt_refund_number,
    book_found_refund,
    is_refund_known,
    payment_by_number,
    payments_without_result,
    refunds_without_result,
    unsent_refunds_of_amount,
)
from domain.payments.clocks import clock_differences, record_clock_difference
from domain.payments.events import (
    RefundAbnormal,
    RefundRetried,
    RefundSucceeded,
)
from domain.payments.flows import close_payment, confirm_payment, open_payment, receive_notice
from domain.payments.payables import (
    Payable,
    PayableRef,
    ReceivedPayment,
    RejectedPayment,
    find_payable,
    forget_payables,
    page_of_payable,
    register_payable,
)
from domain.payments.queries import (
    NoticeView,
    PaymentView,
    RefundView,
    is_taken,
    list_refunds,
    list_unmatched_notices,
    numbers_with_notice,
    payments_of,
    refund_detail,
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
    open_numbers,
    record_notice_outcome,
    store_notice,
)

__all__ = [
    "FOUND", "Channel", "NoticeView", "Payable", "PayableRef", "PaymentForm", "PaymentTicket",
    "PaymentView", "ReceivedPayment", "RefundAbnormal", "RefundRetried", "RefundSucceeded",
    "RefundView", "RejectedPayment", "adopt_payment", "adopt_refund_number", "begin_payment",
    "begin_refund", "begin_refunds", "book_found_refund", "clock_differences", "close_payment",
    "confirm_payment", "find_payable", "forget_payables", "is_refund_known", "is_taken",
    "list_refunds", "list_unmatched_notices", "numbers_with_notice", "open_numbers",
    "open_payment", "page_of_payable", "payment_by_number", "payments_of",
    "payments_without_result", "query_delay", "receive_notice", "record_clock_difference",
    "record_notice_outcome", "refund_detail", "refund_stop", "refunds_of", "refunds_of_case",
    "refunds_without_result", "register_payable", "resume_refunds", "retry_refund",
    "settle_refund", "settle_refund_by_hand", "stop_refunds", "store_notice",
    "unsent_refunds_of_amount",
]  # fmt: skip
