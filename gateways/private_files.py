"""Private files (私密文件): encrypted by the caller, randomly named, never served by URL.

They are stored beside the pictures, below the uploads folder, so that one backup holds both. Only
the folder of pictures is served.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from gateways.pictures.store import write_atomic
from kernel import clock

_NAME = re.compile(r"[0-9a-f]{32}")
ONLY_MINE = 0o600


class PrivateFiles:
    """Stores encrypted files; callers check who may read them."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    async def put(self, sealed: bytes) -> str:
        """Store a file atomically; returns its name."""
        name = secrets.token_hex(16)
        await asyncio.to_thread(write_atomic, self._path(name), sealed, ONLY_MINE)
        return name

    async def take_in(self, whole: Path) -> str:
        """Move a file here that was written elsewhere; answers its name."""
        name = secrets.token_hex(16)
        await asyncio.to_thread(self._take_in, whole, self._path(name))
        return name

    def path(self, name: str) -> Path | None:
        """Where a file lies, to answer with it in pieces; None if there is none of that name."""
        found = self._path(name) if _NAME.fullmatch(name) else None
        return found if found is not None and found.is_file() else None

    async def get(self, name: str) -> bytes | None:
        """The bytes of a file; None if there is none of that name."""
        return await asyncio.to_thread(self._read, name)

    async def remove(self, names: Iterable[str]) -> None:
        """Delete files; missing ones are ignored."""
        await asyncio.to_thread(self._unlink, list(names))

    async def names(self, older_than_seconds: float) -> list[str]:
        """The names of files last written longer ago than this, by the system's clock."""
        return await asyncio.to_thread(
            self._names, clock.system_now().timestamp() - older_than_seconds
        )

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a private file's name is 32 lower-case hex digits")
        return self.root / name[:2] / name

    def _take_in(self, whole: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        whole.chmod(ONLY_MINE)
        shutil.move(whole, target)

    def _read(self, name: str) -> bytes | None:
        if not _NAME.fullmatch(name):
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _unlink(self, names: list[str]) -> None:
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _names(self, before: float) -> list[str]:
        found = []
        for path in self.root.glob("??/*"):
            try:
                is_old = path.stat().st_mtime <= before
            except FileNotFoundError:
                continue  # deleted by another process
            if is_old and _NAME.fullmatch(path.name):
                found.append(path.name)
        return sorted(found)
