"""``python -m app doctor production``: everything that makes an installation unfit for production.

``kernel.production`` checks the configuration. This module checks the database: accounts with a
published password, another environment's data, a moved clock. With any problem a production start
is refused.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from domain.clock_offset import load_offset
from domain.installation import environment_of_book
from domain.staff import SignInFacts, sign_in_facts
from kernel import migrate
from kernel.config import Config, ConfigError, load
from kernel.crypto import Vault
from kernel.hashing import matches_hash
from kernel.production import PUBLISHED, Problem, problems
from kernel.store import Store, open_store

DEMO_PASSWORD = "fenmall-demo-2026"  # noqa: S105 - the demo's, printed at its start
PASSWORDS = (DEMO_PASSWORD,)


class NotForProduction(Exception):
    """The start in production is refused; the message lists every problem."""


async def doctor(path: Path) -> tuple[int, str]:
    """All problems of a configuration file and its database; status 1 with any."""
    try:
        config = load(path, is_checked=False)
    except ConfigError as error:
        return 1, f"{error}\nthe file can't be read so far: mend these first"
    found = [*problems(config, path.parent), *await _of_database(config)]
    lines = [f"✗ {each.key}: {each.why}\n    → expected {each.expected}" for each in found]
    lines.append(f"{len(found)} problems: not fit" if found else "fit for production")
    return (1 if found else 0), "\n".join(lines)


async def _of_database(config: Config) -> list[Problem]:
    try:
        if migrate.pending(config.database):
            return [Problem("database", "not up to date", "python -m app migrate first")]
        store = open_store(config.database, lock=False)
    except Exception as error:
        why = f"could not be looked at ({type(error).__name__})"
        return [Problem("database", why, "a database that answers")]
    try:
        return await data_problems(store)
    finally:
        await store.close()


async def data_problems(store: Store) -> list[Problem]:
    """Problems of the database that a production start refuses."""
    found = []
    book = await store.read(environment_of_book)
    if book not in {None, "production"}:
        found.append(
            Problem("database", f"the book of a {book} installation", "an empty database")
        )
    if await store.read(load_offset):
        found.append(Problem("clock", "business time is moved", "a clock that was never moved"))
    people = await store.read(sign_in_facts)
    for who, why in await asyncio.to_thread(_published, people):
        expected = "a password of their own (python -m app admin create-user), or no account"
        found.append(Problem(f"staff.{who}", why, expected))
    return found


def _published(people: Sequence[SignInFacts]) -> list[tuple[str, str]]:
    """Accounts with a published password or secret; verifying takes 0.2 s for each."""
    demo = Vault.from_secret(PUBLISHED["secret_key"][0])
    found = []
    for each in people:
        if any(matches_hash(each.password_hash, plain) for plain in PASSWORDS):
            found.append((each.login, "the published password of the demo"))
        if each.sealed_totp and _opens(demo, each):
            found.append((each.login, "one-time codes sealed by the published secret_key"))
    return found


def _opens(demo: Vault, each: SignInFacts) -> bool:
    try:
        demo.unseal(each.sealed_totp or "", f"totp:{each.login}")
    except Exception:
        return False
    return True


async def refuse_published(store: Store, config: Config) -> None:
    """Check the database before a production process serves. Raises NotForProduction."""
    if config.environment == "production" and (found := await data_problems(store)):
        raise NotForProduction("\n".join(map(str, found)))


def print_doctor(path: Path) -> int:
    """Run the command; returns the exit status."""
    status, text = asyncio.run(doctor(path))
    sys.stdout.write(text + "\n")
    return status
