"""After-sales cases and their log."""

from __future__ import annotations

from peewee import Check, IntegerField

from schema.columns import FenField, JsonField, Table, UtcField, ref, state, word
from schema.members import Member
from schema.orders import Order, OrderLine


class AfterSale(Table):
    """A request to refund, return or exchange lines of an order (售后单)."""

    case_no = word(32, unique=True)
    order = ref(Order)
    member = ref(Member)
    kind = word(12)  # refund_only, return, exchange
    goods_fen = FenField()
    freight_fen = FenField(default=0)
    state = state("requested")
    reason = word(24)
    note = word(300, default="")
    pictures = JsonField(null=True)
    decided_by = word(64, null=True)
    decision = word(24, null=True)  # why it was decided by itself: timeout, goods_sent
    decision_note = word(200, null=True)  # what a person wrote
    return_company = word(24, null=True)
    return_tracking_no = word(40, null=True, index=True)
    sent_company = word(24, null=True)  # of an exchange's replacement
    sent_tracking_no = word(40, null=True, index=True)
    due_at = UtcField(null=True, index=True)
    created_at = UtcField()
    updated_at = UtcField()


class AfterSaleLine(Table):
    """A case's part of an order line.

    ``claim_fen`` can't be claimed by other cases; ``goods_fen`` is refunded.
    """

    case = ref(AfterSale, index=False)
    line = ref(OrderLine)
    quantity = IntegerField()
    unshipped = IntegerField(default=0)
    claim_fen = FenField()
    goods_fen = FenField()

    class Meta:
        constraints = (Check("goods_fen <= claim_fen"),)
        indexes = ((("case", "line"), True),)


class AfterSaleLog(Table):
    """The log of a case's state changes."""

    case = ref(AfterSale)
    from_state = word(20, null=True)
    to_state = word(20)
    actor = word(64)
    why = word(200, default="")  # a code
    facts = JsonField(null=True)
    at = UtcField()
