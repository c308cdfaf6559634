"""WeChat's refusals."""

from __future__ import annotations

from peewee import IntegerField

from schema.columns import Table, UtcField, word


class Refusal(Table):
    """A refusal by WeChat (微信拒绝): open until the same call succeeds again.

    ``subject`` is what was refused if a call serves many subjects: a template's id.
    """

    side = word(8)  # account, pay
    call = word(80)
    code = word(40)
    subject = word(64, default="")
    detail = word(200, default="")
    count = IntegerField(default=1)
    first_at = UtcField()
    last_at = UtcField()
    told_at = UtcField(null=True)
    resolved_at = UtcField(null=True)

    class Meta:
        indexes = (
            (("side", "call", "code", "subject"), True),
            (("resolved_at", "last_at"), False),
        )
