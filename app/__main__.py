"""``python -m app …``: one command line for everything an operator does."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Iterator

from app.arguments import PROCESSES, parser
from kernel.config import Config, ConfigError, load
from kernel.drivers import leave_out_other_drivers


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status.

    The rest is imported only after the configuration was read, so that the drivers of other
    database engines are not loaded.
    """
    arguments = parser().parse_args(argv)
    if arguments.command == "money":
        from app import money

        return money.run(arguments)
    if arguments.command == "lint":
        from app import lint

        return lint.run(arguments)
    if arguments.command == "address":
        from app import address

        return address.run(arguments)
    if arguments.command == "chat":
        from app import chat

        return chat.run(arguments)
    if arguments.command == "doctor" and arguments.what == "production":
        from app.production import print_doctor

        return print_doctor(arguments.config)
    if arguments.command == "demo":
        from app import processes

        return processes.demo(arguments.config, arguments.days)
    try:
        config: Config = load(arguments.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    leave_out_other_drivers(config.database)
    if arguments.command in PROCESSES:
        with imports_spared():
            from app import processes
        return processes.run(arguments.command, config)
    from app import commands

    return asyncio.run(commands.run(config, arguments))


@contextlib.contextmanager
def imports_spared() -> Iterator[None]:
    """Imports without garbage collection: what they make lives as long as the process.

    Python would search it 280 times, which took 8 % of the start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
