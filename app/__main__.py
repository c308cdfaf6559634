"""``python -m app …``: one command line for everything an operator does."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from app import commands, processes
from kernel.config import Config, ConfigError, load

PROCESSES = {
    "serve": "the web process; on SQLite it also runs the worker",
    "worker": "the worker: outbox and periodic jobs",
    "demo": "a demo shop with a simulated WeChat on this machine",
    "migrate": "bring the database up to date",
    "seed": "fill an empty database with the demo shop",
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    top.add_argument("--config", type=Path, default=Path("config.yaml"))
    subs = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in PROCESSES.items():
        subs.add_parser(name, help=text)
    commands.add_parsers(subs)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; answers the exit status."""
    arguments = parser().parse_args(argv)
    if arguments.command == "demo":
        return processes.demo(arguments.config)
    try:
        config: Config = load(arguments.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments.command in PROCESSES:
        return processes.run(arguments.command, config)
    return asyncio.run(commands.run(config, arguments))


if __name__ == "__main__":
    sys.exit(main())
