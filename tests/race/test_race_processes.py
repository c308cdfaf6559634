"""Races between whole processes: several shops on one database, migrations started twice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from kernel.migrate import pending
from kernel.store import is_sqlite
from models import Order
from tests.databases import drop, recreate
from tests.factories.catalog import make_product
from tests.factories.members import make_member
from tests.harness.keys import shared_keys
from tests.harness.ports import free_port
from tests.harness.processes import app, ours
from tests.harness.world import environment_for
from tests.race.sales import counts, forms

PROCESSES = 3


@pytest.mark.parametrize("lane", [[], ["lane"]], ids=["each alone", "in lanes"])
async def test_buyers_of_three_processes_share_the_last_seven(
    store: Any, database_url: str, tmp_path: Path, lane: list[str]
) -> None:
    if is_sqlite():
        pytest.skip("SQLite is served by one process; tests/service/test_store_sqlite.py")
    made = await store.write(make_product, stock=7)
    people = [await store.write(make_member) for _ in range(30)]
    wanted = await store.write(forms, people, made.sku_id)
    begin = tmp_path / "begin"
    shops = []
    for n in range(PROCESSES):
        mine = tmp_path / f"forms{n}.json"
        mine.write_text(json.dumps([asdict(form) for form in wanted[n::PROCESSES]]))
        arguments = [database_url, str(mine), str(begin), *lane]
        shops.append(ours(f"buyer{n}", "tests.race.buyer", arguments, tmp_path).start())
    try:
        for shop in shops:
            shop.says("ready")
        begin.touch()
        assert [shop.wait() for shop in shops] == [0] * PROCESSES
    finally:
        for shop in shops:
            shop.kill()
    total: Counter[str] = Counter()
    for shop in shops:
        total.update(json.loads(shop.tail().splitlines()[-1]))
    assert total == {"ok": 7, "stock_short": 23}
    assert await store.read(counts, made.sku_id) == (0, 7, 0)
    assert await store.read(Order.select().count) == 7


def test_a_migration_that_is_started_three_times_at_once_is_done_once(
    database_url: str, tmp_path: Path
) -> None:
    """On a server the others wait and find nothing to do; on SQLite they may be refused."""
    url = f"sqlite:///{tmp_path}/twice.sqlite3"
    if not database_url.startswith("sqlite"):
        url = f"{database_url}_twice"
        recreate(url)
    ports = (free_port(), free_port(), free_port())
    env = environment_for(*ports, url, "memory://", tmp_path, shared_keys())
    runs = [app(f"migrate{n}", ["migrate"], tmp_path, env).start() for n in range(3)]
    try:
        statuses = [run.wait() for run in runs]
        texts = [run.tail() for run in runs]
        assert not any("Traceback" in text for text in texts), texts
        did = [text for text in texts if "0001_initial" in text]
        assert len(did) == 1, texts
        if url.startswith("sqlite"):
            assert set(statuses) <= {0, 2}
        else:
            assert statuses == [0, 0, 0]
            assert sorted("up to date" in text for text in texts) == [False, True, True]
        assert pending(url) == []
    finally:
        for run in runs:
            run.kill()
        if not url.startswith("sqlite"):
            drop(url)
