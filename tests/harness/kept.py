"""Files that later runs of the tests use again, below ``.pytest_cache``."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache" / "kept"


def folder_for(kind: str, *made_by: bytes) -> Path:
    """The folder of what this code makes; those of other code are removed."""
    code = hashlib.sha256()
    for part in made_by:
        code.update(hashlib.sha256(part).digest())
    folder = KEPT / kind / code.hexdigest()[:20]
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.parent.iterdir():
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def keep(file: Path, content: bytes) -> None:
    """Write a file at once for all workers."""
    begun = file.with_name(f"{file.name}.{os.getpid()}")
    begun.parent.mkdir(parents=True, exist_ok=True)
    begun.write_bytes(content)
    begun.replace(file)
