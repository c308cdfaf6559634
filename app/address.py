"""``python -m app address``: reads pasted addresses as the pages do, without a server."""

from __future__ import annotations

import argparse
import json
import sys

from app.lines import inputs
from domain.regions import recognise


def run(arguments: argparse.Namespace) -> int:
    """Print what each text says; status 1 if a text given as an argument says nothing."""
    is_empty = False
    for text in inputs(arguments, sys.stdin.buffer):
        answer = read(text)
        is_empty = is_empty or not any(answer.values())
        if arguments.json:
            line = json.dumps(answer, ensure_ascii=False)
        else:
            line = " ".join(part for part in answer.values() if part)
        sys.stdout.buffer.write(f"{line}\n".encode())
        sys.stdout.buffer.flush()
    return 1 if is_empty and not arguments.lines else 0


def read(text: str) -> dict[str, str | None]:
    """Name, phone, province, city, district, adcode and detail; None where not said."""
    found = recognise(text)
    region = found.region
    return {
        "name": found.name or None,
        "phone": found.phone or None,
        "province": (region and region.province) or None,
        "city": (region and region.city) or None,
        "district": (region and region.district) or None,
        "adcode": (region and region.code) or None,
        "detail": found.detail or None,
    }
