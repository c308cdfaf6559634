"""The merchant's answers in the chat, and what the chat was asked."""

from __future__ import annotations

from peewee import BooleanField, IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, state, word


class ChatAnswer(Table):
    """The merchant's change of an answer, or an answer of their own (聊天问答).

    A file's answer without a change has no row. ``text`` "" stands for the file's text.
    """

    intent = word(40, unique=True)
    title = word(60, default="")  # of an own answer; those of files have theirs
    text = TextField()
    picture = word(64, default="")  # the content id of a stored picture that follows the text
    products = JsonField(null=True)  # ids of products that follow as cards, in this order
    is_own = BooleanField(default=False)
    is_off = BooleanField(default=False)
    edition = IntegerField(default=1)  # counts the saves, against a lost update
    changed_at = UtcField()
    changed_by = word(64)


class ChatExample(Table):
    """A sentence that the merchant gave to an intent (说法); it counts at once."""

    intent = word(40, index=True)
    sentence = word(100)
    form = word(100, unique=True)  # its normal form
    added_at = UtcField()
    added_by = word(64)


class MissedSentence(Table):
    """A sentence that was not understood (没听懂的话), without personal data, counted."""

    form = word(100, unique=True)  # its normal form
    sentence = word(100)  # masked
    outcome = word(12)  # choices, unknown: what the chat did the last time
    times = IntegerField(default=0)
    first_at = UtcField()
    last_at = UtcField(index=True)
    state = state("open")  # open, example, answered, synonym, dismissed
    intent = word(40, default="")  # whose example or answer it became
    decided_at = UtcField(null=True)
    decided_by = word(64, null=True)

    class Meta:
        indexes = ((("state", "times"), False), (("state", "last_at"), False))


class ChatDay(Table):
    """How often a business day's messages were understood, by intent (每日问答数)."""

    day = word(10)
    outcome = word(12)  # understood, choices, unknown, person
    intent = word(40)
    times = IntegerField(default=0)

    class Meta:
        indexes = ((("day", "outcome", "intent"), True),)
