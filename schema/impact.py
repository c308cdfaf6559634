"""Impact assessments of personal information."""

from __future__ import annotations

from peewee import IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, word


class ImpactReport(Table):
    """A version of an impact assessment (个人信息保护影响评估); versions are never changed."""

    subject = word(12)  # domain.impact.rules.Subject
    number = IntegerField()
    purpose = TextField()
    necessity = TextField()
    effect = TextField()
    risk = word(8)  # domain.impact.rules.Risk
    measures = TextField()
    registers = JsonField()  # what the program knew that day: codes and counts
    made_by = word(64)
    made_at = UtcField()
    review_at = UtcField()
    keep_until_at = UtcField()

    class Meta:
        indexes = ((("subject", "number"), True),)
