"""A database that was filled before people were found by hashes: each row is found now.

What can't be decrypted has no hash: its member's key is gone, or the row is damaged.
"""

from __future__ import annotations

import copy
import importlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain import distribution, members, orders, payouts
from domain.orders import OrderFilter
from kernel.finding import Sought
from kernel.people_hashes import name_hash, phone_hash
from models import Address, Distributor, Member, Order, Payee
from tests.harness.filled import Rows, filled_database, rows_of

ERASED = 99
fill: Any = importlib.import_module("migrations.0157_hashes_of_people_filled")


def _rows_of_trade() -> Rows:
    """The golden rows; one address deleted, one order damaged, one of an erased member."""
    rows = copy.deepcopy(rows_of("before_payables.json"))
    erased = rows["member"][0] | {"id": ERASED, "public_no": "ERASED0099", "wrapped_key": None}
    rows["member"].append(erased)
    rows["address"][1]["deleted_at"] = rows["address"][1]["created_at"]
    rows["mall_order"][-1]["sealed_address"] = "-"
    rows["mall_order"][-2]["member_id"] = ERASED
    return rows


@pytest.fixture
def trade(tmp_path: Path) -> Iterator[Any]:
    """Orders and addresses of a former release, migrated to today's tables and opened."""
    with filled_database(tmp_path, _rows_of_trade(), "0037_seen_visits") as database:
        yield database


@pytest.fixture
def sellers(tmp_path: Path) -> Iterator[Any]:
    """Distributors and their identities of a former release, migrated and opened."""
    rows = rows_of("before_payouts.json")
    with filled_database(tmp_path, rows, "0001_initial") as database:
        yield database


def test_each_order_is_found_by_its_receiver_and_others_by_their_mask(trade: Any) -> None:
    *kept, erased, damaged = Order.select().order_by(Order.id)
    assert len(kept) > 3
    for row in kept:
        form = orders.queries.decrypted_address(row)
        assert row.name_hash == name_hash(form["name"]) is not None
        assert row.phone_hash == phone_hash(form["phone"]) is not None
    for row in (erased, damaged):
        assert (row.name_hash, row.phone_hash) == (None, None)
    for words in (form["name"], form["phone"]):
        found = {card.id for card in orders.list_orders(OrderFilter(words=words))}
        assert found == {row.id for row in (*kept, erased, damaged)}
    other = form["phone"][:3] + "1111" + form["phone"][-4:]
    found = {card.id for card in orders.list_orders(OrderFilter(words=other))}
    assert found == {erased.id, damaged.id}


def test_a_member_is_found_by_an_address_that_is_kept(trade: Any) -> None:
    kept, deleted = Address.select().order_by(Address.id)
    form = members.address_of(kept.member_id, kept.id).form
    assert (kept.name_hash, kept.phone_hash) == (name_hash(form.name), phone_hash(form.phone))
    assert (deleted.name_hash, deleted.phone_hash) == (None, None)
    for words in (form.name, form.phone):
        found = members.find_members(Sought.of(words), 10)
        assert [each.key for each in found] == [str(kept.member_id)]


def test_it_may_be_repeated_in_any_chunks(
    trade: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = _hashes()
    monkeypatch.setattr(fill, "CHUNK", 3)
    with caplog.at_level(logging.WARNING):
        fill.up(None, trade)
    assert _hashes() == before
    assert [record.args for record in caplog.records if "decrypted" in record.msg] == [
        ("mall_order.sealed_address", Order.select().order_by(Order.id.desc()).get().id)
    ]


def test_payees_distributors_and_nicknames_have_theirs(sellers: Any) -> None:
    real = {}
    for row in Payee.select().where(Payee.sealed_identity.is_null(False)):
        name = json.loads(payouts.decrypted_identity(row.owner_id))["name"]
        assert row.name_hash == name_hash(name)
        real[row.owner_id] = name
    assert len(real) > 5
    for member_id, name in real.items():
        found = distribution.find_distributors(Sought.of(name), 99)
        assert str(member_id) in {each.key for each in found}
    for row in Distributor.select():
        assert row.name_hash == name_hash(row.display_name) is not None
    for row in Member.select():
        assert row.name_hash == name_hash(row.nickname)


def _hashes() -> list[Any]:
    return [
        (table.__name__, row.id, row.name_hash, getattr(row, "phone_hash", None))
        for table in (Member, Address, Order, Payee, Distributor)
        for row in table.select().order_by(table.id)
    ]
