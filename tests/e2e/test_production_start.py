"""The command ``doctor``, and starts that production refuses, run as processes."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.production import DEMO_PASSWORD, NotForProduction, refuse_published
from domain.clock_offset import move_clock
from domain.installation import claim_book, refuse_foreign_book
from domain.staff import create_staff
from kernel.errors import Forbidden
from kernel.hashing import make_hash
from kernel.passwords import Password
from kernel.store import open_store
from models import ClockOffset, SystemState
from tests.databases import fresh
from tests.harness.forked import Forked
from tests.unit.test_production import read, real

ROOT = Path(__file__).resolve().parents[2]


def _password(plain: str) -> Password:
    return Password(plain, make_hash(plain))


def run(folder: Path, *arguments: str, module: str = "app", **env: str) -> tuple[int, str]:
    """Run a command in a folder; returns its exit status and its output."""
    known = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    log = folder / "said.log"
    log.unlink(missing_ok=True)
    status = Forked(module, arguments, folder, known | env, log).wait(120)
    text = log.read_text(encoding="utf-8")
    log.unlink()
    return status, text


def with_file(folder: Path, **changes: Any) -> Path:
    """Write a production configuration with a migrated SQLite database; returns its path."""
    given = real() | {
        "database": f"sqlite:///{folder}/shop.sqlite3", "redis": "memory://",
        "uploads": str(folder / "uploads"),
    } | changes  # fmt: skip
    given["http"] = {"port": 0, "private_port": 0, "worker_private_port": 0}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    if "sqlite:////" in given["database"]:
        fresh(given["database"])
    return path


@pytest.mark.row("G3")
def test_the_doctor_lists_all_problems_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    assert run(tmp_path, "var/demo-keys", module="simulator.keys")[0] == 0
    status, output = run(tmp_path, "doctor", "production")
    assert status == 1
    for key in ("environment", "public_url", "secret_key", "wechat.encoding_aes_key",
                "wechat.jssdk_url", "pay.private_key", "pay.public_key_id", "site.legal_name",
                "site.complaint_phone", "database"):  # fmt: skip
        assert f"✗ {key}: " in output, key
    assert output.count("→ expected ") > 25
    assert "Traceback" not in output
    assert "demo-secret-key-not-for-production" not in output


def test_the_doctor_accepts_a_production_configuration(tmp_path: Path) -> None:
    with_file(tmp_path)
    assert run(tmp_path, "doctor", "production") == (0, "fit for production\n")


def test_the_doctor_names_an_unreadable_file_or_database(tmp_path: Path) -> None:
    path = with_file(tmp_path, database="postgresql://shop:xK2-vT9qLm4Zw@127.0.0.1:1/none",
                     redis="redis://127.0.0.1:1/0")  # fmt: skip
    status, output = run(tmp_path, "doctor", "production")
    assert (status, "✗ database: could not be looked at" in output) == (1, True), output
    path.write_text("environment: production\n")
    status, output = run(tmp_path, "doctor", "production")
    assert (status, "Traceback" in output, "wechat" in output) == (1, False, True)


@pytest.mark.parametrize("command", ["seed", "demo"])
def test_seed_and_demo_do_not_run_in_production(tmp_path: Path, command: str) -> None:
    """``seed`` once filled a production database with published passwords."""
    with_file(tmp_path)
    before = {p.name for p in tmp_path.rglob("*") if "shop.sqlite3" not in p.name}
    status, output = run(tmp_path, command, FENMALL_ENV="production")
    assert status == 2, output
    assert "Traceback" not in output
    assert {p.name for p in tmp_path.rglob("*") if "shop.sqlite3" not in p.name} == before


def test_the_demo_refuses_the_configuration_of_another_shop(tmp_path: Path) -> None:
    with_file(tmp_path)
    status, output = run(tmp_path, "demo")
    assert (status, "FENMALL_ENV=demo only" in output) == (2, True), output


def test_the_clock_and_the_simulator_do_not_run_in_production(tmp_path: Path) -> None:
    with_file(tmp_path)
    status, output = run(tmp_path, "clock", "+1d")
    assert (status, "refused" in output) == (1, True), output
    status, output = run(tmp_path, "--port", "0", module="simulator", FENMALL_ENV="production")
    assert (status, "never runs beside" in output) == (1, True), output


def test_a_demo_does_not_serve_a_production_database(tmp_path: Path) -> None:
    """Only the configuration was once checked, so a demo started on the real database."""
    with_file(tmp_path)
    status, output = run(tmp_path, "doctor", "production")
    assert status == 0, output
    database = f"sqlite:///{tmp_path}/shop.sqlite3"
    assert run(tmp_path, "var/demo-keys", module="simulator.keys")[0] == 0
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    mine = {"DATABASE_URL": database, "FENMALL_ENV": "demo"}
    mark(database, "production")
    for command in (("serve",), ("worker",), ("seed",), ("clock", "+1d"), ("admin", "code", "x")):
        status, output = run(tmp_path, *command, **mine)
        assert status in {1, 2}, (command, output)
        assert "Traceback" not in output, command
        assert "environment" in output or "foreign_book" in output, (command, output)


def mark(database: str, environment: str) -> None:
    """Mark a database as one of that environment, as its processes do."""

    async def claimed() -> None:
        store = open_store(database)
        await store.write(claim_book, environment)
        await store.close()

    asyncio.run(claimed())


async def test_production_does_not_start_with_published_passwords(store: Any) -> None:
    """A seeded shop that is switched to production would accept the published passwords."""
    config = read(real())
    await refuse_published(store, config)
    await store.write(create_staff, "chen", "小陈", ("operator",), _password("kT9-vQ2mXr7Lp"))
    await refuse_published(store, config)
    await store.write(create_staff, "shop", "店主", ("owner",), _password(DEMO_PASSWORD))
    with pytest.raises(NotForProduction, match=r"staff\.shop: the published password"):
        await refuse_published(store, config)
    await refuse_published(store, config.model_copy(update={"environment": "test"}))


async def test_production_does_not_start_with_a_moved_clock_or_a_demo_database(store: Any) -> None:
    config = read(real())
    await store.write(claim_book, "demo")
    with pytest.raises(NotForProduction, match="the book of a demo installation"):
        await refuse_published(store, config)
    with pytest.raises(Forbidden, match="foreign_book"):
        await store.read(refuse_foreign_book, "production")
    await store.read(refuse_foreign_book, "test")
    await store.write(SystemState.delete().execute)
    await store.write(move_clock, timedelta(days=8), "test")
    try:
        with pytest.raises(NotForProduction, match="business time is moved"):
            await refuse_published(store, config)
    finally:
        await store.write(move_clock, timedelta(0), "test")
        await store.write(ClockOffset.delete().execute)
