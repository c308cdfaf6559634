"""``python -m app money``: parses amounts as the shop does, without server or database."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from app.lines import inputs
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
    found = (understood(text, arguments.kind) for text in inputs(arguments, sys.stdin.buffer))
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


def _words(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"{answer['error']}: {answer['message']}"
    if "fen" in answer:
        return f"¥{yuan(answer['fen'])}"
    return f"{yuan(answer['bp'])}%" if "bp" in answer else str(answer["count"])
