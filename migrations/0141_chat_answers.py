"""The merchant's answers in the chat, sentences that were not understood, and counts by day."""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    IntegerField,
    Model,
    TextField,
)

from kernel.migrate import create_tables

NONE_YET = [SQL("DEFAULT 0")]
EMPTY = [SQL("DEFAULT ''")]


class ChatAnswer(Model):
    id = BigAutoField()
    intent = CharField(max_length=40, unique=True)
    title = CharField(max_length=60, constraints=EMPTY)
    text = TextField()
    is_own = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    is_off = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    edition = IntegerField(constraints=[SQL("DEFAULT 1")])
    changed_at = BigIntegerField()
    changed_by = CharField(max_length=64)

    class Meta:
        table_name = "chat_answer"


class ChatExample(Model):
    id = BigAutoField()
    intent = CharField(max_length=40, index=True)
    sentence = CharField(max_length=100)
    form = CharField(max_length=100, unique=True)
    added_at = BigIntegerField()
    added_by = CharField(max_length=64)

    class Meta:
        table_name = "chat_example"


class MissedSentence(Model):
    id = BigAutoField()
    form = CharField(max_length=100, unique=True)
    sentence = CharField(max_length=100)
    outcome = CharField(max_length=12)
    times = IntegerField(constraints=NONE_YET)
    first_at = BigIntegerField()
    last_at = BigIntegerField(index=True)
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'open'")])
    intent = CharField(max_length=40, constraints=EMPTY)
    decided_at = BigIntegerField(null=True)
    decided_by = CharField(max_length=64, null=True)

    class Meta:
        table_name = "missed_sentence"
        indexes = ((("state", "times"), False), (("state", "last_at"), False))


class ChatDay(Model):
    id = BigAutoField()
    day = CharField(max_length=10)
    outcome = CharField(max_length=12)
    intent = CharField(max_length=40)
    times = IntegerField(constraints=NONE_YET)

    class Meta:
        table_name = "chat_day"
        indexes = ((("day", "outcome", "intent"), True),)


def up(_: Any, db: Any) -> None:
    create_tables(db, [ChatAnswer, ChatExample, MissedSentence, ChatDay])
