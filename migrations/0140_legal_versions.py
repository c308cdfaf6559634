"""Legal documents are rows with numbered versions; consents to distribution rules name number 1.

The shop's first start keeps the texts that come with it as version 1. The rules of distribution
were called "2026-11" before; their first version says the same.
"""

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

BEFORE, AFTER = "2026-11", "1"


class LegalVersion(Model):
    id = BigAutoField()
    kind = CharField(max_length=16)
    number = IntegerField(constraints=[SQL("DEFAULT 0")])
    body = TextField()
    state = CharField(max_length=20, index=True, constraints=[SQL("DEFAULT 'draft'")])
    edition = IntegerField(constraints=[SQL("DEFAULT 1")])
    what_changed = CharField(max_length=400, constraints=[SQL("DEFAULT ''")])
    asks_again = BooleanField(constraints=[SQL("DEFAULT FALSE")])
    facts = TextField(null=True)
    effective_at = BigIntegerField(null=True)
    published_at = BigIntegerField(null=True)
    published_by = CharField(max_length=64, null=True)
    edited_at = BigIntegerField()
    edited_by = CharField(max_length=64)

    class Meta:
        table_name = "legal_version"
        indexes = ((("kind", "number"), True),)


class Consent(Model):
    id = BigAutoField()
    purpose = CharField(max_length=32)
    version = CharField(max_length=16)

    class Meta:
        table_name = "consent"


class Distributor(Model):
    id = BigAutoField()
    terms_version = CharField(max_length=16)

    class Meta:
        table_name = "distributor"


def up(_: Any, db: Any) -> None:
    create_tables(db, [LegalVersion])
    models = [Consent, Distributor]
    with db.bind_ctx(models, bind_refs=False, bind_backrefs=False), db.atomic():
        mine = (Consent.purpose == "distribution") & (Consent.version == BEFORE)
        Consent.update(version=AFTER).where(mine).execute()
        theirs = Distributor.terms_version == BEFORE
        Distributor.update(terms_version=AFTER).where(theirs).execute()
