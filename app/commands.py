"""One-off commands: doctor, clock, staff, menu, reconciliation, backup, hold, keys.

A SQLite file is used by one process only. A command therefore takes the process lock; if a server
holds it, the command is sent to the server's private port, signed with the installation's secret.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from app.backup import BackupError, backup, restore
from app.runtime import Runtime, open_runtime
from app.wiring import payout_terms, subscribe_all
from domain import after_restore_hold, distribution, ledger, members, orders, payouts
from domain.clock_offset import load_offset, move_clock
from domain.reconcile import recover
from domain.staff import rewrap_totp
from kernel import context, migrate
from kernel.config import Config
from kernel.crypto import Vault
from kernel.errors import DomainError, GatewayError
from kernel.store.sqlite import AlreadyRunning

Result = tuple[int, str]
Runner = Callable[[Runtime, argparse.Namespace], Awaitable[Result]]
FRESH_SECONDS = 60
LONGEST_SECONDS = 3600
REHASHING = (
    members.rehash_nicknames, members.rehash_addresses, orders.rehash_orders,
    payouts.rehash_real_names, distribution.rehash_display_names,
)  # fmt: skip
_OFFSET = re.compile(r"([+-]?)([0-9]+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


async def run(config: Config, arguments: argparse.Namespace) -> int:
    """Run a command here, or in the server that holds the SQLite file; returns the exit status."""
    if arguments.command == "restore":
        return await _restore(config, Path(arguments.file))
    try:
        waiting = migrate.pending(config.database)
    except migrate.MigrationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if waiting:
        sys.stderr.write("the database is not up to date: run `python -m app migrate`\n")
        return 2
    try:
        async with open_runtime(config) as runtime:
            subscribe_all()
            status, text = await perform(runtime, arguments)
    except DomainError as error:
        status, text = 1, f"refused: {error}"
    except AlreadyRunning:
        try:
            status, text = await _ask_server(config, arguments)
        except aiohttp.ClientConnectorError:
            sys.stderr.write(_unheard(config))
            return 2
    sys.stdout.write(text.rstrip() + "\n")
    return status


async def perform(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    """Execute a command in its actor's name; a DomainError or GatewayError becomes status 1."""
    try:
        with context.acting(arguments.by):
            return await COMMANDS[arguments.command](runtime, arguments)
    except DomainError as error:
        return 1, f"refused: {error}"
    except GatewayError as error:
        return 1, f"WeChat: {error}"


