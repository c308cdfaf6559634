"""Refusals of backup and restore, and commands while a server runs."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app import commands
from app.arguments import parser
from app.backup import BackupError, backup, restore
from domain import after_restore_hold
from kernel import migrate
from models import OutboxRow
from tests.databases import drop, fresh, recreate
from tests.e2e.processes import Cluster, answers, stop_all
from tests.e2e.restored import Place

pytestmark = pytest.mark.durable
ON_A_SERVER = not os.environ.get("DATABASE_URL", "sqlite").startswith("sqlite")


@pytest.fixture
def place(tmp_path: Path, db: Any) -> Place:
    """A folder and free ports; the database of this test worker is empty."""
    db.close()
    return Place(tmp_path)


@pytest.fixture
def other_url(database_url: str, tmp_path: Path) -> Any:
    """A database without tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/other.sqlite3"
        return
    url = f"{database_url}_back"
    recreate(url)
    yield url
    drop(url)


async def test_a_damaged_backup_is_not_restored(
    place: Place, database_url: str, other_url: str
) -> None:
    file = place.folder / "b"
    await backup(place.config(database_url), file)
    assert file.stat().st_mode & 0o077 == 0
    with file.open("ab") as out:
        out.write(b"x")
    target = place.config(other_url, "other")
    with pytest.raises(BackupError, match="b is not what the manifest says"):
        await restore(target, file)
    assert migrate.pending(other_url) != []


async def test_a_backup_overwrites_nothing_and_leaves_no_partial_file(
    place: Place, database_url: str
) -> None:
    file = place.folder / "b"
    config = place.config(database_url)
    await backup(config, file)
    before = file.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        await backup(config, file)
    assert file.read_bytes() == before
    gone = config.model_copy(update={"database": "sqlite:////nowhere/at/all.sqlite3"})
    with pytest.raises(Exception, match=r"nowhere|unable to open|Permission|Read-only|no such"):
        await backup(gone, place.folder / "c")
    assert [p.name for p in place.folder.iterdir() if p.name.startswith("c")] == []


async def test_only_an_empty_database_is_restored_into(
    place: Place, database_url: str, other_url: str
) -> None:
    file = place.folder / "b"
    await backup(place.config(database_url), file)
    fresh(other_url)
    with pytest.raises(BackupError, match="not empty"):
        await restore(place.config(other_url, "other"), file)


async def test_a_backup_of_another_secret_or_engine_is_refused(
    place: Place, database_url: str, other_url: str
) -> None:
    file = place.folder / "b"
    await backup(place.config(database_url), file)
    target = place.config(other_url, "other")
    wrong = target.model_copy(update={"secret_key": "quite-another-secret-0123"})
    with pytest.raises(BackupError, match="secret_key is not the one"):
        await restore(wrong, file)
    manifest = json.loads((place.folder / "b.json").read_text("utf-8"))
    manifest["engine"] = "oracle"
    (place.folder / "b.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BackupError, match="oracle backup can't go into"):
        await restore(target, file)
    rotated = target.model_copy(
        update={"secret_key": "a-new-secret-0123456789", "previous_secret_key": target.secret_key}
    )
    manifest["engine"] = target.database.split(":")[0]
    (place.folder / "b.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "hold" in await restore(rotated, file)


async def test_a_restored_database_has_its_history_and_is_on_hold(
    place: Place, database_url: str, other_url: str, capsys: Any
) -> None:
    file = place.folder / "b"
    await backup(place.config(database_url), file)
    target = place.config(other_url, "other")
    await restore(target, file)
    assert migrate.applied(other_url) == migrate.applied(database_url)
    assert migrate.pending(other_url) == []
    arguments = parser().parse_args(["hold"])
    assert await commands.run(target, arguments) == 1
    said = capsys.readouterr().out
    assert "held since" in said
    assert "bills read: none" in said


async def test_commands_use_a_running_server_on_sqlite(tmp_path: Path) -> None:
    if ON_A_SERVER:
        pytest.skip("servers take any number of processes")
    cluster = Cluster(tmp_path, f"sqlite:///{tmp_path}/shop.sqlite3", "memory://")
    file = tmp_path / "b"
    cluster.run("migrate")
    try:
        cluster.start_app("web1", "serve")
        async with aiohttp.ClientSession() as http:
            await answers(http, f"{cluster.url('web1-private')}/health", cluster)
        status, said = await asyncio.to_thread(cluster.ask, "backup", str(file))
        assert (status, "sqlite" in said, file.exists()) == (0, True, True), said
        begin = ("begin", "--backup-at", "2026-01-01T00:00+08:00", "--reason", "PITR")
        assert await asyncio.to_thread(cluster.ask, "hold", *begin) == (0, "the shop is in hold\n")
        status, said = await asyncio.to_thread(cluster.ask, "hold", "lift", "--reason", "x")
        assert (status, "hold_bills_unread" in said) == (1, True)
        status, said = await asyncio.to_thread(cluster.ask, "restore", str(file))
        assert (status, "stop it first" in said) == (2, True)
        status, said = await asyncio.to_thread(cluster.ask, "keys", "rotate")
        assert (status, said[:15]) == (0, "0 data keys and")
        assert await cluster.stop("web1") == 0
    finally:
        await stop_all(cluster)


async def test_the_outbox_is_sent_after_the_hold(place: Place, database_url: str) -> None:
    from datetime import timedelta

    from domain import outbox
    from kernel import clock

    async with place.wechat(), place.shop(place.config(database_url)) as world:
        store = world.runtime.store
        await store.write(after_restore_hold.begin_hold, "test", clock.now())
        facts = {"member_id": 1, "purpose": "grant_active", "facts": {}}
        await store.write(outbox.enqueue, "notify.member", facts)
        await world.worker.settle()
        row = await store.read(_last_row)
        assert (row.state, row.attempts, row.last_error) == ("due", 0, "held_after_restore")
        assert row.next_at - clock.now() > timedelta(seconds=30)
        today = clock.business_day(clock.now())
        await store.write(after_restore_hold.record_reading, today, today, 0, ())
        await store.write(after_restore_hold.lift_hold, "operator:test", "读过了")
        await world.move(minutes=2)
        assert (await store.read(_last_row)).state == "done"


def _last_row() -> Any:
    return OutboxRow.select().where(OutboxRow.kind == "notify.member").get()
