"""``python -m app money``: parses amounts as the shop does, without server or database."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from kernel import typed
from kernel.errors import Invalid
from kernel.money import yuan
from kernel.web.texts import Texts

TEXTS = Texts()
_READERS = {
    "amount": ("fen", typed.amount),
    "rate": ("bp", typed.rate),
    "count": ("count", typed.count),
}


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each text; status 1 if a text given as an argument was refused."""
    found = (understood(text, arguments.kind) for text in _inputs(arguments, sys.stdin.buffer))
    refused = False
    for answer in found:
        refused = refused or "error" in answer
        line = json.dumps(answer, ensure_ascii=False) if arguments.json else _words(answer)
        sys.stdout.buffer.write(f"{line}\n".encode())
        sys.stdout.buffer.flush()
    return 1 if refused and not arguments.lines else 0


def understood(text: str, kind: str = "amount") -> dict[str, Any]:
    """``{"fen": 123450}``, or ``{"error": code, "message": what to do}``."""
    name, reader = _READERS[kind]
    try:
        return {name: reader(text)}
    except Invalid as error:
        return {"error": error.code, "message": TEXTS.of(error)}


def _inputs(arguments: argparse.Namespace, stdin: Any) -> Iterator[str]:
    yield from arguments.texts
    if arguments.lines:
        yield from _lines(io.TextIOWrapper(stdin, "utf-8", errors="replace", newline="\n"))


def _lines(source: TextIO | Iterable[str]) -> Iterator[str]:
    """Split at line feeds only, since pasted texts may contain other line breaks."""
    for number, line in enumerate(source):
        text = line.removesuffix("\n").removesuffix("\r")
        yield text.removeprefix("\ufeff") if number == 0 else text


def _words(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"{answer['error']}: {answer['message']}"
    if "fen" in answer:
        return f"¥{yuan(answer['fen'])}"
    return f"{yuan(answer['bp'])}%" if "bp" in answer else str(answer["count"])
