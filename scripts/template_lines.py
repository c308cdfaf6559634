"""Finds lines of templates over 120 characters: ``python -m scripts.template_lines``."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST = 120


def over_long() -> list[str]:
    """The places of lines that are too long."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.suffix in {".html", ".txt"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MOST
    ]


if __name__ == "__main__":
    sys.exit("\n".join(over_long()) or None)
