"""The audit of dependencies: it fails on a known vulnerability and names unexamined packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEAK = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-2019-217"}]}
FINE = {"name": "yarl", "version": "1.20", "vulns": []}
SKIPPED = {"name": "peewee", "skip_reason": "Dependency not found on PyPI"}


def audit(folder: Path, found: list[Any] | None, error: str, status: int) -> tuple[int, str]:
    """Run the script with a ``pip-audit`` of this result; answers its status and output."""
    tools = folder / "bin"
    tools.mkdir()
    (folder / "answer").write_text(json.dumps({"dependencies": found}) if found else "")
    (folder / "error").write_text(error)
    scripts = {
        "python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
        "pip-audit": (
            '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --output ] && out=$2; shift; done\n'
            f'cat "{folder}/answer" >"$out"\ncat "{folder}/error" >&2\nexit {status}\n'
        ),
    }
    for name, text in scripts.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    ran = subprocess.run(
        ["sh", "scripts/audit.sh", str(folder)], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(
    ("found", "error", "status", "expected", "says"),
    [
        ([WEAK, FINE], "Found 1 known vulnerability", 1, 1, "jinja2 2.10 has PYSEC-2019-217"),
        ([WEAK, SKIPPED], "", 1, 1, "1 of 2 could not be examined"),
        ([FINE], "No known vulnerabilities found", 0, 0, "no known vulnerabilities in 1 packages"),
        ([SKIPPED], "No known vulnerabilities found", 0, 0, "1 of 1 could not be examined"),
        (None, "ConnectionError: Max retries exceeded", 1, 0, "can't be reached"),
        (None, "requirement file contains invalid specifier", 1, 1, "invalid specifier"),
    ],
)
def test_the_audit_says_what_it_found(
    tmp_path: Path, found: list[Any] | None, error: str, status: int, expected: int, says: str
) -> None:
    """A registry without advisories was once reported as if it had found none."""
    code, printed = audit(tmp_path, found, error, status)
    assert code == expected
    assert says in printed
    assert ("no known" in printed) == (says[:8] == "no known")
