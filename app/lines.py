"""Texts given to a command: as arguments, and one a line on stdin."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable, Iterator
from typing import Any, TextIO


def inputs(arguments: argparse.Namespace, stdin: Any) -> Iterator[str]:
    """``arguments.texts``, then with ``--lines`` each line of ``stdin``."""
    yield from arguments.texts
    if arguments.lines:
        yield from _lines(io.TextIOWrapper(stdin, "utf-8", errors="replace", newline="\n"))


def _lines(source: TextIO | Iterable[str]) -> Iterator[str]:
    """Split at line feeds only, since pasted texts may contain other line breaks."""
    for number, line in enumerate(source):
        text = line.removesuffix("\n").removesuffix("\r")
        yield text.removeprefix("\ufeff") if number == 0 else text
