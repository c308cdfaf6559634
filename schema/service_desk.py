"""Tickets: questions and complaints that staff answer."""

from __future__ import annotations

from peewee import TextField

from schema.columns import Table, UtcField, ref, state, word
from schema.members import Member


class ServiceTicket(Table):
    """A question or complaint for staff, with a number and a time limit (工单)."""

    ticket_no = word(32, unique=True)
    member = ref(Member)
    kind = word(12, default="question")  # question, complaint
    order_no = word(32, null=True)  # the order that it is about
    text = TextField()
    state = state("open")  # open, answered, closed
    owner = word(64, null=True)
    answer = TextField(null=True)
    due_at = UtcField(index=True)
    created_at = UtcField()
    closed_at = UtcField(null=True)
