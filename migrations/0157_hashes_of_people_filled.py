"""Hashes of the names and phones that are there already (ADR 0091).

What can't be decrypted, because its member's key is gone or the row is damaged, gets none.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidTag
from peewee import BigAutoField, BigIntegerField, Case, CharField, Model, TextField

from kernel.crypto import unseal, vault
from kernel.people_hashes import name_hash, phone_hash

log = logging.getLogger(__name__)
CHUNK = 500
Hashes = dict[str, str | None]


class Member(Model):
    id = BigAutoField()
    nickname = CharField(max_length=64, null=True)
    wrapped_key = TextField(null=True)
    name_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "member"


class Address(Model):
    id = BigAutoField()
    member_id = BigIntegerField()
    sealed = TextField()
    deleted_at = BigIntegerField(null=True)
    name_hash = CharField(max_length=64, null=True)
    phone_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "address"


class Order(Model):
    id = BigAutoField()
    member_id = BigIntegerField()
    sealed_address = TextField()
    name_hash = CharField(max_length=64, null=True)
    phone_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "mall_order"


class Payee(Model):
    id = BigAutoField()
    owner_kind = CharField(max_length=12)
    owner_id = BigIntegerField()
    sealed_identity = TextField(null=True)
    name_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "payee"


class Distributor(Model):
    id = BigAutoField()
    display_name = CharField(max_length=30)
    name_hash = CharField(max_length=64, null=True)

    class Meta:
        table_name = "distributor"


def up(_: Any, db: Any) -> None:
    """Chunks of rows, each filled by one statement a column; it may be repeated."""
    tables = (Member, Address, Order, Payee, Distributor)
    with db.bind_ctx(tables, bind_refs=False, bind_backrefs=False):
        _fill(
            Member, lambda rows: {row.id: {"name_hash": name_hash(row.nickname)} for row in rows}
        )
        _fill(Distributor, lambda rows: {
            row.id: {"name_hash": name_hash(row.display_name)} for row in rows
        })  # fmt: skip
        _fill(Address, lambda rows: _of_sealed(
            [(row.id, row.member_id, row.sealed) for row in rows if row.deleted_at is None],
            "address.sealed",
        ))  # fmt: skip
        _fill(Order, lambda rows: _of_sealed(
            [(row.id, row.member_id, row.sealed_address) for row in rows],
            "mall_order.sealed_address",
        ))  # fmt: skip
        _fill(Payee, _of_payees)


def _fill(table: Any, hashes_of: Callable[[list[Any]], dict[int, Hashes]]) -> None:
    last = 0
    while True:
        rows = list(table.select().where(table.id > last).order_by(table.id).limit(CHUNK))
        if not rows:
            return
        last = rows[-1].id
        found = hashes_of(rows)
        for name in ("name_hash", "phone_hash"):
            made = [(key, each[name]) for key, each in found.items() if each.get(name)]
            if made:
                ids = [key for key, _ in made]
                table.update({name: Case(table.id, made)}).where(table.id.in_(ids)).execute()


def _of_payees(rows: list[Any]) -> dict[int, Hashes]:
    sealed = [
        (row.id, row.owner_id, row.sealed_identity) for row in rows
        if row.owner_kind == "member" and row.sealed_identity is not None
    ]  # fmt: skip
    found = _of_sealed(sealed, "distributor.identity")
    return {key: {"name_hash": each["name_hash"]} for key, each in found.items()}


def _of_sealed(rows: list[tuple[int, int, str]], context: str) -> dict[int, Hashes]:
    """The hashes of each row: id, member, and the JSON text under the member's key."""
    people = {member_id for _, member_id, _ in rows}
    chosen = Member.id.in_(people) & Member.wrapped_key.is_null(False)
    wrapped = {row.id: row.wrapped_key for row in Member.select().where(chosen)} if people else {}
    found: dict[int, Hashes] = {}
    for row_id, member_id, sealed in rows:
        if member_id not in wrapped:
            continue
        try:
            key = vault().open_data_key(wrapped[member_id], f"member:{member_id}")
            form = json.loads(unseal(key, sealed, f"{context}:{member_id}"))
        except (InvalidTag, ValueError):
            log.warning("%s: row %s can't be decrypted, it gets no hash", context, row_id)
            continue
        found[row_id] = {
            "name_hash": name_hash(form.get("name")), "phone_hash": phone_hash(form.get("phone")),
        }  # fmt: skip
    return found
