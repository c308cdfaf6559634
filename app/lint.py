"""``python -m app lint``: judges texts as the pages do, without server or database."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from app.lines import inputs
from domain.lint import lint, verdict
from kernel import catalogues


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict for each text; status 1 if a text given as an argument was refused."""
    refused = False
    for text in inputs(arguments, sys.stdin.buffer):
        answer = judged(text)
        refused = refused or answer["verdict"] == "refused"
        line = json.dumps(answer, ensure_ascii=False) if arguments.json else _words(text)
        sys.stdout.buffer.write(f"{line}\n".encode())
        sys.stdout.buffer.flush()
    return 1 if refused and not arguments.lines else 0


def judged(text: str) -> dict[str, Any]:
    """``{"verdict": "refused", "grounds": ["absolute"], "words": ["最佳"]}``.

    No evidence is on file here: a claim that needs evidence is answered ``evidence``.
    """
    found = [each for each in lint(text) if each.severity != "warn"]
    return {
        "verdict": verdict(found),
        "grounds": list(dict.fromkeys(each.kind for each in found)),
        "words": list(dict.fromkeys(each.word for each in found)),
    }


def _words(text: str) -> str:
    why = catalogues.of("shared").names("lint.why")
    found = [f"“{each.word}”：{why[each.why]}" for each in lint(text)]
    return "；".join(found) or "ok"
