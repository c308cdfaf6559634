"""Requests of people about their own data."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, TextField

from schema.columns import JsonField, Table, UtcField, ref, state, word
from schema.members import Member


class RightsRequest(Table):
    """A request of access, correction, deletion or objection (个人信息请求).

    ``file`` is the private file's name of an access request. ``open_key`` is unique while the
    request is open.
    """

    request_no = word(32, unique=True)
    member = ref(Member)
    kind = word(12)  # domain.rights.rules.RequestKind
    state = state("open")  # domain.rights.rules.State
    open_key = word(40, null=True, unique=True)
    came_by = word(8)  # mall, chat, staff
    asked_channel = word(12, null=True)  # how it reached staff: domain.rights.behalf.Channel
    checked_how = word(16, null=True)  # how staff checked the identity: behalf.Check
    checked_note = word(200, null=True)  # what was seen or asked, in the words of staff
    asked_at = UtcField(null=True)  # when the person asked, if staff recorded it later
    text = TextField()
    gives_up = BooleanField(default=False)
    owner = word(64, null=True)
    answer = TextField(null=True)
    answered_by = word(64, null=True)
    created_at = UtcField()
    due_at = UtcField(index=True)
    ends_at = UtcField(null=True)  # when the cooling-off period of a deletion is over
    told_at = UtcField(null=True)  # when the member got the last notice before the deletion
    stopped_by = JsonField(null=True)  # codes of what stood against it the last time
    closed_at = UtcField(null=True)
    file = word(32, null=True)
    bytes = BigIntegerField(default=0)
    file_until_at = UtcField(null=True)

    class Meta:
        indexes = ((("state", "kind", "id"), False), (("state", "ends_at"), False))
