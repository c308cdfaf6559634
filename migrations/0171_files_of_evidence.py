"""Evidence for claims has the document itself on file (证明材料的原件)."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, CharField, Model

from kernel.migrate import add_columns


class ClaimEvidence(Model):
    id = BigAutoField()
    file = CharField(max_length=64, constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "claim_evidence"


def up(_: Any, db: Any) -> None:
    """Evidence of before has no file."""
    add_columns(db, ClaimEvidence, "file")
