"""The order that a ticket is about has its column; it stood in brackets before the text."""

from __future__ import annotations

import re
from typing import Any

from peewee import BigAutoField, CharField, Model, TextField

from kernel.migrate import add_columns

ABOUT = re.compile(r"\[订单 (ORD[A-Z0-9]{10,29})\] (.*)", re.DOTALL)


class ServiceTicket(Model):
    id = BigAutoField()
    text = TextField()
    order_no = CharField(max_length=32, null=True)

    class Meta:
        table_name = "service_ticket"


def up(_: Any, db: Any) -> None:
    """Applied again after breaking off, it takes what still has brackets."""
    add_columns(db, ServiceTicket, "order_no")
    with db.bind_ctx([ServiceTicket], bind_refs=False, bind_backrefs=False), db.atomic():
        query = ServiceTicket.select().where(ServiceTicket.text.startswith("[订单 "))
        for row in list(query):
            found = ABOUT.fullmatch(row.text)
            if found is not None:
                changes = {"order_no": found[1], "text": found[2]}
                ServiceTicket.update(**changes).where(ServiceTicket.id == row.id).execute()
