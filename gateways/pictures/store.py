"""Files below the uploads root: written whole or not at all, named by what is in them."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from pathlib import Path

from kernel.pictures import picture_path

WIDTHS = (375, 750, 1125)
_PICTURE_ID = re.compile(r"[0-9a-f]{64}")
_SIZE_IN_NAME = re.compile(r"-(\d+)\.jpg$")


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """A reader sees the whole file or none: written beside its place, then renamed into it."""
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
    """The versions of taken-in pictures: ``{id[:2]}/{id}-{width}.{ext}`` below the root."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def path(self, picture_id: str, width: int, ext: str) -> Path:
        """Where a version lives, whether or not it is there."""
        if not _PICTURE_ID.fullmatch(picture_id):
            raise ValueError("a picture id is 64 lower-case hex digits")
        return self.root / picture_path(picture_id, width, ext)

    def best(self, picture_id: str, wanted_width: int) -> Path | None:
        """The smallest JPEG version at least so wide, else the widest one, else nothing."""
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
        """Every version of a picture that is there."""
        folder = self.path(picture_id, 0, "jpg").parent
        return sorted(folder.glob(f"{picture_id}-*"))


class PosterFiles:
    """Posters that were drawn (海报缓存): may be lost at any time, never outgrow their folder."""

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
        """The poster, if it is still here; asking for it makes it young again."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep a poster; every sixteenth of the limit written, the folder is cut to its size."""
        write_atomic(self._path(key), data)
        with self._lock:
            self._written += len(data)
            due = self._written * 16 >= self.max_bytes
            if due:
                self._written = 0
        if due:
            self.clean()

    def clean(self) -> int:
        """Drop the posters asked for longest ago until the folder fits; says how many went."""
        posters = []
        for path in self.folder.glob("*/*.jpg"):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue  # another process cleans too
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
