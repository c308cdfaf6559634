"""Draws the demo's pictures once for all runs, because every test shows the same ones.

They are kept below ``.pytest_cache``, until the code that draws them changes.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path

import PIL

from gateways.pictures.images import ImageStore
from kernel.pictures import StoredPicture
from tests.harness.kept import ROOT, folder_for, keep

DRAWING = ROOT / "gateways" / "pictures"

Drawn = tuple[StoredPicture, dict[Path, bytes]]
_drawn: dict[str, Drawn] = {}


def drawn_once(store: ImageStore, root: Path) -> Callable[[bytes], StoredPicture]:
    """Replaces ``store.save``: a picture is drawn once, and later only its files are written."""

    def save(data: bytes) -> StoredPicture:
        key = hashlib.sha256(data).hexdigest()
        known = _drawn.get(key) or _drawn_before(key)
        if known is None:
            stored = ImageStore.save(store, data)
            files = {p.relative_to(root): p.read_bytes() for p in store.files.versions(stored.id)}
            _drawn[key] = (stored, files)
            keep(_folder() / key, pickle.dumps(_drawn[key]))
            return stored
        _drawn[key] = known
        stored, files = known
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return stored

    return save


def _drawn_before(key: str) -> Drawn | None:
    """What another worker or an earlier run has drawn with the same code."""
    file = _folder() / key
    if not file.exists():
        return None
    drawn: Drawn = pickle.loads(file.read_bytes())
    return drawn


@cache
def _folder() -> Path:
    code = [path.read_bytes() for path in sorted(DRAWING.glob("*.py"))]
    return folder_for("pictures", PIL.__version__.encode(), *code)
