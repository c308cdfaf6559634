"""Payments, refunds, what WeChat told us, and WeChat's bills."""

from __future__ import annotations

from peewee import BigIntegerField, Check, IntegerField, TextField

from schema.columns import FenField, Table, UtcField, ref, state, word
from schema.orders import Order


class Payment(Table):
    """One attempt to pay an order at WeChat (支付单)."""

    order = ref(Order)
    out_trade_no = word(32, unique=True)
    channel = word(8)  # jsapi, native, h5
    mchid = word(16)
    appid = word(32)
    openid = word(64, null=True)
    amount_fen = FenField()
    received_fen = FenField(default=0)  # what truly arrived
    refunding_fen = FenField(default=0)  # in refunds of any state but closed
    state = state("created")  # created, open, paid, closed
    prepay_id = word(128, null=True)
    pay_url = word(512, null=True)
    transaction_id = word(40, null=True)
    description = word(64, default="")  # WeChat takes the same facts for the same number
    expires_at = UtcField()
    created_at = UtcField()
    opened_at = UtcField(null=True)
    paid_at = UtcField(null=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    last_error = word(200, null=True)

    class Meta:
        constraints = (Check("refunding_fen <= received_fen"),)


class Refund(Table):
    """Money on its way back to a buyer (退款单)."""

    payment = ref(Payment)
    order = ref(Order)
    case_id = BigIntegerField(null=True, index=True)
    cause = word(20)  # case, late, duplicate, wrong_amount
    out_refund_no = word(32, unique=True)
    amount_fen = FenField()
    total_fen = FenField()
    reason = word(80)
    state = state("created")  # created, processing, succeeded, abnormal, settled_by_hand
    refund_id = word(40, null=True)
    proof = word(200, null=True)  # how it was settled by hand
    hand_by = word(64, null=True)  # who said so first, where a second person has to confirm
    created_at = UtcField()
    succeeded_at = UtcField(null=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    last_error = word(200, null=True)


class PayNotice(Table):
    """A verified notification as it came, kept before it is acted on (支付通知)."""

    notice_id = word(64, unique=True)
    event_type = word(40)
    out_number = word(64)
    content = TextField()
    received_at = UtcField(index=True)
    outcome = word(40, default="received")

    class Meta:
        indexes = ((("out_number",), False),)  # by it a page sees whose notification never came


class BillLine(Table):
    """A line of WeChat's bill and what it was matched with (对账)."""

    bill_day = word(10)
    mchid = word(16)
    kind = word(16)  # payment, refund, transfer
    out_number = word(64)
    amount_fen = FenField(null=True)  # WeChat's side
    state = state("matched")  # matched, ours_only, theirs_only, amount_differs, closed
    ours_fen = FenField(null=True)
    closed_by = word(64, null=True)
    closed_reason = word(200, null=True)
    created_at = UtcField()

    class Meta:
        indexes = ((("mchid", "kind", "out_number"), True), (("bill_day", "state"), False))
