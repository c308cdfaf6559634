"""Gifts that a friend accepts, and what friends answered to them."""

from __future__ import annotations

from peewee import IntegerField

from schema.columns import Table, UtcField, ref, state, word
from schema.members import Member
from schema.orders import Order


class Gift(Table):
    """A gift (送礼) of an order whose buyer does not know the address."""

    order = ref(Order, unique=True)
    code = word(32, unique=True)  # the readable part of its link
    state = state("unpaid")  # domain.gifts.rules
    signature = word(20, default="")  # as whom the buyer signs; "" to stay unnamed
    arrive_by = word(10, default="")  # a day of Shanghai
    friend = ref(Member, null=True)
    opened = IntegerField(default=0)  # members other than the buyer who looked at it
    remind_at = UtcField(null=True, index=True)  # null once reminded
    expires_at = UtcField(null=True, index=True)
    accepted_at = UtcField(null=True)
    ended_at = UtcField(null=True)


class GiftAnswer(Table):
    """That a member did not take a gift: declined, or not of age."""

    gift = ref(Gift, index=False)
    member = ref(Member)
    kind = word(8)  # declined, minor
    said = word(200, default="")  # to the buyer
    at = UtcField()

    class Meta:
        indexes = ((("gift", "member"), True),)
