"""Production from the outside: the doctor's list, and starts that are refused, as processes."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.production import NotForProduction, refuse_published
from app.seed import DEMO_PASSWORD
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
    """A command in a folder of its own; its exit status and everything it wrote."""
    known = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    log = folder / "said.log"
    log.unlink(missing_ok=True)
    status = Forked(module, arguments, folder, known | env, log).wait(120)
    text = log.read_text(encoding="utf-8")
    log.unlink()
    return status, text


def with_file(folder: Path, **changes: Any) -> Path:
    """A real configuration on a SQLite book of its own, migrated."""
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
def test_the_doctor_lists_everything_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    assert run(tmp_path, "var/demo-keys", module="simulator.keys")[0] == 0
    status, text = run(tmp_path, "doctor", "production")
    assert status == 1
    for key in ("environment", "public_url", "secret_key", "wechat.encoding_aes_key",
                "wechat.jssdk_url", "pay.private_key", "pay.public_key_id", "site.legal_name",
                "site.complaint_phone", "database"):  # fmt: skip
        assert f"✗ {key}: " in text, key
    assert text.count("→ expected ") > 25
    assert "Traceback" not in text
    assert "demo-secret-key-not-for-production" not in text


def test_the_doctor_is_content_with_a_real_installation(tmp_path: Path) -> None:
    with_file(tmp_path)
    assert run(tmp_path, "doctor", "production") == (0, "fit for production\n")


def test_the_doctor_says_when_the_file_or_the_database_can_t_be_read(tmp_path: Path) -> None:
    path = with_file(tmp_path, database="postgresql://shop:xK2-vT9qLm4Zw@127.0.0.1:1/none",
                     redis="redis://127.0.0.1:1/0")  # fmt: skip
    status, text = run(tmp_path, "doctor", "production")
    assert (status, "✗ database: could not be looked at" in text) == (1, True), text
    path.write_text("environment: production\n")
    status, text = run(tmp_path, "doctor", "production")
    assert (status, "Traceback" in text, "wechat" in text) == (1, False, True)


@pytest.mark.parametrize("command", ["seed", "demo"])
def test_what_is_for_trying_does_not_run_in_production(tmp_path: Path, command: str) -> None:
    """``seed`` filled a production database with published passwords."""
    with_file(tmp_path)
    before = {p.name for p in tmp_path.rglob("*") if "shop.sqlite3" not in p.name}
    status, text = run(tmp_path, command, FENMALL_ENV="production")
    assert status == 2, text
    assert "Traceback" not in text
    assert {p.name for p in tmp_path.rglob("*") if "shop.sqlite3" not in p.name} == before


def test_the_demo_takes_no_other_shop_s_configuration(tmp_path: Path) -> None:
    with_file(tmp_path)
    status, text = run(tmp_path, "demo")
    assert (status, "FENMALL_ENV=demo only" in text) == (2, True), text


def test_the_clock_and_the_simulator_do_not_run_in_production(tmp_path: Path) -> None:
    with_file(tmp_path)
    status, text = run(tmp_path, "clock", "+1d")
    assert (status, "refused" in text) == (1, True), text
    status, text = run(tmp_path, "--port", "0", module="simulator", FENMALL_ENV="production")
    assert (status, "never runs beside" in text) == (1, True), text


def test_a_production_book_is_not_served_by_a_demo(tmp_path: Path) -> None:
    """Only the configuration was looked at: the demo's, with the real database, was taken."""
    with_file(tmp_path)
    status, text = run(tmp_path, "doctor", "production")
    assert status == 0, text
    database = f"sqlite:///{tmp_path}/shop.sqlite3"
    assert run(tmp_path, "var/demo-keys", module="simulator.keys")[0] == 0
    (tmp_path / "config.yaml").write_bytes((ROOT / "config.yaml").read_bytes())
    mine = {"DATABASE_URL": database, "FENMALL_ENV": "demo"}
    mark(database, "production")
    for command in (("serve",), ("worker",), ("seed",), ("clock", "+1d"), ("admin", "code", "x")):
        status, text = run(tmp_path, *command, **mine)
        assert status in {1, 2}, (command, text)
        assert "Traceback" not in text, command
        assert "environment" in text or "foreign_book" in text, (command, text)


def mark(database: str, environment: str) -> None:
    """Claim a book as a process of that environment does."""

    async def claimed() -> None:
        store = open_store(database)
        await store.write(claim_book, environment)
        await store.close()

    asyncio.run(claimed())


async def test_published_passwords_keep_production_from_starting(store: Any) -> None:
    """A shop that was seeded and then renamed production let everybody in."""
    config = read(real())
    await refuse_published(store, config)
    await store.write(create_staff, "chen", "小陈", ("operator",), _password("kT9-vQ2mXr7Lp"))
    await refuse_published(store, config)
    await store.write(create_staff, "shop", "店主", ("owner",), _password(DEMO_PASSWORD))
    with pytest.raises(NotForProduction, match=r"staff\.shop: the published password"):
        await refuse_published(store, config)
    await refuse_published(store, config.model_copy(update={"environment": "test"}))


async def test_a_moved_clock_or_a_demo_s_book_keeps_production_from_starting(store: Any) -> None:
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
