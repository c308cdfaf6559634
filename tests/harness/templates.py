"""Compiles templates once per worker, although every application makes its own environment."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from kernel.web import templates


class InMemory(BytecodeCache):
    """Keeps compiled templates by name and by a checksum of their source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load what an earlier environment compiled; the bucket refuses code of another source."""
        if found := self._kept.get(bucket.key):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template for the next environment."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> Iterator[None]:
    """Without this, half of a face test's time is spent on compiling the same templates."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.partial(Environment, bytecode_cache=InMemory())
        patch.setattr(templates, "Environment", once)
        yield
