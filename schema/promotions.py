"""Promotions: one table for every kind; only what is counted has tables of its own."""

from __future__ import annotations

from peewee import BooleanField, IntegerField

from schema.columns import JsonField, Table, UtcField, state, word


class OfferRow(Table):
    """A promotion: of what kind, for which goods, by which rules, from when until when (优惠活动).

    Once it has begun nothing of it changes but its state, so that the row says what every order
    under it was promised.
    """

    kind = word(24)  # a name of domain.promotions.KINDS
    title = word(60)  # what the merchant calls it
    label = word(20)  # what shoppers read
    state = state("draft")  # draft, on, stopped, ended, dropped
    starts_at = UtcField()
    ends_at = UtcField()  # the first instant at which it no longer holds
    scope = word(12)  # sku, product, category, order
    targets = JsonField()  # the ids that the scope is about
    rules = JsonField()  # as the kind's rules read them
    tells_carts = BooleanField(default=False)  # who has it in the cart is told when it begins
    version = IntegerField(default=1)
    begun_at = UtcField(null=True)  # when its beginning was noticed and told
    stopped_at = UtcField(null=True)
    stop_reason = word(80, null=True)
    created_at = UtcField()
    created_by = word(64)
    updated_at = UtcField()
    updated_by = word(64)

    class Meta:
        table_name = "offer"
        indexes = ((("state", "ends_at"), False),)
