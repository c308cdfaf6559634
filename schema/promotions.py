"""Promotions: one table for all kinds; only counted things have own tables (ADR 0060)."""

from __future__ import annotations

from peewee import BooleanField, IntegerField

from schema.columns import JsonField, Table, UtcField, state, word


class OfferRow(Table):
    """A promotion (优惠活动): kind, goods, rules and period.

    Once it has begun only its state changes, so that the row shows the terms of every order
    placed under it.
    """

    kind = word(24)  # a name of domain.promotions.KINDS
    title = word(60)  # shown to the merchant
    label = word(20)  # shown to shoppers
    state = state("draft")  # draft, on, stopped, ended, dropped
    starts_at = UtcField()
    ends_at = UtcField()  # the first instant at which it no longer applies
    scope = word(12)  # sku, product, category, order
    targets = JsonField()  # ids of the scope's kind
    rules = JsonField()  # parsed by the kind's rules
    tells_carts = BooleanField(default=False)  # notify carts with its goods when it begins
    version = IntegerField(default=1)
    begun_at = UtcField(null=True)  # when its beginning was processed
    stopped_at = UtcField(null=True)
    stop_reason = word(80, null=True)
    created_at = UtcField()
    created_by = word(64)
    updated_at = UtcField()
    updated_by = word(64)

    class Meta:
        table_name = "offer"
        indexes = ((("state", "ends_at"), False),)
