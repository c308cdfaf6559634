"""The harness itself: nothing that a test wrote is there for the next, and kept rows come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain import members
from kernel.store import insert_row
from kernel.store.factory import make_database
from models import TABLES, Category, Member
from tests.databases import TABLE_NAMES, empty, full_tables
from tests.factories import numbers
from tests.factories.catalog import make_product
from tests.factories.distribution import make_customer, make_distributor
from tests.factories.members import APPID, make_member
from tests.harness import made_once as harness
from tests.harness.made_once import made_once

BOOKKEEPING = {"schema_migration"}


def all_rows(db: Any) -> dict[str, list[str]]:
    """The rows of the tables that have some."""
    read = {name: db.execute_sql(f"SELECT * FROM {name}").fetchall() for name in TABLE_NAMES}
    return {name: sorted(map(repr, rows)) for name, rows in read.items() if rows}


def fill() -> int:
    """A distributor, a customer of theirs, and a product; returns the distributor."""
    seller = make_distributor("阿慧")
    make_customer(seller, "小王")
    make_product("陈酿", price_fen=29800)
    return seller


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Nothing is kept under the names of these tests."""
    yield
    for name in [name for name in harness._kept if name.startswith("test: ")]:
        del harness._kept[name]


def test_every_table_is_among_those_that_are_emptied(db: Any) -> None:
    assert {*db.get_tables()} - BOOKKEEPING == {*TABLE_NAMES}
    assert len(TABLE_NAMES) == len(TABLES)


async def test_a_row_written_by_any_route_is_gone(db: Any, store: Any, database_url: str) -> None:
    """By verbs in the test's thread and in the store's, by prepared SQL, by another connection."""
    fill()
    await store.write(members.record_message, APPID, "oSomebodyElse000000000000000")
    insert_row(Category, name="白酒", position=1, is_hidden=False)
    other = make_database(database_url)
    other.execute_sql("UPDATE member SET nickname = 'by another connection'")
    other.close()
    assert {"category", "distributor", "member", "product"} <= full_tables(db)
    assert {*all_rows(db)} == full_tables(db)
    empty(db)
    assert full_tables(db) == set()
    assert all_rows(db) == {}


@pytest.fixture
def made(db: Any, forgotten: None) -> list[int]:
    """What ``fill`` returned, each time that it ran."""
    return []


def make(runs: list[int]) -> int:
    """Make the rows, or insert those that were made."""

    def counted() -> int:
        runs.append(fill())
        return runs[-1]

    return made_once("test: a distributor with a customer", counted)


def test_kept_rows_come_back_with_their_ids_and_numbers(db: Any, made: list[int]) -> None:
    seller = make(made)
    before, counts = all_rows(db), numbers.given()
    make_member("又一位")
    empty(db)
    numbers.begin_anew()
    assert make(made) == seller
    assert all_rows(db) == before
    assert numbers.given() == counts
    assert made == [seller]


def test_a_row_made_after_kept_ones_gets_an_id_of_its_own(db: Any, made: list[int]) -> None:
    make(made)
    empty(db)
    make(made)
    ids = {row.id for row in Member.select(Member.id)}
    assert make_member("又一位") not in ids
    assert Member.select().count() == len(ids) + 1


def test_rows_are_made_anew_where_others_were_before(db: Any, made: list[int]) -> None:
    make(made)
    empty(db)
    earlier = make_member("早先的一位")
    make(made)
    assert len(made) == 2
    assert Member.get_or_none(Member.id == earlier) is not None


def test_rows_past_their_age_are_made_anew(
    db: Any, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(made)
    empty(db)
    numbers.begin_anew()
    monkeypatch.setattr(harness, "AGE_MOST_SECONDS", 0.0)
    make(made)
    assert len(made) == 2
