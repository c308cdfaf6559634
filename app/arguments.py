"""The arguments of the command line. Imports nothing of the shop."""

from __future__ import annotations

import argparse
import getpass
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kernel.text import clean_line

DESCRIPTION = "one command line for everything an operator does"
MONEY = ("amount", "count", "rate")
OPERATOR = "operator:"
DEMO_DAYS = 182
"""A new demo shop has traded for half a year."""
PROCESSES = {
    "serve": "the web process; on SQLite it also runs the worker",
    "worker": "the worker: outbox and periodic jobs",
    "demo": "a demo shop with a simulated WeChat on this machine",
    "migrate": "bring the database up to date",
    "seed": "fill an empty database with the demo shop",
}


def operator(name: str = "") -> str:
    """The actor of a command, for the audit log: ``operator:`` and a name.

    The name is the given one or the account of the operating system, never a staff login.
    """
    said = clean_line(name).removeprefix(OPERATOR) or getpass.getuser()
    return f"{OPERATOR}{said}"[:64]


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m app", description=DESCRIPTION)
    top.add_argument("--config", type=Path, default=Path("config.yaml"))
    top.set_defaults(by=operator())
    subs = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in PROCESSES.items():
        process = subs.add_parser(name, help=text)
        if name == "demo":
            past = "days of trade that a new demo shop has behind it, 0 to 365"
            process.add_argument("--days", type=_days, default=DEMO_DAYS, help=past)
    _add_commands(subs)
    return top


def _add_commands(subs: Any) -> None:
    doctor = subs.add_parser(
        "doctor",
        help="book, orders, stock, days, pushes, offers, pickups, WeChat, production, legal, "
        "people, identity, claims, names",
    )
    examined = [
        "ledger",
        "orders",
        "stock",
        "days",
        "pushes",
        "wechat",
        "production",
        "names",
        "offers",
        "pickups",
        "legal",
        "people",
        "identity",
        "claims",
    ]
    doctor.add_argument("what", nargs="?", choices=examined, default="ledger")
    doctor.add_argument("--review", action="store_true", help="names: put them to review")
    doctor.add_argument("--full", action="store_true", help="ledger: sealed days, too")
    clock = subs.add_parser("clock", help="show or move business time (demo and test only)")
    clock.add_argument("move", nargs="?", help="+15d, -1h, or 0 to set it right")
    staff = subs.add_parser("admin", help="staff accounts")
    staff.add_argument("action", choices=["create-user", "code"])
    staff.add_argument("login")
    staff.add_argument("--name", default="", type=clean_line)
    staff.add_argument("--role", action="append", default=[])
    reconcile = subs.add_parser("reconcile", help="compare the book with WeChat's bills")
    reconcile.add_argument("--since", type=date.fromisoformat, help="YYYY-MM-DD; else yesterday")
    menu = subs.add_parser("menu", help="the account's menu")
    menu.add_argument("action", choices=["publish", "show"])
    for name, text in (("backup", "write a backup"), ("restore", "fill an empty database")):
        copy = subs.add_parser(name, help=text)
        copy.add_argument("file", type=os.path.abspath)
    hold = subs.add_parser("hold", help="the hold after a restore")
    hold.add_argument("action", nargs="?", choices=["show", "begin", "lift"], default="show")
    hold.add_argument("--backup-at", type=_instant, help="how far a restored book goes, ISO 8601")
    hold.add_argument("--reason", default="", type=clean_line)
    hold.add_argument("--by", default=operator(), type=operator)
    keys = subs.add_parser("keys", help="rewrap data keys after secret_key was changed")
    keys.add_argument("action", choices=["rotate"])
    money = subs.add_parser("money", help="read amounts as the pages do; needs no server")
    money.add_argument("texts", nargs="*", help="what was typed, one amount each")
    money.add_argument("--lines", action="store_true", help="read one amount a line from stdin")
    money.add_argument("--json", action="store_true", help="answer one JSON object a line")
    money.add_argument("--as", dest="kind", choices=MONEY, default="amount")
    lint = subs.add_parser("lint", help="judge texts as the pages do; needs no server")
    lint.add_argument("texts", nargs="*", help="texts that others would read")
    lint.add_argument("--lines", action="store_true", help="read one text a line from stdin")
    lint.add_argument("--json", action="store_true", help="answer one JSON object a line")
    address = subs.add_parser("address", help="read pasted addresses; needs no server")
    address.add_argument("texts", nargs="*", help="what was pasted, one address each")
    address.add_argument("--lines", action="store_true", help="read one address a line from stdin")
    address.add_argument("--json", action="store_true", help="answer one JSON object a line")
    chat = subs.add_parser("chat", help="what the chat understands and answers; sends nothing")
    chat.add_argument("texts", nargs="*", help="what a person says, one sentence each")
    chat.add_argument("--lines", action="store_true", help="read one sentence a line from stdin")
    chat.add_argument("--json", action="store_true", help="answer one JSON object a line")
    chat.add_argument("--as", dest="member", type=int, default=0, help="id of the member who asks")


def _days(text: str) -> int:
    """A number of days, up to a year."""
    if not text.isdecimal() or len(text) > 3 or int(text) > 365:
        raise argparse.ArgumentTypeError("0 to 365")
    return int(text)


def _instant(text: str) -> str:
    """An ISO 8601 instant with a zone; kept as text, since commands are sent as JSON."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("give the zone, too: 2026-11-22T03:30+08:00")
    return at.isoformat()
