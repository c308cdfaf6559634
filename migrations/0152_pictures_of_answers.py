"""An answer in the chat may be followed by a picture and by products as cards."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns


class ChatAnswer(Model):
    id = BigAutoField()
    picture = CharField(max_length=64, constraints=[SQL("DEFAULT ''")])
    products = TextField(null=True)

    class Meta:
        table_name = "chat_answer"


def up(_: Any, db: Any) -> None:
    """No answer has either so far."""
    add_columns(db, ChatAnswer, "picture", "products")
