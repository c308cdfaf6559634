"""Doubts whether a member is of age, and the tries to prove it."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField

from schema.columns import Table, UtcField, ref, state, word
from schema.members import Member


class AgeDoubt(Table):
    """A doubt whether a member is of age (年龄存疑); it holds their liquor orders while open."""

    member = ref(Member)
    open_for = BigIntegerField(null=True, unique=True)  # the member, while the doubt holds orders
    state = state("waiting")  # domain.adults.rules
    cause = word(12)  # staff, said, number
    reason = word(200, default="")  # typed by staff; only staff read it
    order_no = word(32, null=True)  # the order whose page raised it
    tries = IntegerField(default=0)
    raised_by = word(64)
    raised_at = UtcField()
    due_at = UtcField(index=True)
    ended_how = word(12, null=True)
    ground = word(200, null=True)
    ended_by = word(64, null=True)
    ended_at = UtcField(null=True)


class AgeTry(Table):
    """A name and number that a member gave to prove their age; neither is kept, only a hash."""

    doubt = ref(AgeDoubt)
    member = ref(Member, index=False)
    number_hash = word(64, index=True)  # keyed; under the secret of its time
    person_hash = word(64)  # of name and number together
    result = word(12, default="asked")
    fault = word(40, null=True)
    at = UtcField()

    class Meta:
        indexes = ((("member", "at"), False),)
