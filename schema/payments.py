"""Payments, refunds and WeChat Pay's notifications."""

from __future__ import annotations

from peewee import BigIntegerField, Check, IntegerField, TextField

from schema.columns import FenField, JsonField, Table, UtcField, ref, state, word


class Payment(Table):
    """One attempt to pay at WeChat (支付单); its payable is named by kind, id and number."""

    payable_kind = word(16)
    payable_id = BigIntegerField()
    payable_no = word(40)
    out_trade_no = word(32, unique=True)
    channel = word(8)  # jsapi, native, h5
    mchid = word(16)
    appid = word(32)
    openid = word(64, null=True)
    amount_fen = FenField()
    received_fen = FenField(default=0)  # the amount that arrived
    refunding_fen = FenField(default=0)  # the sum of all refunds that are not closed
    state = state("created")  # created, open, paid, closed
    prepay_id = word(128, null=True)
    pay_url = word(512, null=True)
    transaction_id = word(40, null=True, index=True)
    description = word(64, default="")  # repeated with the same number, as WeChat requires
    expires_at = UtcField()
    created_at = UtcField()
    opened_at = UtcField(null=True)
    paid_at = UtcField(null=True, index=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    last_error = word(200, null=True)  # a code of WeChat's or ours; kernel.faults
    last_error_facts = JsonField(null=True)
    doubted_at = UtcField(null=True)  # when the buyer was told that the outcome is not known
    doubt_ended_at = UtcField(null=True)

    class Meta:
        constraints = (Check("refunding_fen <= received_fen"),)
        indexes = ((("payable_kind", "payable_id"), False),)


class Refund(Table):
    """A refund to a buyer (退款单)."""

    payment = ref(Payment)
    case_id = BigIntegerField(null=True, index=True)
    cause = word(20)  # domain.payments.rules.Cause
    out_refund_no = word(32, unique=True)
    amount_fen = FenField()
    total_fen = FenField()
    reason = word(80)  # the words of a former release; the cause says it since
    state = state("created")  # created, processing, succeeded, abnormal, settled_by_hand
    refund_id = word(40, null=True, index=True)
    proof = word(200, null=True)  # how it was settled by hand
    hand_by = word(64, null=True)  # the first person, if a second one has to confirm
    created_at = UtcField()
    sent_at = UtcField(null=True, index=True)  # when it was first sent
    succeeded_at = UtcField(null=True)
    queries = IntegerField(default=0)
    next_query_at = UtcField(null=True, index=True)
    last_error = word(200, null=True)
    last_error_facts = JsonField(null=True)


class PayNotice(Table):
    """A verified notification as received, stored before it is processed (支付通知)."""

    notice_id = word(64, unique=True)
    event_type = word(40)
    out_number = word(64)
    content = TextField()
    received_at = UtcField(index=True)
    outcome = word(40, default="received")

    class Meta:
        indexes = ((("out_number",), False),)  # a page finds payments without notification by it
