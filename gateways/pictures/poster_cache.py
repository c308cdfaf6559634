"""Serves posters from the cache or draws them; concurrent requests for one poster draw it once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.distribution.ports import PosterSpec
from gateways.pictures.store import PosterFiles

if TYPE_CHECKING:
    from gateways.pictures.poster import PosterArtist


class PosterCache:
    """Implements ``PosterPainter`` (推广海报) with a file cache."""

    def __init__(
        self,
        uploads: Path | str,
        posters: Path | str,
        *,
        max_bytes: int = 512 * 1024 * 1024,
        executor: Executor | None = None,
    ) -> None:
        self._uploads = uploads
        self._files = PosterFiles(posters, max_bytes=max_bytes)
        self._executor = executor
        self._drawing: dict[str, asyncio.Task[bytes]] = {}

    @cached_property
    def _artist(self) -> PosterArtist:
        """Created for the first poster, because Pillow and the fonts take 20 MB."""
        from gateways.pictures.poster import PosterArtist

        return PosterArtist(self._uploads)

    def content_key(self, spec: PosterSpec) -> str:
        """The cache key of a poster; equal keys mean equal pictures."""
        return self._artist.content_key(spec)

    async def paint(self, spec: PosterSpec) -> bytes:
        """A poster as JPEG; cancelling one caller does not cancel it for the others."""
        key = self.content_key(spec)
        task = self._drawing.get(key)
        if task is None:
            task = asyncio.create_task(self._found_or_drawn(key, spec))
            self._drawing[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def forget(self, names: Iterable[str]) -> None:
        """Delete these posters' files."""
        await asyncio.to_thread(self._files.remove, list(names))

    def _finished(self, key: str, task: asyncio.Task[bytes]) -> None:
        self._drawing.pop(key, None)
        if not task.cancelled():
            task.exception()  # marks it as retrieved: asyncio logs it otherwise if no caller waits

    async def _found_or_drawn(self, key: str, spec: PosterSpec) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._work, key, spec)

    def _work(self, key: str, spec: PosterSpec) -> bytes:
        found = self._files.get(key)
        if found is None:
            found = self._artist.draw(spec)
            self._files.put(key, found)
        return found
