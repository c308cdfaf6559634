"""Files below the uploads folder: written atomically, named by their content's hash."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from kernel.pictures import picture_path

WIDTHS = (375, 750, 1125)
_PICTURE_ID = re.compile(r"[0-9a-f]{64}")
_SIZE_IN_NAME = re.compile(r"-(\d+)\.jpg$")


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file atomically: into a temporary file beside it, which is then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class PictureFiles:
    """The versions of stored pictures: ``{id[:2]}/{id}-{width}.{ext}`` below the root."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def path(self, picture_id: str, width: int, ext: str) -> Path:
        """The path of a version, whether or not it exists. Raises ValueError for a bad id."""
        if not _PICTURE_ID.fullmatch(picture_id):
            raise ValueError("a picture id is 64 lower-case hex digits")
        return self.root / picture_path(picture_id, width, ext)

    def best(self, picture_id: str, wanted_width: int) -> Path | None:
        """The smallest JPEG version of at least this width, else the widest one, else None."""
        folder = self.path(picture_id, 0, "jpg").parent
        found: dict[int, Path] = {}
        for path in folder.glob(f"{picture_id}-*.jpg"):
            if match := _SIZE_IN_NAME.search(path.name):
                found[int(match[1])] = path
        if not found:
            return None
        enough = [width for width in found if width >= wanted_width]
        return found[min(enough) if enough else max(found)]

    def versions(self, picture_id: str) -> list[Path]:
        """The existing versions of a picture."""
        folder = self.path(picture_id, 0, "jpg").parent
        return sorted(folder.glob(f"{picture_id}-*"))


class PosterFiles:
    """The cache of drawn posters (海报缓存), limited in size; it may be deleted at any time."""

    def __init__(self, folder: Path | str, *, max_bytes: int = 512 * 1024 * 1024) -> None:
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        self._written = 0
        self._lock = threading.Lock()

    def _path(self, key: str) -> Path:
        if not _PICTURE_ID.fullmatch(key):
            raise ValueError("a poster key is 64 lower-case hex digits")
        return self.folder / key[:2] / f"{key}.jpg"

    def get(self, key: str) -> bytes | None:
        """A cached poster or None; reading it marks it as recently used."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        return data

    def put(self, key: str, data: bytes) -> None:
        """Store a poster; each time 1/16 of the limit was written, ``clean`` runs."""
        write_atomic(self._path(key), data)
        with self._lock:
            self._written += len(data)
            due = self._written * 16 >= self.max_bytes
            if due:
                self._written = 0
        if due:
            self.clean()

    def remove(self, keys: Iterable[str]) -> None:
        """Delete these posters; missing ones are ignored."""
        for key in keys:
            self._path(key).unlink(missing_ok=True)

    def clean(self) -> int:
        """Delete the least recently used posters beyond the limit; returns how many."""
        posters = []
        for path in self.folder.glob("*/*.jpg"):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue  # deleted by another process
            posters.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in posters)
        dropped = 0
        for _, size, path in sorted(posters):
            if total <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
            dropped += 1
        return dropped
