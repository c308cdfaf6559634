"""Password hashing: a process with a short queue, known people first, no hashing at start."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from argon2 import extract_parameters

from kernel import passwords
from kernel.errors import Busy
from kernel.hashing import NICE, make_hash, matches_hash
from kernel.passwords import EACH, WAITING, HashingProcess, PasswordPool, dummy_hash


async def _in_turn(pool: PasswordPool, seen: list[str], name: str, **of: Any) -> None:
    async with pool.turn(of.pop("origin", name), **of):
        seen.append(name)
        await asyncio.sleep(0)


def test_a_hash_matches_its_own_password_only() -> None:
    made = make_hash("correct horse staple")
    assert matches_hash(made, "correct horse staple")
    assert not matches_hash(made, "correct horse stapl")
    assert not matches_hash("no hash at all", "correct horse staple")


def test_the_dummy_hash_has_the_usual_cost_and_matches_no_password() -> None:
    made, nobody = make_hash("x"), dummy_hash()
    assert extract_parameters(made) == extract_parameters(nobody)
    assert len(made) == len(nobody)
    assert not matches_hash(nobody, "")
    assert dummy_hash() != nobody


def test_nothing_is_hashed_at_start() -> None:
    """Before, it took 0.2 s of every start, also of each test worker."""
    code = (
        "import argon2\n"
        "def hash(*_, **__): raise SystemExit('hashed at import')\n"
        "argon2.PasswordHasher.hash = argon2.PasswordHasher.verify = hash\n"
        "import app.server, app.commands, domain.staff, admin\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_only_the_hashing_process_hashes() -> None:
    """A hash inside a verb would block all writers, so that no other module may import argon2."""
    root = Path(passwords.__file__).resolve().parents[1]
    folders = ("kernel", "schema", "domain", "gateways", "bot", "mall_h5", "admin", "app")
    files = [file for folder in folders for file in (root / folder).rglob("*.py")]
    users = {
        f.name for f in files if re.search(r"^(from|import) argon2", f.read_text(), re.MULTILINE)
    }
    assert users == {"hashing.py"}
    asking = {
        f.relative_to(root).as_posix() for f in files
        if re.search(r"\b(import hashing|kernel\.hashing import)", f.read_text())
    }  # fmt: skip
    # a start in production checks for published passwords before the store serves
    assert asking == {"kernel/passwords.py", "app/production.py"}


def test_the_process_hashes_at_full_cost_on_one_processor() -> None:
    """The default of argon2 is four threads for each hash."""
    engine = HashingProcess()
    try:
        made = engine.ask("hash", "陈酿 and \n more")
        costs = extract_parameters(made)
        assert costs.parallelism == 1
        assert (costs.memory_cost, costs.time_cost) >= (64 * 1024, 3)
        assert engine.ask("verify", made, "陈酿 and \n more") is True
        assert engine.ask("verify", made, "another") is False
        assert engine.ask("verify", "no hash at all", "another") is False
        child = engine._child
        assert child is not None
        if sys.platform == "linux":
            assert os.getpriority(os.PRIO_PROCESS, child.pid) >= NICE
    finally:
        engine.close()
    assert child.poll() is not None


def test_a_process_that_was_killed_is_started_again() -> None:
    engine = HashingProcess()
    try:
        nobody = dummy_hash()
        assert engine.ask("verify", nobody, "x") is False
        first = engine._child
        assert first is not None
        first.kill()
        first.wait()
        assert engine.ask("verify", nobody, "x") is False
        assert engine._child is not first
    finally:
        engine.close()


def test_the_process_ends_with_its_parent() -> None:
    """The end of its input ends the process."""
    code = (
        "from kernel.passwords import HashingProcess\n"
        "engine = HashingProcess()\n"
        "engine.ask('verify', 'x', 'y')\n"
        "print(engine._child.pid, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid = int(done.stdout)
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists() or "(zombie)" in _state(pid):
            return
        time.sleep(0.02)
    raise AssertionError("the process is still there")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "(zombie)"


async def test_one_hash_at_a_time_and_known_people_before_strangers() -> None:
    pool, seen = PasswordPool(), list[str]()
    async with pool.turn("first"):
        tasks = [asyncio.create_task(_in_turn(pool, seen, f"stranger{n}")) for n in range(3)]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(_in_turn(pool, seen, "owner", is_known=True)))
        await asyncio.sleep(0)
        assert seen == []
    await asyncio.gather(*tasks)
    assert seen == ["owner", "stranger0", "stranger1", "stranger2"]


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_caller_is_refused_at_once_while_the_queue_is_full(is_known: bool) -> None:
    pool, seen, tasks = PasswordPool(), list[str](), []
    async with pool.turn("first"):
        for n in range(WAITING):
            of = {"origin": f"o{n // EACH}", "is_known": is_known}
            tasks.append(asyncio.create_task(_in_turn(pool, seen, str(n), **of)))
        await asyncio.sleep(0)
        for origin in ("o0", "somebody else"):
            with pytest.raises(Busy) as refused:
                async with pool.turn(origin, is_known=is_known):
                    raise AssertionError
            assert refused.value.http_status == 503
            assert refused.value.facts["seconds"] > 0
    await asyncio.gather(*tasks)
    assert seen == [str(n) for n in range(WAITING)]
    async with pool.turn("o0", is_known=is_known):
        pass


async def test_one_origin_cannot_fill_the_queue() -> None:
    pool, seen = PasswordPool(), list[str]()
    async with pool.turn("first"):
        tasks = [
            asyncio.create_task(_in_turn(pool, seen, "hostile", origin="x")) for _ in range(EACH)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await _in_turn(pool, seen, "hostile", origin="x")
        tasks.append(asyncio.create_task(_in_turn(pool, seen, "owner on a new phone")))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert seen[-1] == "owner on a new phone"


async def test_a_cancelled_caller_frees_its_place_in_the_queue() -> None:
    pool, seen = PasswordPool(), list[str]()
    async with pool.turn("first"):
        left = asyncio.create_task(_in_turn(pool, seen, "left"))
        await asyncio.sleep(0)
        left.cancel()
        stayed = asyncio.create_task(_in_turn(pool, seen, "stayed"))
        await asyncio.sleep(0)
    called_off = asyncio.create_task(_in_turn(pool, seen, "called off"))
    await stayed
    called_off.cancel()
    await asyncio.wait([called_off])
    async with pool.turn("next"):
        seen.append("next")
    assert [name for name in seen if name != "called off"] == ["stayed", "next"]