async def _doctor(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    if arguments.what == "wechat":
        from app.doctor import wechat

        return await wechat(runtime)
    if arguments.what == "names":
        from app.doctor import names

        return await names(runtime, review=arguments.review)
    if arguments.what == "pickups":
        from app.doctor import collected

        return await collected(runtime)
    if arguments.what == "offers":
        from app.doctor import offers

        return await offers(runtime)
    if arguments.what == "people":
        from app.doctor import people

        return await people(runtime)
    if arguments.what == "legal":
        from app.doctor import company

        return await company(runtime)
    if arguments.what == "claims":
        from app.doctor import claims

        return await claims(runtime)
    if arguments.what == "identity":
        from app.doctor import identity

        return await identity(runtime)
    if arguments.what in ("orders", "stock", "days", "pushes"):
        from app.doctor import checkup

        return await checkup(runtime, arguments.what)
    found = await runtime.store.report(
        ledger.check_fully if arguments.full else ledger.check_open_days
    )
    since = f" since {found.since.isoformat()}, the days before are sealed" if found.since else ""
    lines = [f"{found.accounts} accounts, {found.transfers} transfers{since}"]
    lines += [str(each) for each in found.faults] or ["the book is right"]
    return (0 if found.is_clean else 1), "\n".join(lines)


async def _clock(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    offset = await runtime.store.read(load_offset)
    if arguments.move is not None:
        offset = parse_move(arguments.move, offset)
        await runtime.store.write(move_clock, offset, runtime.config.environment)
        if runtime.config.environment == "demo":
            await _move_simulator(runtime.config, offset)
    return 0, f"business time is moved by {offset}"


async def _move_simulator(config: Config, offset: timedelta) -> None:
    """Set the clock of the simulated WeChat as well, if it is running."""
    body = {"offset_seconds": offset.total_seconds(), "notify_app": False}
    url = f"{config.wechat.api_base}/_sim/clock"
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            await session.post(url, json=body)


def parse_move(text: str, offset: timedelta) -> timedelta:
    """The new offset: '+15d' is added to the present one, '0' resets it. Raises SystemExit."""
    if text == "0":
        return timedelta(0)
    match = _OFFSET.fullmatch(text)
    if not match:
        raise SystemExit(f"not a time to move by: {text} (e.g. +15d, -1h, 0)")
    sign, number, unit = match.groups()
    step = timedelta(**{_UNITS[unit]: int(number)})
    return offset - step if sign == "-" else offset + step


async def _admin(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    from domain.staff import create_staff_hashed, demo_code

    if arguments.action == "code":
        if runtime.config.environment == "production":
            return 1, "codes come from the authenticator app"
        return 0, await runtime.store.read(demo_code, arguments.login)
    name, roles = arguments.name or arguments.login, tuple(arguments.role) or ("operator",)
    made = await create_staff_hashed(
        runtime.store, runtime.passwords, arguments.login, name, roles
    )
    lines = [f"login: {arguments.login}", f"password: {made.password}"]
    if made.totp_uri:
        lines.append(f"one-time codes: {made.totp_uri}")
    return 0, "\n".join(lines)


async def _reconcile(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    from domain.reconcile import last_billed_day, list_differences, reconcile_since

    since = arguments.since or last_billed_day()
    if isinstance(since, str):
        since = date.fromisoformat(since)
    if await runtime.store.read(after_restore_hold.is_held):
        return await _recover(runtime, since)
    done = await reconcile_since(runtime.store, runtime.pay, since)
    lines = [f"{day}: {counts or 'no lines'}" for day, counts in done.items()]
    left = await runtime.store.read(list_differences)
    lines += [
        f"open: {x.day} {x.kind} {x.out_number} theirs={x.theirs_fen} ours={x.ours_fen} {x.state}"
        for x in left
    ]
    return (1 if left else 0), "\n".join(lines or ["no day has bills yet"])


async def _recover(runtime: Runtime, since: date) -> Result:
    """Reconcile during a hold, which also books payments that the restored data lacks."""
    done = await recover(runtime.store, runtime.pay, since, payout_terms(runtime))
    lines = [f"{day}: {counts or 'no lines'}" for day, counts in done.days.items()]
    lines += [f"booked: {each}" for each in done.booked]
    lines += [f"no answer: {each}" for each in done.unanswered]
    lines += [f"for a person: {each}" for each in done.listed]
    lines.append(f"{done.asked} questions asked")
    held = await runtime.store.read(after_restore_hold.hold_state)
    problem = after_restore_hold.why_not_lifted(held)
    lines.append(f"the hold stays: {problem}" if problem else "a person may lift the hold")
    return (1 if problem or done.listed else 0), "\n".join(lines)


async def _backup(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    try:
        return 0, await backup(runtime.config, Path(arguments.file))
    except BackupError as error:
        return 1, f"no backup: {error}"


async def _restore(config: Config, source: Path) -> int:
    try:
        text, status = await restore(config, source), 0
    except AlreadyRunning:
        text, status = "another process serves this database: stop it first", 2
    except BackupError as error:
        text, status = f"not restored: {error}", 1
    sys.stdout.write(text + "\n")
    return status


async def _hold(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    if arguments.action == "begin":
        return await _begin_hold(runtime, arguments)
    if arguments.action == "lift":
        await runtime.store.write(after_restore_hold.lift_hold, arguments.by, arguments.reason)
        return 0, "the hold is lifted; what waited goes out now"
    held = await runtime.store.read(after_restore_hold.hold_state)
    if not held.is_held:
        return 0, "no hold"
    lines = [f"held since {held.since.isoformat()}: {held.why}"]
    lines.append(f"bills read: {held.read_from or 'none'} to {held.read_to or 'none'}")
    lines += [f"for a person: {each}" for each in held.listed]
    problem = after_restore_hold.why_not_lifted(held)
    lines.append(f"it stays: {problem}" if problem else "a person may lift it: hold lift --reason")
    return 1, "\n".join(lines)


async def _begin_hold(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    """Begin a hold after a restore by the database's own tools."""
    if not arguments.backup_at or not arguments.reason.strip():
        return 2, "--backup-at and --reason are needed"
    at = datetime.fromisoformat(arguments.backup_at)
    await runtime.store.write(after_restore_hold.begin_hold, arguments.reason, at, arguments.by)
    return 0, "the shop is in hold"


async def _keys(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    keys = await _through(runtime, members.rewrap_keys)
    keys += await _through(runtime, members.rewrap_kept)
    codes = await runtime.store.write(rewrap_totp)
    hashes = sum([await _through(runtime, each) for each in REHASHING])
    return 0, (
        f"{keys} data keys and {codes} one-time secrets are sealed by the present secret; "
        f"{hashes} rows have new hashes of names and phones"
    )


async def _through(runtime: Runtime, verb: Callable[[int], tuple[int, int, int]]) -> int:
    """Run a verb over all rows of its table, a transaction for each chunk; how many changed."""
    after, done = 0, 0
    while True:
        after, seen, changed = await runtime.store.write(verb, after)
        if not seen:
            return done
        done += changed


async def _menu(runtime: Runtime, arguments: argparse.Namespace) -> Result:
    from bot.menu import current_menu, publish_menu

    if arguments.action == "publish":
        await publish_menu(runtime.store, runtime.wechat.menu, runtime.config.public_url)
        return 0, "the menu is published; phones show it within five minutes"
    shown = await current_menu(runtime.wechat.menu)
    return 0, json.dumps(shown, ensure_ascii=False, indent=2)


COMMANDS: dict[str, Runner] = {
    "doctor": _doctor,
    "clock": _clock,
    "admin": _admin,
    "menu": _menu,
    "reconcile": _reconcile,
    "backup": _backup,
    "hold": _hold,
    "keys": _keys,
}


async def _ask_server(config: Config, arguments: argparse.Namespace) -> Result:
    body = json.dumps({"at": int(time.time()), "arguments": _plain(arguments)})
    signed = Vault.from_secret(config.secret_key).sign("command", body)
    url = f"http://{config.http.private_host}:{config.http.private_port}/command"
    limit = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
    session = aiohttp.ClientSession(timeout=limit)
    async with session, session.post(url, data=signed) as response:
        answer = await response.json()
    return int(answer["status"]), str(answer["text"])


def _unheard(config: Config) -> str:
    where = f"{config.http.private_host}:{config.http.private_port}"
    return (
        f"a server holds the database but does not answer at {where}:\n"
        "run this command with the FENMALL_PRIVATE_PORT that the server was started with\n"
    )


def _plain(arguments: argparse.Namespace) -> dict[str, Any]:
    kept = {k: v for k, v in vars(arguments).items() if k != "config"}
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in kept.items()}


async def serve_command(runtime: Runtime, signed: str) -> web.Response:
    """Handle ``POST /command`` on the private port: a signed command, at most a minute old.

    Raises Invalid('signature_bad').
    """
    from kernel.crypto import vault

    body = json.loads(vault().verify("command", signed))
    if abs(time.time() - body["at"]) > FRESH_SECONDS:
        return web.json_response({"status": 2, "text": "that command is too old"}, status=403)
    arguments = argparse.Namespace(**body["arguments"])
    status, text = await perform(runtime, arguments)
    return web.json_response({"status": status, "text": text})
