"""Legal documents: terms, privacy policy, rules."""

from __future__ import annotations

from peewee import BooleanField, IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, state, word


class LegalVersion(Table):
    """A version of a legal document (法律文本); number 0 is the draft that is being written."""

    kind = word(16)  # terms, privacy, distribution, campaign
    number = IntegerField(default=0)
    body = TextField()
    state = state("draft")  # draft, published
    edition = IntegerField(default=1)  # counts the saves of a draft, against a lost update
    what_changed = word(400, default="")
    asks_again = BooleanField(default=False)
    facts = JsonField(null=True)  # the values of the variables when it was published
    effective_at = UtcField(null=True)
    published_at = UtcField(null=True)
    published_by = word(64, null=True)
    edited_at = UtcField()
    edited_by = word(64)

    class Meta:
        indexes = ((("kind", "number"), True),)
