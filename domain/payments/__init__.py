"""Payments and refunds (支付与退款). They know an order only by its id."""

from domain.payments.events import (
    PaymentSucceeded,
    RefundAbnormal,
    RefundRetried,
    RefundSucceeded,
)
from domain.payments.queries import (
    NoticeView,
    PaymentView,
    RefundView,
    noticed_numbers,
    odd_notices,
    payments_of,
    refund_desk,
    refunds_of,
    refunds_of_case,
)
from domain.payments.refunds import begin_refund, retry_refund, settle_refund_by_hand
from domain.payments.rules import Channel, PaymentTicket
from domain.payments.service import (
    PaymentForm,
    begin_payment,
    keep_notice,
    note_outcome,
    open_numbers,
)

__all__ = [
    "Channel", "NoticeView", "PaymentForm", "PaymentSucceeded", "PaymentTicket", "PaymentView",
    "RefundAbnormal", "RefundRetried", "RefundSucceeded", "RefundView", "begin_payment",
    "begin_refund", "keep_notice", "note_outcome", "noticed_numbers",
    "odd_notices", "open_numbers", "payments_of",
    "refund_desk", "refunds_of", "refunds_of_case", "retry_refund", "settle_refund_by_hand",
]  # fmt: skip
