"""The bytes of media files: in memory, or in a folder beside the state file."""

from __future__ import annotations

from pathlib import Path


class Files:
    """Stores bytes under an id."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        if self._folder is None:
            self._memory[key] = data
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / key).write_bytes(data)

    def get(self, key: str) -> bytes | None:
        """The bytes, or None if nothing is stored under the id."""
        if self._folder is None:
            return self._memory.get(key)
        path = self._folder / key
        return path.read_bytes() if path.is_file() else None

    def clear(self) -> None:
        """Delete all files."""
        self._memory.clear()
        if self._folder is not None and self._folder.is_dir():
            for path in self._folder.iterdir():
                path.unlink()
